// Derived verdicts of endpoints in SQL against explored ones, a table for each scenario.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/report/script_report.h"
#include "sim/report/words.h"

namespace racelab {

Page script_verify_page(const std::vector<ScriptVerification>& all) {
  Page page;
  std::size_t cells = 0;
  std::size_t refuted = 0;
  for (const ScriptVerification& it : all) {
    cells += static_cast<std::size_t>(
        std::count_if(it.cells.begin(), it.cells.end(),
                      [](const ScriptCell& cell) { return cell.why_not.empty(); }));
    refuted += static_cast<std::size_t>(
        std::count_if(it.cells.begin(), it.cells.end(),
                      [](const ScriptCell& cell) { return !cell.problem.empty(); }));
  }
  if (!all.empty()) {
    const std::string& on = all.front().on;
    page.add(Headline{
        refuted == 0 ? Tone::good : Tone::bad, refuted == 0 ? "AS DERIVED" : "NOT AS DERIVED",
        refuted == 0 ? fmt::format("all {} of endpoints in SQL, {}", counted(cells, "verdict"),
                                   on.empty() ? "as PostgreSQL 15 does it" : "run on " + on)
                     : fmt::format("{} of {} of endpoints in SQL{}{}", refuted,
                                   counted(cells, "verdict"), on.empty() ? "" : ", run on ", on)});
    page.add(Labelled{"",
                      "✓ N: holds in all N orders; ✗ k/N: fails in k of N; n/a: does not apply.",
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
    const auto cell_text = [](const ScriptCell& cell) {
      const bool holds = cell.explored == Verdict::holds;
      return !cell.why_not.empty()
                 ? "n/a"
                 : (cell.explored == Verdict::gave_up ? "? "
                    : holds                           ? "✓ "
                                                      : "✗ ") +
                       (holds ? grouped(cell.orders)
                              : grouped(cell.orders_violating) + '/' + grouped(cell.orders));
    };
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
          row.cells.push_back({cell_text(cell), !cell.why_not.empty()             ? Tone::plain
                                                : cell.explored == Verdict::holds ? Tone::good
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
