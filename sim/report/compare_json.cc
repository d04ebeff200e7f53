// A comparison as JSON and CSV: numbers as numbers, units in names, the same names in both.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "sim/report/compare.h"
#include "sim/report/json.h"
#include "sim/report/words.h"
#include "sim/scenario/checked_workload.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

namespace json = boost::json;

// Nine digits: more than any sample knows, fewer than where compilers differ.
json::value number(double value) {
  if (!std::isfinite(value)) {
    return nullptr;
  }
  return std::stod(fmt::format("{:.9g}", value));
}

json::value interval_json(const std::optional<Interval>& interval) {
  return interval ? json::value{number(interval->low), number(interval->high)} : nullptr;
}

json::object share_json(std::uint64_t runs, std::uint64_t of) {
  return {
      {"runs", runs},
      {"share", of == 0 ? nullptr : number(static_cast<double>(runs) / static_cast<double>(of))},
      {"interval", interval_json(clopper_pearson(runs, of))}};
}

// Of a value that has one: under `name`, and its interval under `name`_interval.
void add(json::object& object, std::string_view name, const std::optional<Estimate>& estimate) {
  object[name] = estimate ? number(estimate->value) : nullptr;
  object[std::string(name) + "_interval"] =
      estimate ? interval_json(estimate->interval) : json::value(nullptr);
}

json::object anomalies_json(const Tally& tally) {
  json::object all;
  for (std::size_t i = 0; i < run_anomaly_kinds; ++i) {
    const auto anomaly = static_cast<RunAnomaly>(i);
    json::object one = share_json(tally.runs_with[i], tally.runs);
    if (i < anomaly_kinds) {  // the others concern whole runs
      const std::optional<Estimate> share = tally.estimate(static_cast<Measure>(i));
      add(one, "per_operation", share);
    }
    all[name_of(anomaly)] = std::move(one);
  }
  return all;
}

json::object latency_json(const Histogram& latency) {
  json::object all;
  const std::pair<std::string_view, std::uint32_t> ranks[] = {
      {"p50", 500}, {"p90", 900}, {"p99", 990}, {"p99_9", 999}};
  for (const auto& [name, rank] : ranks) {
    const std::optional<Duration> span = latency.percentile(rank);
    all[name] = span ? json::value(span->microseconds) : nullptr;
  }
  all["max"] = latency.count() == 0 ? nullptr : json::value(latency.max().microseconds);
  return all;
}

json::object told_json(const Tally& tally) {
  constexpr std::string_view names[] = {"ok", "failed", "unknown"};
  json::object told;
  for (std::size_t i = 0; i < 3; ++i) {
    told[names[i]] =
        json::object{{"0", tally.told[i][0]}, {"1", tally.told[i][1]}, {"2+", tally.told[i][2]}};
  }
  return told;
}

// Measures that only a ledger gives.
bool is_of_ledger(const MeasureDescription& description) {
  return static_cast<std::size_t>(description.measure) < anomaly_kinds;
}

// Of endpoints in SQL, whose operations are explained together or not at all.
json::object script_told_json(const Tally& tally) {
  return {{"ok", tally.told[static_cast<std::size_t>(Told::ok)][1]},
          {"refused", tally.refused},
          {"failed", tally.told[static_cast<std::size_t>(Told::failed)][0]},
          {"unknown", tally.told[static_cast<std::size_t>(Told::unknown)][0]}};
}

json::object script_anomalies_json(const Tally& tally) {
  json::object all;
  for (const RunAnomaly anomaly : {RunAnomaly::stuck, RunAnomaly::invariant_broken}) {
    all[name_of(anomaly)] =
        share_json(tally.runs_with[static_cast<std::size_t>(anomaly)], tally.runs);
  }
  return all;
}

// Against the point's first strategy, run by run.
json::object difference_json(const Tally& tally, const Tally& reference, const SweepCell& to) {
  json::object all{{"to", to.name}};
  for (const Measure measure : {Measure::goodput, Measure::latency, Measure::attempts,
                                Measure::statements, Measure::lost_updates, Measure::duplicates}) {
    if (!to.scripts || !is_of_ledger(description_of(measure))) {
      add(all, description_of(measure).name, tally.difference(measure, reference));
    }
  }
  return all;
}

json::object recovery_json(const CompareReport& report, const SweepCell& cell,
                           const RecoveryTally& recovery) {
  const RecoveryWindows windows = *RecoveryWindows::of(report.plan.points[cell.point].settings);
  json::object all = share_json(recovery.recovered, recovery.runs);
  all["stuck_runs"] = recovery.stuck();
  all["down_before_runs"] = recovery.down_before;
  all["stuck_seed"] =
      recovery.stuck_seed ? json::value(std::to_string(*recovery.stuck_seed)) : nullptr;
  const auto rate = [&recovery](std::uint64_t count, Duration span) {
    return number(static_cast<double>(count) * 1e6 /
                  (static_cast<double>(recovery.runs) * static_cast<double>(span.microseconds)));
  };
  all["goodput_before_per_second"] =
      rate(recovery.right_before, windows.before.to - windows.before.from);
  all["goodput_after_per_second"] =
      rate(recovery.right_after, windows.after.to - windows.after.from);
  all["slot_ms"] = number(static_cast<double>(windows.slot.microseconds) / 1000);
  json::array issued;
  json::array right;
  for (std::size_t slot = 0; slot < timeline_slots; ++slot) {
    issued.push_back(rate(recovery.issued[slot], windows.slot));
    right.push_back(rate(recovery.right[slot], windows.slot));
  }
  all["issued_per_second"] = std::move(issued);
  all["goodput_per_second"] = std::move(right);
  return all;
}

json::object options_of(const CompareReport& report, const SweepCell& cell) {
  if (!cell.scripts) {
    return options_json(report.experiment(cell));
  }
  json::object options;
  for (const auto& [key, value] : report.plan.points[cell.point].shaped) {
    options[key] = utf8_text(value);
  }
  return options;
}

json::object cell_json(const CompareReport& report, std::size_t place) {
  const SweepCell& cell = report.plan.cells[place];
  const SweepPoint& point = report.plan.points[cell.point];
  const Tally& tally = report.result.tallies[place];
  json::object varied;
  for (const auto& [key, value] : point.varied) {
    varied[key] = value;
  }
  json::object all{
      {"scenario", utf8_text(point.scenario)},
      {"variant", point.variant.empty() ? json::value(nullptr) : json::value(point.variant)},
      {"varied", std::move(varied)},
      {"strategy", cell.name},
      {"options", options_of(report, cell)},
      {"runs", tally.runs},
      {"operations", tally.operations},
      {"events", tally.events},
      {"violated", share_json(tally.violated, tally.runs)},
      {"gave_up", share_json(tally.gave_up, tally.runs)},
      {"anomalies", cell.scripts ? script_anomalies_json(tally) : anomalies_json(tally)},
      {"told", cell.scripts ? script_told_json(tally) : told_json(tally)},
      {"latency_us", latency_json(tally.latency)}};
  for (const MeasureDescription& description : measure_descriptions()) {
    if (!is_of_ledger(description)) {
      add(all, description.name, tally.estimate(description.measure));
    }
  }
  add(all, "protection_share_of_statements", tally.protection_share(Cost::statements));
  add(all, "protection_share_of_latency", tally.protection_share(Cost::latency));
  if (cell.reference != SweepCell::none) {
    all["difference"] = difference_json(tally, report.result.tallies[cell.reference],
                                        report.plan.cells[cell.reference]);
  }
  if (tally.recovery.runs > 0) {
    all["recovery"] = recovery_json(report, cell, tally.recovery);
  }
  all["violating_seed"] =
      tally.violating_seed ? json::value(std::to_string(*tally.violating_seed)) : nullptr;
  all["violating_run"] =
      tally.violating_seed ? json::value(report.run_command(cell, *tally.violating_seed)) : nullptr;
  return all;
}

using Columns = std::vector<std::pair<std::string, json::value>>;

// Single values with their path as their name; an interval is its two ends; a timeline has no place in a line.
void flatten(const json::object& object, const std::string& path, Columns& columns) {
  for (const auto& [key, member] : object) {
    const std::string name = path + std::string(key);
    const bool interval = name.ends_with("interval");
    if (interval) {
      const json::array* ends = member.if_array();
      columns.emplace_back(name + ".low", ends == nullptr ? nullptr : (*ends)[0]);
      columns.emplace_back(name + ".high", ends == nullptr ? nullptr : (*ends)[1]);
    } else if (const json::object* inner = member.if_object()) {
      flatten(*inner, name + '.', columns);
    } else if (!member.is_array()) {
      columns.emplace_back(name, member);
    }
  }
}

}  // namespace

Experiment CompareReport::experiment(const SweepCell& cell) const {
  const SweepPoint& point = plan.points[cell.point];
  Experiment experiment;
  experiment.scenario = point.scenario;
  experiment.fleet = cell.fleet;
  experiment.settings = point.settings;
  experiment.row_names = row_names_of(workloads()[point.settings.workload], point.settings);
  // The later one wins; `run` takes each once.
  const auto set = [&experiment](const std::pair<std::string, std::string>& setting) {
    for (auto& [key, value] : experiment.flags) {
      if (key == setting.first) {
        value = setting.second;
        return;
      }
    }
    experiment.flags.push_back(setting);
  };
  for (const auto* settings : {&point.variant_settings, &flags, &point.varied}) {
    for (const auto& setting : *settings) {
      set(setting);
    }
  }
  return experiment;
}

namespace {

std::string command_of(std::string_view verb, const Experiment& shown) {
  std::string command = fmt::format("racelab {} {} --strategy {}", verb, shell_word(shown.scenario),
                                    shell_word(name_of(shown.fleet)));
  for (const auto& [key, value] : shown.flags) {
    command += flag_text(key, value);
  }
  return command;
}

}  // namespace

std::string CompareReport::run_command(const SweepCell& cell, std::uint64_t seed) const {
  if (cell.scripts) {
    return fmt::format("racelab run{} --strategy {} --seed {}", plan.points[cell.point].files,
                       shell_word(cell.name), seed);
  }
  return command_of("run", experiment(cell)) + fmt::format(" --seed {}", seed);
}

std::string CompareReport::explore_command(const SweepCell& cell) const {
  return command_of("explore", experiment(cell));
}

std::string compare_json(const CompareReport& report) {
  json::array cells;
  for (std::size_t i = 0; i < report.plan.cells.size(); ++i) {
    if (report.plan.cells[i].shown) {
      cells.push_back(cell_json(report, i));
    }
  }
  const json::object all{{"schema", "racelab.compare/1"},
                         {"first_seed", std::to_string(report.plan.first_seed)},
                         {"seeds_asked", report.plan.seeds},
                         {"seeds", report.result.seeds},
                         {"complete", report.result.seeds == report.plan.seeds},
                         {"confidence", 0.95},
                         {"cells", std::move(cells)}};
  std::string text;
  print(text, all, 0);
  return text + '\n';
}

std::string compare_csv(const CompareReport& report) {
  // Cells may have different columns (a trigger, a reference): all that occur, where they first do.
  std::vector<Columns> lines;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < report.plan.cells.size(); ++i) {
    if (!report.plan.cells[i].shown) {
      continue;
    }
    Columns& columns = lines.emplace_back();
    flatten(cell_json(report, i), "", columns);
    for (const auto& [name, value] : columns) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ",") + csv_field(json::value(name));
  }
  text += '\n';
  for (const Columns& columns : lines) {
    std::string line;
    for (const std::string& name : names) {
      const auto place = std::find_if(columns.begin(), columns.end(),
                                      [&name](const auto& column) { return column.first == name; });
      line += (&name == &names.front() ? "" : ",") +
              (place == columns.end() ? "" : csv_field(place->second));
    }
    text += line + '\n';
  }
  return text;
}

}  // namespace racelab
