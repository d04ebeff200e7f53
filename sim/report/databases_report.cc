// A row per database; what a database does not know stands under its row.
#include "sim/report/databases_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "sim/report/json.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

namespace json = boost::json;

using Cells = std::vector<const DatabaseCell*>;

std::vector<Cells> by_strategy(const DatabasesReport& report) {
  std::vector<Cells> all;
  for (const DatabaseCell& cell : report.cells) {
    if (all.empty() || all.back().front()->strategy != cell.strategy) {
      all.emplace_back();
    }
    all.back().push_back(&cell);
  }
  return all;
}

std::string verdict_text(const DatabaseCell& cell) {
  if (!cell.not_there.empty()) {
    return "n/a";
  }
  switch (cell.found.verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::violated:
      return "violated";
    case Verdict::idle:
      return "idle";
    case Verdict::gave_up:
      break;
  }
  return "gave up";
}

Tone tone_of(const DatabaseCell& cell) {
  if (!cell.not_there.empty()) {
    return Tone::open;
  }
  return cell.found.verdict == Verdict::holds      ? Tone::good
         : cell.found.verdict == Verdict::violated ? Tone::bad
                                                   : Tone::open;
}

// "PostgreSQL 15.20 and MariaDB 10.11.19"; empty: none of the cells has that verdict.
std::string databases_with(const Cells& cells, Verdict verdict, bool with_counts) {
  std::vector<std::string> names;
  for (const DatabaseCell* cell : cells) {
    if (cell->not_there.empty() && cell->found.verdict == verdict) {
      names.push_back(with_counts ? fmt::format("{} in {} of {} orders", cell->database,
                                                grouped(cell->found.odds.orders_violating),
                                                grouped(cell->found.odds.orders))
                                  : cell->database);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]);
  }
  return text;
}

// "count-then-leave holds on PostgreSQL 15.20, fails on SQLite 3.40.1 in 4 of 6 orders"; empty: they do not differ.
std::string difference_text(const Cells& cells) {
  const std::string holds = databases_with(cells, Verdict::holds, false);
  const std::string fails = databases_with(cells, Verdict::violated, true);
  return holds.empty() || fails.empty() ? ""
                                        : fmt::format("{} holds on {}, and fails on {}",
                                                      cells.front()->strategy, holds, fails);
}

Headline headline(const DatabasesReport& report) {
  std::vector<std::string> differences;
  for (const Cells& cells : by_strategy(report)) {
    if (std::string text = difference_text(cells); !text.empty()) {
      differences.push_back(std::move(text));
    }
  }
  if (!differences.empty()) {
    return {Tone::bad, "DIFFER",
            differences.size() == 1
                ? differences.front()
                : fmt::format("{} strategies: {}", differences.size(), differences.front())};
  }
  switch (verdict_of(report)) {
    case Verdict::holds:
      return {Tone::good, "HOLDS", "in every order, on every database that can run it"};
    case Verdict::violated:
      return {Tone::bad, "ALIKE", "what fails on one of these databases fails on all"};
    case Verdict::gave_up:
    case Verdict::idle:
      break;
  }
  return {Tone::open, "OPEN", "too little was run to tell whether they differ"};
}

// "40001 (BUSY_SNAPSHOT) in 2, 55P03 (BUSY) in 4".
std::string refused_text(const DatabaseCell& cell) {
  std::string text;
  for (const auto& [code, orders] : cell.found.refused) {
    text += fmt::format("{}{} in {}", text.empty() ? "" : ", ", code, grouped(orders));
  }
  return text;
}

Grid grid_of(const Cells& cells) {
  Grid grid;
  grid.indent = 2;
  grid.title = cells.front()->strategy;
  grid.name_width = 24;
  grid.columns = {
      {"verdict", 8, Grid::Side::left}, {"orders that fail", 17}, {"somebody waits", 16}};
  for (const DatabaseCell* cell : cells) {
    Grid::Row row;
    row.name = cell->database;
    if (!cell->not_there.empty()) {
      row.cells = {{"n/a", Tone::open}, {"", Tone::plain}, {"", Tone::plain}};
      grid.rows.push_back(std::move(row));
      continue;
    }
    const ExplorationOn& it = cell->found;
    row.cells = {
        {verdict_text(*cell), tone_of(*cell)},
        {fmt::format("{} of {}", grouped(it.odds.orders_violating), grouped(it.odds.orders)),
         Tone::plain},
        {it.waiting == 0 ? "never" : fmt::format("in {}", grouped(it.waiting)), Tone::plain}};
    if (const std::string refused = refused_text(*cell); !refused.empty()) {
      row.below = "    refused: " + refused;
    }
    if (!it.complete()) {
      row.below += fmt::format("{}not all orders were run", row.below.empty() ? "    " : "; ");
    }
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

json::object cell_json(const DatabaseCell& cell) {
  const ExplorationOn& it = cell.found;
  const bool ran = cell.not_there.empty();
  json::object refused;
  for (const auto& [code, orders] : it.refused) {
    refused[code] = orders.str();
  }
  json::object refused_at;
  for (const auto& [code, verbs] : it.refused_at) {
    refused_at[code] = json::value_from(verbs);
  }
  return {{"strategy", cell.strategy},
          {"database", cell.database},
          {"verdict", ran ? verdict_text(cell) : "not-applicable"},
          {"why_not", ran ? json::value(nullptr) : json::value(utf8_text(cell.not_there))},
          {"orders", ran ? json::value(it.odds.orders.str()) : json::value(nullptr)},
          {"orders_violating",
           ran ? json::value(it.odds.orders_violating.str()) : json::value(nullptr)},
          {"orders_waiting", ran ? json::value(it.waiting.str()) : json::value(nullptr)},
          {"refused", std::move(refused)},
          {"refused_at", std::move(refused_at)},
          {"complete", ran && it.complete()}};
}

}  // namespace

Verdict verdict_of(const DatabasesReport& report) {
  bool any = false;
  Verdict worst = Verdict::holds;
  for (const DatabaseCell& cell : report.cells) {
    if (cell.not_there.empty()) {
      any = true;
      const Verdict one = cell.found.verdict;
      worst = one == Verdict::violated || worst == Verdict::holds ? one : worst;
    }
  }
  return any ? worst : Verdict::gave_up;
}

Page databases_page(const DatabasesReport& report) {
  Page page;
  page.add(headline(report));
  const std::vector<Cells> strategies = by_strategy(report);
  bool first = true;
  for (const Cells& cells : strategies) {
    const std::string text = difference_text(cells);
    if (!text.empty() && !first) {
      page.add(Labelled{"also", text, Tone::bad});
    }
    first = first && text.empty();
  }
  for (const std::string& note : report.notes) {
    page.add(Labelled{"note", note, Tone::plain});
  }
  for (const Cells& cells : strategies) {
    page.add(Line{});
    page.add(grid_of(cells));
  }
  page.add(Line{});
  std::string label = "n/a";
  for (const DatabaseCell& cell : report.cells) {
    if (!cell.not_there.empty()) {
      page.add(Labelled{label, cell.not_there, Tone::open});
      label.clear();
    }
  }
  const auto failing =
      std::find_if(report.cells.begin(), report.cells.end(), [](const DatabaseCell& cell) {
        return cell.not_there.empty() && cell.found.verdict == Verdict::violated;
      });
  if (failing != report.cells.end()) {
    page.add(ShellCommand{"least", failing->command, ""});
  }
  page.add(
      Labelled{"covered",
               fmt::format("{}, every order on each; isolation {}; {:.1f} s", report.scenario,
                           report.isolation.empty() ? "as the endpoints ask" : report.isolation,
                           report.seconds),
               Tone::plain});
  if (!report.stopped_by.empty()) {
    page.add(Labelled{
        "stopped",
        report.stopped_by == "seconds-max" ? "--seconds-max was reached" : "it was stopped",
        Tone::open});
  }
  return page;
}

std::string databases_json(const DatabasesReport& report) {
  json::array cells;
  bool differ = false;
  for (const Cells& of_strategy : by_strategy(report)) {
    differ = differ || !difference_text(of_strategy).empty();
    for (const DatabaseCell* cell : of_strategy) {
      cells.push_back(cell_json(*cell));
    }
  }
  std::string text;
  print(text,
        json::object{{"schema", "racelab.databases/1"},
                     {"scenario", utf8_text(report.scenario)},
                     {"isolation", report.isolation.empty() ? json::value(nullptr)
                                                            : json::value(report.isolation)},
                     {"differ", differ},
                     {"seconds", report.seconds},
                     {"cells", std::move(cells)}},
        0);
  return text + '\n';
}

}  // namespace racelab
