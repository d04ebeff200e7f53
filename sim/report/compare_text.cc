// A comparison on a page: first which strategy it should be, then what goes wrong, what each costs, how sure that is, and the
// commands that show it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/explore/explore.h"
#include "sim/report/chart.h"
#include "sim/report/compare.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;
constexpr int yellow = 33;
constexpr std::size_t names_width = 34;  // the longest built-in strategy with a protection

// One line of a table or chart: a strategy (of a variant), at every place of the first axis.
struct Row {
  std::string name;
  char letter = 'A';
  std::vector<std::size_t> cells;
};

// What stands on one page: a scenario at one place of all axes but the first.
struct Section {
  std::string scenario;
  std::string fixed;  // "rows=1 latency=2ms": the other axes
  std::string axis;   // empty: nothing is varied
  std::vector<std::string> places;
  std::vector<Row> rows;
};

std::string row_name(const SweepPoint& point, const SweepCell& cell, bool one_strategy) {
  if (point.variant.empty()) {
    return name_of(cell.fleet);
  }
  return one_strategy ? point.variant : point.variant + " " + name_of(cell.fleet);
}

bool has_one_strategy(const CompareReport& report, const std::string& scenario) {
  std::set<std::string> names;
  for (const SweepCell& cell : report.plan.cells) {
    if (cell.shown && report.plan.points[cell.point].scenario == scenario) {
      names.insert(name_of(cell.fleet));
    }
  }
  return names.size() == 1;
}

template <class All, class Key>
auto& entry(All& all, std::string(All::value_type::*name), const Key& key) {
  const auto place =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.*name == key; });
  if (place != all.end()) {
    return *place;
  }
  all.emplace_back();
  all.back().*name = key;
  return all.back();
}

std::vector<Section> sections_of(const CompareReport& report) {
  std::vector<Section> sections;
  for (std::size_t i = 0; i < report.plan.cells.size(); ++i) {
    const SweepCell& cell = report.plan.cells[i];
    if (!cell.shown) {
      continue;
    }
    const SweepPoint& point = report.plan.points[cell.point];
    std::string fixed;
    for (std::size_t axis = 1; axis < point.varied.size(); ++axis) {
      fixed += (fixed.empty() ? "" : " ") + point.varied[axis].first + '=';
      fixed += point.varied[axis].second;
    }
    auto section = std::find_if(sections.begin(), sections.end(), [&](const Section& one) {
      return one.scenario == point.scenario && one.fixed == fixed;
    });
    if (section == sections.end()) {
      section = sections.insert(sections.end(), Section{point.scenario, fixed, "", {}, {}});
    }
    const std::string place = point.varied.empty() ? "" : point.varied.front().second;
    if (std::find(section->places.begin(), section->places.end(), place) == section->places.end()) {
      section->axis = point.varied.empty() ? "" : point.varied.front().first;
      section->places.push_back(place);
    }
    const std::string name = row_name(point, cell, has_one_strategy(report, point.scenario));
    Row& row = entry(section->rows, &Row::name, name);
    row.letter = static_cast<char>('A' + (&row - section->rows.data()) % 26);
    row.cells.push_back(i);
  }
  return sections;
}

class Page {
 public:
  Page(const CompareReport& report, const Section& section, const TextStyle& style)
      : report_(report), section_(section), style_(style) {}

  [[nodiscard]] std::string text() const {
    return section_.places.size() == 1 ? one_place() : several_places();
  }

 private:
  [[nodiscard]] const Tally& tally(const Row& row, std::size_t place = 0) const {
    return report_.result.tallies[row.cells[place]];
  }
  [[nodiscard]] const SweepCell& cell(const Row& row, std::size_t place = 0) const {
    return report_.plan.cells[row.cells[place]];
  }
  [[nodiscard]] const SweepPoint& point(const Row& row, std::size_t place = 0) const {
    return report_.plan.points[cell(row, place).point];
  }

  static double value(const Tally& tally, Measure measure) {
    const std::optional<Estimate> estimate = tally.estimate(measure);
    return estimate ? estimate->value : 0;
  }

  [[nodiscard]] bool is_safe(const Row& row) const {
    return std::all_of(row.cells.begin(), row.cells.end(), [this](std::size_t place) {
      return report_.result.tallies[place].violated == 0 &&
             report_.result.tallies[place].gave_up == 0;
    });
  }

  // The fastest of some rows, by goodput.
  [[nodiscard]] const Row* fastest(const std::vector<const Row*>& rows, std::size_t place) const {
    const Row* best = nullptr;
    for (const Row* row : rows) {
      if (best == nullptr || value(tally(*row, place), Measure::goodput) >
                                 value(tally(*best, place), Measure::goodput)) {
        best = row;
      }
    }
    return best;
  }

  [[nodiscard]] std::vector<const Row*> safe_rows() const {
    std::vector<const Row*> rows;
    for (const Row& row : section_.rows) {
      if (is_safe(row)) {
        rows.push_back(&row);
      }
    }
    return rows;
  }

  [[nodiscard]] std::string runs_text() const { return counted(report_.result.seeds, "run"); }

  static std::string per_second(double value) { return short_number(value) + " right/s"; }

  // ---- the verdict

  [[nodiscard]] std::string verdict() const {
    const std::vector<const Row*> safe = safe_rows();
    if (section_.rows.size() == 1) {
      return verdict_of_one(section_.rows.front());
    }
    if (safe.empty()) {
      return verdict_of_none();
    }
    if (safe.size() == section_.rows.size() && is_of_variants()) {
      return "";  // nothing to choose by safety; the tables say it
    }
    const Row* best = fastest(safe, 0);
    std::string text = fmt::format("{}: nothing went wrong in {}, {}", best->name, runs_text(),
                                   per_second(value(tally(*best), Measure::goodput)));
    if (safe.size() > 1) {
      std::vector<const Row*> others;
      std::copy_if(safe.begin(), safe.end(), std::back_inserter(others),
                   [best](const Row* row) { return row != best; });
      std::sort(others.begin(), others.end(), [this](const Row* a, const Row* b) {
        return value(tally(*a), Measure::goodput) > value(tally(*b), Measure::goodput);
      });
      text += "; also safe, and slower:";
      for (const Row* other : others) {
        text += fmt::format("{} {} ({}/s)", other == others.front() ? "" : ",", other->name,
                            short_number(value(tally(*other), Measure::goodput)));
      }
    }
    return heading("USE", green, text);
  }

  [[nodiscard]] bool is_of_variants() const {
    return !point(section_.rows.front()).variant.empty();
  }

  [[nodiscard]] std::string heading(std::string_view word, int color,
                                    const std::string& text) const {
    std::string lines = labelled(word, text);
    if (style_.color) {
      lines.replace(0, word.size(), colored(word, color, style_));
    }
    return lines;
  }

  [[nodiscard]] std::string verdict_of_one(const Row& row) const {
    const Tally& only = tally(row);
    if (only.violated > 0) {
      return heading("NOT", red,
                     fmt::format("{}: it goes wrong in {} of {}", row.name, grouped(only.violated),
                                 runs_text()));
    }
    if (only.gave_up > 0) {
      return heading("GAVE UP", yellow,
                     fmt::format("{} of {} reached events-max; nothing went wrong in the others",
                                 grouped(only.gave_up), runs_text()));
    }
    return heading("SAFE", green,
                   fmt::format("{}: nothing went wrong in {}, {}", row.name, runs_text(),
                               per_second(value(only, Measure::goodput))));
  }

  [[nodiscard]] std::string verdict_of_none() const {
    const Row* least = nullptr;
    for (const Row& row : section_.rows) {
      if (least == nullptr || tally(row).violated < tally(*least).violated) {
        least = &row;
      }
    }
    std::string text = fmt::format("of these is safe here: even {} goes wrong in {} of {}",
                                   least->name, grouped(tally(*least).violated), runs_text());
    const std::string better = withstanding();
    if (!better.empty()) {
      text += fmt::format("; what withstands it is {}", better);
    }
    return heading("NONE", red, text);
  }

  // The first strategy, bare or with one protection, that claims to withstand all that the scenario threatens.
  [[nodiscard]] std::string withstanding() const {
    const Settings& settings = point(section_.rows.front()).settings;
    const auto claims = [&settings](const Combination& combination) {
      return problem_with(combination, settings).empty() &&
             settings.hazards.within(combination.withstands(settings));
    };
    for (const Strategy& strategy : strategies()) {
      if (claims({&strategy, {}})) {
        return strategy.name;
      }
    }
    for (const Strategy& strategy : strategies()) {
      for (const Protection& protection : protections()) {
        if (claims({&strategy, {&protection}})) {
          return Combination{&strategy, {&protection}}.name();
        }
      }
    }
    return "";
  }

  [[nodiscard]] std::string title() const {
    const std::uint64_t first = report_.plan.first_seed;
    std::string text = section_.scenario + (section_.fixed.empty() ? "" : ", " + section_.fixed);
    if (report_.result.seeds == 0) {
      return text + ": no seed was finished\n";
    }
    text += fmt::format(": {} of each, seeds {} to {}", runs_text(), first,
                        first + report_.result.seeds - 1);
    if (!report_.stopped_by.empty()) {
      text += fmt::format(" of {} asked: ended by {}", grouped(report_.plan.seeds),
                          report_.stopped_by == "interrupt" ? "an interrupt" : report_.stopped_by);
    }
    return labelled("of", text);
  }

  // ---- one place: tables with a line a row

  [[nodiscard]] std::string name_column(const Row& row) const {
    return fmt::format("{:<{}}", row.name, names_width);
  }

  static std::string table_head(std::string_view title,
                                const std::vector<std::pair<std::string, int>>& columns) {
    std::string text = fmt::format("\n{:<{}}", title, names_width);
    for (const auto& [name, width] : columns) {
      text += fmt::format("{:>{}}", name, width);
    }
    return text + '\n';
  }

  // With as many digits as keep it from reading 0 or 100 when it is not.
  static std::string share_text(double share) {
    const double rest = std::min(share, 1 - share);
    if (rest <= 0) {
      return share < 0.5 ? "0 %" : "100 %";
    }
    const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(rest))) - 2, 1, 6);
    return fmt::format("{:.{}f} %", share * 100, digits);
  }

  static std::string interval_text(const Interval& interval) {
    const auto digits = [](double share) {
      const double percent = share * 100;
      return percent == 0 || percent >= 99.995 ? fmt::format("{:.0f}", percent)
             : percent < 1                     ? fmt::format("{:.2g}", percent)
                                               : fmt::format("{:.1f}", percent);
    };
    return digits(interval.low) + " to " + digits(interval.high) + " %";
  }

  [[nodiscard]] std::string wrong_table() const {
    std::string text = table_head("what goes wrong",
                                  {{"runs", 10}, {"95 % interval", 17}, {"lost", 8}, {"twice", 8}});
    for (const Row& row : section_.rows) {
      const Tally& of = tally(row);
      const double share =
          of.runs == 0 ? 0 : static_cast<double>(of.violated) / static_cast<double>(of.runs);
      std::string line = fmt::format("{:>10}{:>17}{:>8}{:>8}", share_text(share),
                                     interval_text(clopper_pearson(of.violated, of.runs)),
                                     share_text(value(of, Measure::lost_updates)),
                                     share_text(value(of, Measure::duplicates)));
      text += name_column(row) +
              (of.violated > 0 ? colored(line, red, style_) : colored(line, green, style_)) + '\n';
      text += other_anomalies(of);
    }
    return text;
  }

  static std::string other_anomalies(const Tally& tally) {
    std::string text;
    const std::pair<RunAnomaly, std::string_view> others[] = {
        {RunAnomaly::false_successes, "told ok, never done"},
        {RunAnomaly::false_failures, "told failed, done"},
        {RunAnomaly::stuck, "stuck"},
        {RunAnomaly::invariant_broken, "the scenario's rule broken"}};
    for (const auto& [anomaly, words] : others) {
      if (const std::uint64_t runs = tally.runs_with[static_cast<std::size_t>(anomaly)]; runs > 0) {
        text += fmt::format("{}{} in {}", text.empty() ? "  " : ", ", words, counted(runs, "run"));
      }
    }
    if (tally.gave_up > 0) {
      text += fmt::format("{}given up in {}", text.empty() ? "  " : ", ",
                          counted(tally.gave_up, "run"));
    }
    return text.empty() ? "" : text + '\n';
  }

  static std::string milliseconds(const std::optional<Duration>& span) {
    return span ? short_number(static_cast<double>(span->microseconds) / 1000) : "-";
  }

  static std::string with_half_width(const std::optional<Estimate>& estimate) {
    if (!estimate) {
      return "-";
    }
    if (!estimate->interval) {
      return short_number(estimate->value);
    }
    return short_number(estimate->value) + " ± " +
           short_number((estimate->interval->high - estimate->interval->low) / 2);
  }

  // Right-aligned by letters, not by bytes: ± is two bytes.
  static std::string right(const std::string& text, std::size_t width) {
    const auto letters =
        static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
          return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        }));
    return std::string(width > letters ? width - letters : 1, ' ') + text;
  }

  [[nodiscard]] std::string speed_table() const {
    std::string text =
        table_head("how fast", {{"right/s", 9},
                                {section_.rows.size() > 1 ? "minus first's" : "", 16},
                                {"p50 ms", 7},
                                {"p99 ms", 7},
                                {"p99.9", 7}});
    for (const Row& row : section_.rows) {
      const Tally& of = tally(row);
      const std::size_t reference = cell(row).reference;
      const std::string difference =
          reference == SweepCell::none
              ? ""
              : with_half_width(of.difference(Measure::goodput, report_.result.tallies[reference]));
      text += name_column(row) + right(short_number(value(of, Measure::goodput)), 9) +
              right(difference, 16) + right(milliseconds(of.latency.percentile(500)), 7) +
              right(milliseconds(of.latency.percentile(990)), 7) +
              right(milliseconds(of.latency.percentile(999)), 7) + '\n';
    }
    return text;
  }

  [[nodiscard]] std::string work_table() const {
    std::string text = table_head(
        "work per operation",
        {{"calls", 7}, {"stmts", 7}, {"wasted", 8}, {"aborts", 8}, {"wait ms", 8}, {"protect", 8}});
    for (const Row& row : section_.rows) {
      const Tally& of = tally(row);
      const std::optional<Estimate> share = of.protection_share(Cost::statements);
      text += name_column(row) + right(short_number(value(of, Measure::attempts)), 7) +
              right(short_number(value(of, Measure::statements)), 7) +
              right(short_number(value(of, Measure::wasted_statements)), 8) +
              right(short_number(value(of, Measure::aborts)), 8) +
              right(short_number(value(of, Measure::lock_wait)), 8) +
              right(share ? fmt::format("{:.0f} %", share->value * 100) : "-", 8) + '\n';
    }
    return text;
  }

  // Where clients are told something else than ok, or calls are turned away.
  [[nodiscard]] std::string answers_table() const {
    const bool needed =
        std::any_of(section_.rows.begin(), section_.rows.end(), [this](const Row& row) {
          const Tally& of = tally(row);
          return value(of, Measure::success) < 1 || of.sums(Measure::shed).x() > 0 ||
                 of.sums(Measure::expired).x() > 0 || of.sums(Measure::queue_wait).x() > 0;
        });
    if (!needed) {
      return "";
    }
    std::string text =
        table_head("answers per operation",
                   {{"told ok", 17}, {"load", 7}, {"shed", 7}, {"dropped", 8}, {"queue ms", 9}});
    for (const Row& row : section_.rows) {
      const Tally& of = tally(row);
      std::optional<Estimate> ok = of.estimate(Measure::success);
      std::string share = ok ? share_text(ok->value) : "-";
      if (ok && ok->interval) {
        share += fmt::format(" ± {:.2g}", (ok->interval->high - ok->interval->low) * 50);
      }
      text += name_column(row) + right(share, 17) +
              right(short_number(value(of, Measure::deliveries)), 7) +
              right(short_number(value(of, Measure::shed)), 7) +
              right(short_number(value(of, Measure::expired)), 8) +
              right(short_number(value(of, Measure::queue_wait)), 9) + '\n';
    }
    return text;
  }

  // What published simulations report: of whole runs.
  [[nodiscard]] std::string whole_run_table() const {
    if (!is_of_variants()) {
      return "";
    }
    std::string text = table_head("a whole run", {{"last event, ms", 23}, {"write calls", 20}});
    for (const Row& row : section_.rows) {
      text += name_column(row) +
              right(with_half_width(tally(row).estimate(Measure::last_event)), 23) +
              right(with_half_width(tally(row).estimate(Measure::write_calls)), 20) + '\n';
    }
    return text;
  }

  // Did goodput come back?
  [[nodiscard]] std::string recovery_text(std::size_t place) const {
    std::string text;
    for (const Row& row : section_.rows) {
      const RecoveryTally& of = tally(row, place).recovery;
      if (of.runs == 0) {
        continue;
      }
      const RecoveryWindows windows = *RecoveryWindows::of(point(row, place).settings);
      const auto rate = [&of](std::uint64_t count, Duration span) {
        return static_cast<double>(count) * 1e6 /
               (static_cast<double>(of.runs) * static_cast<double>(span.microseconds));
      };
      if (text.empty()) {
        text = fmt::format(
            "\ncame back after the spike? (right/s from {} to {}, at least {} % of {} to {})\n",
            time_text(windows.after.from), time_text(windows.after.to), recovered_percent,
            time_text(windows.before.from), time_text(windows.before.to));
      }
      const bool always = of.recovered == of.runs;
      const std::string verdict =
          always ? "RECOVERS  in every run"
                 : fmt::format("METASTABLE  {} of {} never came back",
                               grouped(of.runs - of.recovered), counted(of.runs, "run"));
      text +=
          fmt::format("{}: {} ({}), {} right/s before, {} after\n", row.name,
                      colored(verdict, always ? green : red, style_),
                      interval_text(clopper_pearson(of.runs - of.recovered, of.runs)),
                      short_number(rate(of.right_before, windows.before.to - windows.before.from)),
                      short_number(rate(of.right_after, windows.after.to - windows.after.from)));
      std::vector<double> issued;
      std::vector<double> right_ones;
      double most = 0;
      for (std::size_t slot = 0; slot < timeline_slots; ++slot) {
        issued.push_back(rate(of.issued[slot], windows.slot));
        right_ones.push_back(rate(of.right[slot], windows.slot));
        most = std::max({most, issued.back(), right_ones.back()});
      }
      text += "  asked  " + sparkline(issued, most) + '\n';
      text += "  right  " + sparkline(right_ones, most) + '\n';
    }
    return text;
  }

  // ---- how sure

  [[nodiscard]] std::string sure() const {
    std::string text;
    const std::uint64_t runs = report_.result.seeds;
    const std::vector<const Row*> safe = safe_rows();
    if (!safe.empty() && runs > 0) {
      const double bound = clopper_pearson(0, runs).high * 100;
      // Rounded up: the sentence must stay true.
      const double step = std::pow(10, std::floor(std::log10(bound)) - 1);
      std::string sentence = fmt::format(
          "nothing wrong in {} means in fewer than {:.4g} % of runs, with 95 % "
          "confidence",
          counted(runs, "run"), std::ceil(bound / step) * step);
      text += labelled("sure", sentence + proof(*safe.front()));
    }
    if (runs > 1) {
      text += labelled("",
                       "± is 95 %, from how much runs differ; every strategy met the same seeds, "
                       "so differences are taken seed by seed");
    }
    return text;
  }

  // Where exploring is possible: the way to a proof.
  [[nodiscard]] std::string proof(const Row& row) const {
    const SweepCell& of = cell(row);
    const Settings& settings = point(row).settings;
    if (!settings.hazards.within(of.fleet.front().withstands(settings))) {
      return "; that is no proof";
    }
    return fmt::format("; `racelab explore {} --strategy {}` looks at every order",
                       shell_word(section_.scenario), shell_word(name_of(of.fleet)));
  }

  [[nodiscard]] std::string again() const {
    std::string text;
    for (const Row& row : section_.rows) {
      for (std::size_t place = 0; place < row.cells.size(); ++place) {
        const Tally& of = tally(row, place);
        if (of.violating_seed) {
          text += std::string(text.empty() ? "again   " : "        ") +
                  report_.run_command(cell(row, place), *of.violating_seed) + '\n';
          break;
        }
      }
    }
    return text;
  }

  [[nodiscard]] std::string one_place() const {
    return verdict() + title() + wrong_table() + speed_table() + work_table() + answers_table() +
           whole_run_table() + recovery_text(0) + '\n' + sure() + again();
  }

  // ---- several places: charts over the first axis

  [[nodiscard]] std::string chart(const std::string& title, std::string (*number)(double),
                                  double (*read)(const Tally&)) const {
    Chart chart{title, section_.axis, section_.places, {}, number};
    for (const Row& row : section_.rows) {
      ChartSeries series{row.letter, {}};
      for (std::size_t place = 0; place < row.cells.size(); ++place) {
        series.values.emplace_back(read(tally(row, place)));
      }
      series.values.resize(section_.places.size());
      chart.series.push_back(std::move(series));
    }
    return '\n' + chart_text(chart, style_);
  }

  // Who is the fastest of those that are safe everywhere, from place to place.
  struct Lead {
    const Row* row;
    std::size_t from;
    std::size_t to;
  };
  [[nodiscard]] std::vector<Lead> leads(const std::vector<const Row*>& rows) const {
    std::vector<Lead> all;
    for (std::size_t place = 0; place < section_.places.size(); ++place) {
      const Row* best = fastest(rows, place);
      // Nobody is overtaken by chance: intervals must lie apart.
      if (!all.empty() && best != all.back().row) {
        const auto best_goodput = tally(*best, place).estimate(Measure::goodput);
        const auto last_goodput = tally(*all.back().row, place).estimate(Measure::goodput);
        if (best_goodput && last_goodput && best_goodput->interval && last_goodput->interval &&
            best_goodput->interval->low <= last_goodput->interval->high) {
          best = all.back().row;
        }
      }
      if (!all.empty() && all.back().row == best) {
        all.back().to = place;
      } else {
        all.push_back({best, place, place});
      }
    }
    return all;
  }

  [[nodiscard]] std::string place_text(std::size_t place) const {
    return section_.axis + "=" + section_.places[place];
  }

  [[nodiscard]] std::string lead_verdict() const {
    std::vector<const Row*> rows = safe_rows();
    if (section_.rows.size() == 1) {
      return "";
    }
    const bool none_safe = rows.empty();
    if (none_safe) {
      for (const Row& row : section_.rows) {
        rows.push_back(&row);
      }
    }
    std::string text;
    const std::vector<Lead> all = leads(rows);
    for (const Lead& lead : all) {
      text += text.empty() ? "" : "; ";
      text += lead.row->name;
      text += all.size() == 1                         ? " at every place"
              : lead.from == 0                        ? " up to " + place_text(lead.to)
              : lead.to + 1 == section_.places.size() ? " from " + place_text(lead.from) + " on"
              : lead.from == lead.to
                  ? " at " + place_text(lead.from)
                  : " from " + place_text(lead.from) + " to " + place_text(lead.to);
    }
    std::string lines =
        none_safe ? heading("NONE", red, "of these is safe at every place; the fastest is " + text)
                  : heading("FASTEST", green, text);
    if (all.size() > 1) {
      lines += labelled("why", why(*all.front().row, *all.back().row));
    }
    return lines;
  }

  // What the one that was overtaken spends its time on at the last place, and the one that overtook it.
  [[nodiscard]] std::string why(const Row& overtaken, const Row& leader) const {
    const std::size_t last = section_.places.size() - 1;
    const auto spends = [&](const Row& row) {
      const Tally& of = tally(row, last);
      return fmt::format(
          "{} wastes {} of its {} statements per operation and waits {} ms for locks", row.name,
          short_number(value(of, Measure::wasted_statements)),
          short_number(value(of, Measure::statements)),
          short_number(value(of, Measure::lock_wait)));
    };
    return fmt::format("at {} {}; {}", place_text(last), spends(overtaken), spends(leader));
  }

  [[nodiscard]] std::string legend() const {
    std::string text;
    for (const Row& row : section_.rows) {
      const bool safe = is_safe(row);
      text += std::string(label_width, ' ') +
              colored(std::string(1, row.letter), series_color(row.letter), style_) + "  " +
              fmt::format("{:<{}}", row.name, names_width) +
              (safe ? "  nothing went wrong" : "  goes wrong") + '\n';
    }
    return text;
  }

  [[nodiscard]] std::string several_places() const {
    std::string text = lead_verdict() + title() + legend();
    text += chart("operations done right per second", short_number,
                  [](const Tally& of) { return value(of, Measure::goodput); });
    text +=
        chart("99 of 100 operations are answered within, ms", short_number, [](const Tally& of) {
          const auto span = of.latency.percentile(990);
          return span ? static_cast<double>(span->microseconds) / 1000 : 0;
        });
    text += chart("runs that go wrong, %", short_number, [](const Tally& of) {
      return of.runs == 0 ? 0
                          : 100 * static_cast<double>(of.violated) / static_cast<double>(of.runs);
    });
    text += chart("calls per operation", short_number,
                  [](const Tally& of) { return value(of, Measure::attempts); });
    text += chart("statements wasted per operation", short_number,
                  [](const Tally& of) { return value(of, Measure::wasted_statements); });
    text += chart("waiting for locks per operation, ms", short_number,
                  [](const Tally& of) { return value(of, Measure::lock_wait); });
    if (any_recovery()) {
      text +=
          chart("runs that never came back after the spike, %", short_number, [](const Tally& of) {
            return of.recovery.runs == 0
                       ? 0
                       : 100 * static_cast<double>(of.recovery.runs - of.recovery.recovered) /
                             static_cast<double>(of.recovery.runs);
          });
    }
    if (any_unanswered()) {
      text += chart("operations told ok, %", short_number,
                    [](const Tally& of) { return 100 * value(of, Measure::success); });
    }
    return text + '\n' + sure() + again();
  }

  [[nodiscard]] bool any_recovery() const { return tally(section_.rows.front()).recovery.runs > 0; }
  [[nodiscard]] bool any_unanswered() const {
    return std::any_of(section_.rows.begin(), section_.rows.end(), [this](const Row& row) {
      return std::any_of(row.cells.begin(), row.cells.end(), [this](std::size_t place) {
        return value(report_.result.tallies[place], Measure::success) < 1;
      });
    });
  }

  const CompareReport& report_;
  const Section& section_;
  TextStyle style_;
};

}  // namespace

std::string compare_text(const CompareReport& report, const TextStyle& style) {
  std::string text;
  for (const Section& section : sections_of(report)) {
    text += (text.empty() ? "" : "\n") + Page(report, section, style).text();
  }
  return text;
}

}  // namespace racelab
