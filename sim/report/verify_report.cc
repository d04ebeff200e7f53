// The matrix in three forms. A mark is what exploration found; a number behind it, of how many orders.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/json.h"
#include "sim/report/report.h"
#include "sim/report/script_report.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

namespace json = boost::json;

constexpr int red = 31;

std::string mark(const Cell& cell) {
  return !cell.applies                        ? "n/a"
         : cell.explored == Verdict::violated ? "✗"
         : cell.explored == Verdict::holds    ? "✓"
                                              : "?";
}

std::string behind(const Cell& cell, std::string_view of) {
  if (!cell.applies) {
    return "";
  }
  const std::string orders = grouped(cell.orders) + (cell.explored == Verdict::gave_up ? "+" : "");
  return cell.orders_violating > 0 ? grouped(cell.orders_violating) + std::string(of) + orders
                                   : orders;
}

std::string hazards_text(Hazards hazards) {
  std::string text;
  for (const HazardDescription& hazard : hazard_descriptions) {
    if (hazards.contain(hazard.hazard)) {
      text += (text.empty() ? "" : ", ") + std::string(hazard.name);
    }
  }
  return text.empty() ? "no hazard" : text;
}

}  // namespace

std::size_t VerifyReport::refuted() const {
  return static_cast<std::size_t>(std::count_if(cells.begin(), cells.end(), [](const Cell& cell) {
    return !cell.problem.empty() && !cell.gave_up;
  }));
}

std::size_t VerifyReport::open() const {
  return static_cast<std::size_t>(
      std::count_if(cells.begin(), cells.end(), [](const Cell& cell) { return cell.gave_up; }));
}

std::string verify_text(const VerifyReport& report, const TextStyle& style) {
  const auto applying = std::count_if(report.cells.begin(), report.cells.end(),
                                      [](const Cell& cell) { return cell.applies; });
  const bool one = applying == 1;
  std::string text;
  if (report.refuted() > 0) {
    text = colored("NOT AS DERIVED", red, style) +
           fmt::format("  {} of {} {}\n", report.refuted(), applying, one ? "verdict" : "verdicts");
  } else if (report.open() > 0) {
    text = fmt::format("GAVE UP  {} of {} {}: a limit was reached before it was certain\n",
                       report.open(), applying, one ? "verdict" : "verdicts");
  } else if (report.left_out > 0) {
    text =
        fmt::format("GAVE UP  {} strategies were left out; the {} verdicts so far are as derived\n",
                    report.left_out, applying);
  } else {
    text = fmt::format("AS DERIVED  {}, each at three isolation levels\n",
                       applying == 1 ? "the one verdict"
                       : applying == 2
                           ? "both verdicts"
                           : "all " + grouped(static_cast<std::uint64_t>(applying)) + " verdicts");
  }
  text += flowed("",
                 "At the scenario's own level: ✓ N: holds in all N orders; ✗ k/N: fails in k of N; "
                 "n/a: cannot "
                 "express the change; ?: not known, a limit was reached.",
                 0);
  std::size_t widest = 0;
  for (const Cell& cell : report.cells) {
    widest = std::max(widest, behind(cell, "/").size());
  }
  for (std::size_t column = 0; column < report.scenarios.size(); ++column) {
    const VerifyReport::Column& scenario = report.scenarios[column];
    text += fmt::format("\n{}  ({})\n", scenario.scenario, hazards_text(scenario.settings.hazards));
    for (std::size_t row = 0; row < report.combinations.size(); ++row) {
      const Cell& cell = report.cell(row, column);
      text += fmt::format("{} {:>{}}  {}\n", cell.applies ? "  " + mark(cell) : "n/a",
                          behind(cell, "/"), widest, report.combinations[row].name());
      if (!cell.problem.empty()) {
        text += labelled("", (cell.gave_up ? "GAVE UP: " : "NOT AS DERIVED: ") + cell.problem);
      }
    }
  }
  if (!report.timed_only.empty()) {
    std::string names;
    for (const std::string& name : report.timed_only) {
      names += (names.empty() ? "" : ", ") + name;
    }
    text += "\nnot proved: timed only, `racelab compare` measures them\n" + labelled("", names);
  }
  return text;
}

std::string verify_markdown(const VerifyReport& report) {
  std::string text = "| strategy |";
  std::string line = "|---|";
  for (const VerifyReport::Column& scenario : report.scenarios) {
    text += ' ' + scenario.scenario + " |";
    line += "---|";
  }
  text += '\n' + line + '\n';
  for (std::size_t row = 0; row < report.combinations.size(); ++row) {
    text += "| " + report.combinations[row].name() + " |";
    for (std::size_t column = 0; column < report.scenarios.size(); ++column) {
      const Cell& cell = report.cell(row, column);
      text += ' ' + mark(cell) + (cell.applies ? ' ' + behind(cell, " of ") : "") + " |";
    }
    text += '\n';
  }
  return text;
}

std::string verify_json(const VerifyReport& report,
                        const std::vector<ScriptVerification>& scripts) {
  json::array cells;
  for (std::size_t row = 0; row < report.combinations.size(); ++row) {
    for (std::size_t column = 0; column < report.scenarios.size(); ++column) {
      const Cell& cell = report.cell(row, column);
      json::object object{{"strategy", report.combinations[row].name()},
                          {"scenario", utf8_text(report.scenarios[column].scenario)},
                          {"applies", cell.applies}};
      if (cell.applies) {
        json::array hazards;
        for (const HazardDescription& hazard : hazard_descriptions) {
          if (cell.not_withstood.contain(hazard.hazard)) {
            hazards.push_back(json::value(hazard.name));
          }
        }
        object["hazards_not_withstood"] = std::move(hazards);
        object["derived"] = cell.not_withstood.empty() ? "holds" : "violated";
        object["explored"] = verdict_name(cell.explored);
        object["orders"] = cell.orders.str();
        object["orders_violating"] = cell.orders_violating.str();
        object["states"] = cell.states;
      } else {
        object["why_not"] = cell.why_not;
      }
      object["problem"] = cell.problem.empty() ? json::value(nullptr) : json::value(cell.problem);
      cells.push_back(std::move(object));
    }
  }
  json::array of_scripts;
  bool all_as_derived = report.as_derived();
  for (const ScriptVerification& it : scripts) {
    for (const ScriptCell& cell : it.cells) {
      all_as_derived = all_as_derived && cell.problem.empty() && cell.explored != Verdict::gave_up;
      of_scripts.push_back(json::object{
          {"strategy", cell.strategy},
          {"scenario", utf8_text(it.scenario)},
          {"isolation", cell.isolation},
          {"on", it.on.empty() ? json::value(nullptr) : json::value(it.on)},
          {"derived", !cell.why_not.empty() ? "n/a"
                      : cell.withstands     ? "holds"
                                            : "violated"},
          {"explored", cell.why_not.empty() ? verdict_name(cell.explored) : "n/a"},
          {"orders", cell.orders.str()},
          {"orders_violating", cell.orders_violating.str()},
          {"why_not",
           cell.why_not.empty() ? json::value(nullptr) : json::value(utf8_text(cell.why_not))},
          {"problem", cell.problem.empty() ? json::value(nullptr) : json::value(cell.problem)}});
    }
  }
  const json::object object{{"schema", "racelab.verify/1"},
                            {"as_derived", all_as_derived},
                            {"strategies_left_out", report.left_out},
                            {"timed_only", json::value_from(report.timed_only)},
                            {"cells", std::move(cells)},
                            {"cells_in_sql", std::move(of_scripts)}};
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace racelab
