// What was compared, cell by cell.
#include "sim/report/agree_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/report/json.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

namespace json = boost::json;

struct Totals {
  std::uint64_t compared = 0;
  std::uint64_t agreed = 0;
  std::uint64_t not_taken = 0;
  std::uint64_t unpromised = 0;
  std::uint64_t disagreed = 0;
  bool stopped = false;
};

Totals totals_of(const AgreeReport& report) {
  Totals made;
  for (const AgreeCell& cell : report.cells) {
    made.compared += cell.found.compared;
    made.agreed += cell.found.agreed;
    made.not_taken += cell.found.not_taken;
    made.unpromised += cell.found.unpromised;
    made.disagreed += cell.found.disagreed();
    made.stopped = made.stopped || cell.found.stopped;
  }
  return made;
}

Headline headline(const AgreeReport& report) {
  const Totals totals = totals_of(report);
  const std::string orders = counted(totals.compared, "order");
  const bool is_postgresql = report.on.starts_with("PostgreSQL");
  switch (agreed(report)) {
    case Agreed::yes:
      return {Tone::good, "AGREED",
              fmt::format("the store did as {} did, in {}", report.on,
                          totals.agreed == totals.compared
                              ? orders
                              : fmt::format("{} of {}", grouped(totals.agreed), orders))};
    case Agreed::no:
      return {Tone::bad, "DIFFERS",
              is_postgresql ? fmt::format("in {} of {} the store did otherwise than {}",
                                          grouped(totals.disagreed), orders, report.on)
                            : fmt::format("in {} of {} {} does otherwise than PostgreSQL's rules",
                                          grouped(totals.disagreed), orders, report.on)};
    case Agreed::too_little:
      break;
  }
  return {Tone::open, "TOO LITTLE",
          fmt::format("{} of {} were taken by {}, and none of them differs",
                      grouped(totals.agreed + totals.unpromised), orders, report.on)};
}

Grid grid_of(const std::vector<const AgreeCell*>& cells) {
  Grid grid;
  grid.indent = 2;
  std::size_t name = 10;
  for (const AgreeCell* cell : cells) {
    name = std::max(name, cell->strategy.size() + 4);
  }
  grid.name_width = std::min<std::size_t>(name, 28);
  grid.columns = {{"level", 16, Grid::Side::left},
                  {"orders", 9, Grid::Side::right},
                  {"compared", 9, Grid::Side::right},
                  {"agreed", 8, Grid::Side::right},
                  {"not taken", 10, Grid::Side::right}};
  const bool unpromised = std::any_of(
      cells.begin(), cells.end(), [](const AgreeCell* cell) { return cell->found.unpromised > 0; });
  if (unpromised) {
    grid.columns.push_back({"row order", 10, Grid::Side::right});
  }
  std::string before;
  for (const AgreeCell* cell : cells) {
    const Agreement& it = cell->found;
    Grid::Row row;
    row.name = cell->strategy == before ? "" : cell->strategy;
    if (!cell->not_there.empty()) {
      row.cells.assign(grid.columns.size(), {"", Tone::plain});
      row.cells.front() = {"n/a", Tone::open};
      before = cell->strategy;
      grid.rows.push_back(std::move(row));
      continue;
    }
    before = cell->strategy;
    row.cells = {{cell->isolation, Tone::plain},
                 {it.orders > 0 ? grouped(it.orders) : "?", Tone::plain},
                 {grouped(it.compared), Tone::plain},
                 {grouped(it.agreed), it.disagreed() > 0 ? Tone::bad : Tone::good},
                 {it.not_taken == 0 ? "" : grouped(it.not_taken), Tone::open}};
    if (unpromised) {
      row.cells.push_back({it.unpromised == 0 ? "" : grouped(it.unpromised), Tone::open});
    }
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

void add_difference(Page& page, const AgreeReport& report, const AgreeCell& cell) {
  const Agreement::Difference& difference = *cell.found.difference;
  page.add(Line{});
  page.add(Labelled{"first",
                    fmt::format("{}, {}, {}: order {}", cell.scenario, cell.strategy,
                                cell.isolation, difference.word),
                    Tone::bad});
  SideBySide both;
  both.left = "the store";
  both.right = report.on;
  for (std::size_t i = 0; i < difference.lines.size(); ++i) {
    const Lockstep::Line& line = difference.lines[i];
    const std::string who = difference.who[i].empty() ? "" : difference.who[i] + " ";
    both.rows.push_back({line.asked.empty() ? "" : std::to_string(i + 1), who + line.asked,
                         who + line.asked, false});
    both.rows.push_back({"", "= " + line.store, "= " + line.server, line.differs});
  }
  page.add(both);
  page.add(ShellCommand{"again", cell.command, ""});
}

}  // namespace

Agreed agreed(const AgreeReport& report) {
  const Totals totals = totals_of(report);
  if (totals.disagreed > 0) {
    return Agreed::no;
  }
  const bool most =
      totals.compared > 0 && (totals.agreed + totals.unpromised) * 10 >= totals.compared * 9;
  return most && !totals.stopped ? Agreed::yes : Agreed::too_little;
}

Page agree_page(const AgreeReport& report) {
  Page page;
  page.add(headline(report));
  const Totals totals = totals_of(report);
  if (totals.not_taken > 0) {
    page.add(
        Labelled{"others",
                 fmt::format("in {} the server went another way: others went on first, as "
                             "exploration lists it, a deadlock was found at another moment, or "
                             "(at SERIALIZABLE) it refused more than it must",
                             counted(totals.not_taken, "order")),
                 Tone::plain});
  }
  if (totals.unpromised > 0) {
    page.add(Labelled{"rows",
                      fmt::format("{} differ by an order of rows that SQL does not promise",
                                  counted(totals.unpromised, "order")),
                      Tone::plain});
  }
  if (totals.stopped) {
    page.add(Labelled{"stopped",
                      report.stopped_by == "seconds-max" ? "--seconds-max was reached"
                      : report.stopped_by.empty()        ? "some orders could not be listed: "
                                                           "--states-max"
                                                         : "it was stopped",
                      Tone::open});
  }
  for (const std::string& note : report.notes) {
    page.add(Labelled{"note", note, Tone::plain});
  }
  for (std::size_t from = 0; from < report.cells.size();) {
    std::vector<const AgreeCell*> cells;
    const std::string& scenario = report.cells[from].scenario;
    for (; from < report.cells.size() && report.cells[from].scenario == scenario; ++from) {
      cells.push_back(&report.cells[from]);
    }
    page.add(Line{});
    page.add(Line{{{scenario, Tone::plain}}});
    page.add(grid_of(cells));
  }
  std::set<std::string> why_not;
  for (const AgreeCell& cell : report.cells) {
    if (!cell.not_there.empty() && why_not.insert(cell.not_there).second) {
      if (why_not.size() == 1) {
        page.add(Line{});
      }
      page.add(Labelled{why_not.size() == 1 ? "n/a" : "", cell.not_there, Tone::open});
    }
  }
  const auto first = std::find_if(report.cells.begin(), report.cells.end(), [](const auto& cell) {
    return cell.found.difference.has_value();
  });
  if (first != report.cells.end()) {
    add_difference(page, report, *first);
  }
  page.add(Line{});
  page.add(Labelled{"covered",
                    fmt::format("up to {} of a cell, of more a sample (seed {}); {:.1f} s",
                                counted(report.orders_max, "order"), report.seed, report.seconds),
                    Tone::plain});
  return page;
}

std::string agree_json(const AgreeReport& report) {
  json::array cells;
  for (const AgreeCell& cell : report.cells) {
    const Agreement& it = cell.found;
    json::value difference = nullptr;
    if (it.difference) {
      json::array lines;
      for (std::size_t i = 0; i < it.difference->lines.size(); ++i) {
        const Lockstep::Line& line = it.difference->lines[i];
        lines.push_back(json::object{{"client", it.difference->who[i]},
                                     {"statement", utf8_text(line.asked)},
                                     {"store", utf8_text(line.store)},
                                     {"server", utf8_text(line.server)},
                                     {"differs", line.differs}});
      }
      difference = json::object{{"schedule", it.difference->word}, {"lines", std::move(lines)}};
    }
    cells.push_back(
        json::object{{"scenario", utf8_text(cell.scenario)},
                     {"strategy", cell.strategy},
                     {"isolation", cell.isolation},
                     {"why_not", cell.not_there.empty() ? json::value(nullptr)
                                                        : json::value(utf8_text(cell.not_there))},
                     {"orders", it.orders.str()},
                     {"compared", it.compared},
                     {"agreed", it.agreed},
                     {"disagreed", it.disagreed()},
                     {"not_taken", it.not_taken},
                     {"order_not_promised", it.unpromised},
                     {"complete", !it.stopped},
                     {"difference", std::move(difference)}});
  }
  const Totals totals = totals_of(report);
  const Agreed what = agreed(report);
  std::string text;
  print(text,
        json::object{{"schema", "racelab.agree/1"},
                     {"on", report.on},
                     {"verdict", what == Agreed::yes  ? "agreed"
                                 : what == Agreed::no ? "differs"
                                                      : "too-little"},
                     {"compared", totals.compared},
                     {"agreed", totals.agreed},
                     {"disagreed", totals.disagreed},
                     {"not_taken", totals.not_taken},
                     {"order_not_promised", totals.unpromised},
                     {"orders_max", report.orders_max},
                     {"seed", report.seed},
                     {"seconds", report.seconds},
                     {"cells", std::move(cells)}},
        0);
  return text + '\n';
}

Page clean_page(const std::vector<std::string>& dropped) {
  Page page;
  std::string names;
  for (const std::string& it : dropped) {
    names += (names.empty() ? "" : ", ") + it;
  }
  page.add(dropped.empty() ? Headline{Tone::good, "CLEAN", "no killed run has left anything here"}
                           : Headline{Tone::good, "CLEAN",
                                      fmt::format("dropped what {} had left: {}",
                                                  counted(dropped.size(), "killed run"), names)});
  return page;
}

std::string clean_json(const std::vector<std::string>& dropped) {
  std::string text;
  print(text,
        json::object{{"schema", "racelab.clean/1"},
                     {"dropped", json::array(dropped.begin(), dropped.end())}},
        0);
  return text + '\n';
}

}  // namespace racelab
