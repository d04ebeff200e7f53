// Derived verdicts of endpoints in SQL against explored ones, a table for each scenario.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/report/script_report.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

struct Verdicts {
  std::size_t all = 0;
  std::size_t refuted = 0;
  std::size_t open = 0;  // a limit was reached
};

Verdicts counted_verdicts(const std::vector<ScriptVerification>& all) {
  Verdicts found;
  for (const ScriptVerification& it : all) {
    for (const ScriptCell& cell : it.cells) {
      found.all += cell.why_not.empty() ? 1 : 0;
      found.refuted += cell.problem.empty() ? 0 : 1;
      found.open += cell.explored == Verdict::gave_up ? 1 : 0;
    }
  }
  return found;
}

Headline headline_of(const Verdicts& found, const std::string& on, std::size_t left_out) {
  const std::string of = counted(found.all, "verdict") + " of endpoints in SQL";
  const std::string run_on = on.empty() ? "" : ", run on " + on;
  if (found.refuted > 0) {
    return {Tone::bad, "NOT AS DERIVED", fmt::format("{} of {}{}", found.refuted, of, run_on)};
  }
  const std::string left = left_out == 0 ? ""
                                         : counted(left_out, "scenario") +
                                               (left_out == 1 ? " was" : " were") + " left out";
  if (found.open > 0) {
    return {Tone::open, "GAVE UP",
            fmt::format("{} of {}{}: a limit was reached before it was certain{}{}", found.open, of,
                        run_on, left.empty() ? "" : "; ", left)};
  }
  if (left_out > 0) {
    return {Tone::open, "GAVE UP",
            found.all == 0 ? left + " before the first verdict"
                           : fmt::format("{}; the {}{} so far are as derived", left, of, run_on)};
  }
  return {Tone::good, "AS DERIVED",
          fmt::format("all {}, {}", of, on.empty() ? "as PostgreSQL 15 does it" : "run on " + on)};
}

// "✓ 6", "✗ 4/6", "? 0/120+": the orders in which it fails, and all that there are.
std::string cell_text(const ScriptCell& cell) {
  if (!cell.why_not.empty()) {
    return "n/a";
  }
  switch (cell.explored) {
    case Verdict::holds:
      return "✓ " + grouped(cell.orders);
    case Verdict::gave_up:
      return "? " + grouped(cell.orders_violating) + '/' + grouped(cell.orders) + '+';
    default:
      return "✗ " + grouped(cell.orders_violating) + '/' + grouped(cell.orders);
  }
}

}  // namespace

Page script_verify_page(const std::vector<ScriptVerification>& all, std::size_t left_out) {
  Page page;
  const Verdicts found = counted_verdicts(all);
  if (!all.empty() || left_out > 0) {
    page.add(headline_of(found, all.empty() ? "" : all.front().on, left_out));
  }
  if (!all.empty()) {
    page.add(Labelled{
        "",
        std::string("✓ N: holds in all N orders; ✗ k/N: fails in k of N; n/a: does not apply") +
            (found.open > 0 ? "; ? k/N+: not certain, a limit was reached after N." : "."),
        Tone::plain});
  }
  for (const ScriptVerification& it : all) {
    page.add(Line{});
    page.add(Line{{{it.scenario + "  (" + it.hazards + ')', Tone::plain}}});
    std::vector<std::string> strategies;
    std::vector<std::string> levels;
    for (const ScriptCell& cell : it.cells) {
      if (std::find(strategies.begin(), strategies.end(), cell.strategy) == strategies.end()) {
        strategies.push_back(cell.strategy);
      }
      if (std::find(levels.begin(), levels.end(), cell.isolation) == levels.end()) {
        levels.push_back(cell.isolation);
      }
    }
    Grid grid;
    grid.indent = 2;
    for (const std::string& strategy : strategies) {
      grid.name_width = std::max(grid.name_width, strategy.size() + 4);
    }
    grid.name_width = std::min<std::size_t>(grid.name_width, 32);
    for (const std::string& level : levels) {
      std::size_t width = level.size() + 1;
      for (const ScriptCell& cell : it.cells) {
        width = cell.isolation == level ? std::max(width, columns_of(cell_text(cell)) + 2) : width;
      }
      grid.columns.push_back({level, width, Grid::Side::right});
    }
    for (const std::string& strategy : strategies) {
      Grid::Row row;
      row.name = strategy;
      for (const ScriptCell& cell : it.cells) {
        if (cell.strategy == strategy) {
          row.cells.push_back({cell_text(cell), !cell.why_not.empty()               ? Tone::plain
                                                : cell.explored == Verdict::holds   ? Tone::good
                                                : cell.explored == Verdict::gave_up ? Tone::open
                                                                                    : Tone::bad});
        }
      }
      grid.rows.push_back(std::move(row));
    }
    page.add(grid);
    std::set<std::string> why_not;
    for (const ScriptCell& cell : it.cells) {
      if (!it.on.empty() && !cell.why_not.empty() && why_not.insert(cell.why_not).second) {
        page.add(Labelled{why_not.size() == 1 ? "n/a" : "", cell.why_not, Tone::open});
      }
    }
    for (const ScriptCell& cell : it.cells) {
      if (!cell.problem.empty()) {
        page.add(Labelled{
            "not so",
            it.scenario + ", " + cell.strategy + ", " + cell.isolation + ": " + cell.problem,
            Tone::bad});
      }
    }
  }
  return page;
}

}  // namespace racelab
