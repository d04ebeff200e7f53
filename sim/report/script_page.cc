// What an exploration of endpoints in SQL found, for people.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/report/script_report.h"
#include "sim/report/script_words.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

// "somebody is told failed in 4 of 12 orders (40P01)".
std::string failing_text(const ScriptExploration& all) {
  if (all.orders_failing == 0) {
    return "";
  }
  std::vector<std::string> causes;
  for (const ScriptOutcome& outcome : all.every_outcome()) {
    for (const ScriptOperation& it : outcome.ending->operations) {
      std::string cause = it.told == ScriptTold::unknown  ? "no answer"
                          : it.told != ScriptTold::failed ? ""
                          : it.reply.error.failed()
                              ? sql::code_text(it.reply.error, it.reply.server_code)
                              : std::to_string(it.reply.status);
      if (!cause.empty() && std::find(causes.begin(), causes.end(), cause) == causes.end()) {
        causes.push_back(cause);
      }
    }
  }
  std::string list;
  for (const std::string& cause : causes) {
    list += (list.empty() ? "" : ", ") + cause;
  }
  if (all.orders_failing == all.odds.orders) {
    return "in every order some operation fails or stays unknown (" + list + ')';
  }
  return fmt::format("in {} of {} orders some operation fails or stays unknown ({})",
                     grouped(all.orders_failing), grouped(all.odds.orders), list);
}

std::string stopped_text(const ScriptReport& report) {
  switch (report.exploration.stopped) {
    case OrderGraph::Stopped::states:
      return "--states-max was reached";
    case OrderGraph::Stopped::steps:
      return "some orders are longer than --steps-max";
    case OrderGraph::Stopped::executions:
      return !report.on.empty() ? "--orders-max was reached"
                                : "some orders have more than 8 handlers of one client at once";
    case OrderGraph::Stopped::memory:
      return "--memory-max was reached";
    case OrderGraph::Stopped::asked:
      return report.stopped_by == "seconds-max" ? "--seconds-max was reached" : "it was stopped";
    case OrderGraph::Stopped::no:
      break;
  }
  return report.exploration.not_taken == 0
             ? ""
             : fmt::format(
                   "{} not taken: a deadlock ends somebody, and this user may not choose whom",
                   counted(report.exploration.not_taken, "order"));
}

Headline headline(const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  const std::string orders =
      grouped(all.odds.orders) + (all.odds.orders == 1 ? " order" : " orders");
  switch (all.verdict) {
    case Verdict::holds:
      return {Tone::good, "HOLDS",
              fmt::format(
                  "in {}, {}{}: a proof, within these settings", every_order(all.odds.orders),
                  report.on.empty() ? "as PostgreSQL 15 does it" : "run on " + report.on,
                  report.on.empty() && report.setup->rules.isolation == sql::Isolation::serializable
                      ? " (which may refuse more at this level)"
                      : "")};
    case Verdict::gave_up:
      return {Tone::open, "GAVE UP",
              fmt::format("{}; no violation in the {} that were followed", stopped_text(report),
                          orders)};
    case Verdict::idle:
      return {Tone::open, "IDLE", "nothing was done in any order"};
    case Verdict::violated:
      break;
  }
  return {Tone::bad, "VIOLATED",
          fmt::format("in {} of {}{}{}{}", grouped(all.odds.orders_violating), orders,
                      all.complete() ? "" : " that were followed",
                      report.on.empty() ? "" : " on " + report.on,
                      report.exploration.counterexample
                          ? ": " + harm_text(*report.setup, *report.exploration.counterexample)
                          : "")};
}

void add_odds(Page& page, const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  const auto both = [](const Odds& odds) {
    return fmt::format("{} of the orders; {}", percent(odds.uniform_orders()),
                       scheduler_text(odds));
  };
  if (all.verdict == Verdict::violated) {
    page.add(Labelled{
        "odds",
        all.complete() ? both(all.odds)
                       : fmt::format("between {} and {} when every next step is as likely as the "
                                     "others; not all orders were followed: {}",
                                     percent(all.odds.scheduler_low),
                                     percent(all.odds.scheduler_high), stopped_text(report)),
        Tone::plain});
    if (all.odds_without_faults) {
      page.add(Labelled{"",
                        all.odds_without_faults->orders_violating == 0
                            ? "without faults: none of " + grouped(all.odds_without_faults->orders)
                            : "without faults: " + both(*all.odds_without_faults),
                        Tone::plain});
    }
    if (all.orders_answers_only > 0) {
      page.add(Labelled{"",
                        fmt::format("in {} of them the tables end as they should, and only an "
                                    "answer is wrong: a dashboard can live with that, a payment "
                                    "cannot",
                                    grouped(all.orders_answers_only)),
                        Tone::plain});
    }
  }
  if (const std::string failing = failing_text(all); !failing.empty()) {
    page.add(Labelled{"failed", failing, Tone::plain});
  }
}

struct Ending {
  std::string text;
  bool violated = false;
  OrderCount orders;
};

// Those that look the same are one. `whose`: of a part, its clients and what comes before each text.
void add_endings_of(std::vector<Ending>& endings, const ScriptReport& report,
                    const std::string& whose, const std::vector<ScriptOutcome>& outcomes,
                    const std::vector<OrderCount>& orders) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ScriptEnding& it = *outcomes[i].ending;
    const std::string text =
        fmt::format("{}{}; {}", whose, told_text(it), contents_text(*report.setup, it));
    const auto same = std::find_if(endings.begin(), endings.end(), [&](const Ending& other) {
      return other.text == text && other.violated == it.violated();
    });
    if (same == endings.end()) {
      endings.push_back({text, it.violated(), orders[i]});
    } else {
      same->orders += orders[i];
    }
  }
}

void add_endings(Page& page, const ScriptReport& report) {
  constexpr std::size_t shown_max = 6;
  const ScriptExploration& all = report.exploration;
  std::vector<Ending> endings;
  add_endings_of(endings, report, "", all.outcomes, all.odds.by_outcome);
  for (const ScriptPartEndings& part : all.by_part) {
    std::string clients;
    for (const std::uint32_t client : part.clients) {
      clients += letter_of_client(client);
    }
    add_endings_of(endings, report, clients + " alone: ", part.outcomes, part.orders);
  }
  std::stable_sort(endings.begin(), endings.end(), [](const Ending& a, const Ending& b) {
    return a.violated != b.violated ? a.violated : a.orders > b.orders;
  });
  for (std::size_t i = 0; i < std::min(endings.size(), shown_max); ++i) {
    const Ending& it = endings[i];
    page.add(Labelled{i == 0 ? "ends" : "",
                      fmt::format("{} {} {}: {}", it.violated ? "✗" : "✓", grouped(it.orders),
                                  it.orders == 1 ? "order" : "orders", it.text),
                      Tone::plain});
  }
  if (endings.size() > shown_max) {
    page.add(Labelled{"", fmt::format("and {} more", endings.size() - shown_max), Tone::plain});
  }
}

void add_saved(Page& page, const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  constexpr std::string_view words[] = {
      "a wait for another transaction", "an error 40001: somebody else was first",
      "an error 23505: the key was there", "a deadlock, which the server ended",
      "a wait for a lock that ended without it"};
  for (std::size_t i = 0; i < all.near_misses.size(); ++i) {
    page.add(Labelled{i == 0 ? "saved" : "",
                      fmt::format("by {} in {} of {} orders",
                                  words[static_cast<std::size_t>(all.near_misses[i].kind)],
                                  grouped(all.near_misses[i].orders), grouped(all.odds.orders)),
                      Tone::plain});
  }
}

Page page_of(const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  Page page;
  page.add(headline(report));
  add_odds(page, report);
  add_endings(page, report);
  page.add(Labelled{
      "covered",
      report.on.empty()
          ? fmt::format(
                "{}, {}{}", counted(all.states, "state"), counted(all.transitions, "transition"),
                all.parts > 1 ? fmt::format(" in {} parts that cannot touch each other", all.parts)
                              : "")
          : fmt::format("{} {}, each run on {} from the start; who goes on after a wait is the "
                        "server's to choose",
                        grouped(all.odds.orders), all.odds.orders == 1 ? "order" : "orders",
                        report.on),
      Tone::plain});
  for (const std::string& note : report.notes) {
    page.add(Labelled{"note", note, Tone::plain});
  }
  add_saved(page, report);
  if (all.counterexample) {
    add_order(page, *report.setup, *all.counterexample, "least");
    for (const char* verb : {"explain", "replay"}) {
      page.add(
          ShellCommand{verb, fmt::format("racelab {} {}{}", verb, report.token, report.where), ""});
    }
    for (std::size_t i = 0; i < report.that_hold.size(); ++i) {
      page.add(
          ShellCommand{i == 0 ? "holds" : "", report.command("explore", report.that_hold[i]), ""});
    }
  }
  const bool any_writes =
      std::any_of(report.setup->plan.begin(), report.setup->plan.end(), [&](const auto& plan) {
        return std::any_of(plan.begin(), plan.end(), [&](std::size_t script) {
          return report.setup->scripts[script]->writes;
        });
      });
  const std::vector<ScriptOutcome> outcomes = all.every_outcome();
  const bool left_open =
      std::any_of(outcomes.begin(), outcomes.end(), [](const ScriptOutcome& outcome) {
        const auto& operations = outcome.ending->operations;
        return std::any_of(operations.begin(), operations.end(),
                           [](const ScriptOperation& it) { return it.left_open; });
      });
  for (const auto& [place, what] : all.open_orders) {
    page.add(Labelled{"note",
                      fmt::format("{}:{} {}: here the oldest version comes first, as in a fresh "
                                  "table of PostgreSQL",
                                  place.first, place.second, what),
                      Tone::open});
  }
  if (left_open) {
    page.add(Labelled{"note",
                      "a script ends inside its own transaction, which is rolled back: it wants a "
                      "commit",
                      Tone::open});
  }
  if (!any_writes) {
    page.add(Labelled{"note", "no endpoint here writes: nothing can be lost", Tone::open});
  }
  add_settings(page, report);
  return page;
}

Page table_of(const std::vector<ScriptReport>& reports) {
  Grid grid;
  grid.name_width = 10;
  for (const ScriptReport& report : reports) {
    grid.name_width = std::max(grid.name_width, report.strategy.size() + 2);
  }
  grid.title = "strategy";
  grid.columns = {{"verdict", 8, Grid::Side::left}, {"odds", 9}, {"orders that fail", 20}};
  for (const ScriptReport& report : reports) {
    const ScriptExploration& all = report.exploration;
    if (!report.not_there.empty()) {
      grid.rows.push_back({report.strategy, {{"n/a", Tone::open}}, ""});
      continue;
    }
    const Tone tone = all.verdict == Verdict::holds      ? Tone::good
                      : all.verdict == Verdict::violated ? Tone::bad
                                                         : Tone::open;
    const std::string verdict = all.verdict == Verdict::holds      ? "holds"
                                : all.verdict == Verdict::violated ? "violated"
                                : all.verdict == Verdict::idle     ? "idle"
                                                                   : "gave up";
    grid.rows.push_back(
        {report.strategy,
         {{verdict, tone},
          {all.complete() ? percent(all.odds.uniform_orders()) : "?", Tone::plain},
          {grouped(all.odds.orders_violating) + " of " + grouped(all.odds.orders), Tone::plain}},
         ""});
  }
  Page page;
  page.add(grid);
  page.add(Line{});
  const auto on_server =
      std::find_if(reports.begin(), reports.end(),
                   [](const ScriptReport& report) { return !report.on.empty(); });
  if (on_server != reports.end()) {
    page.add(Labelled{"run on", on_server->on, Tone::plain});
  }
  bool first = true;
  for (const ScriptReport& report : reports) {
    if (!report.not_there.empty()) {
      page.add(Labelled{std::exchange(first, false) ? "n/a" : "", report.not_there, Tone::open});
    }
  }
  first = true;
  for (const ScriptReport& report : reports) {
    if (report.not_there.empty() && report.exploration.verdict == Verdict::violated) {
      page.add(ShellCommand{first ? "least" : "", report.command("explain", report.strategy), ""});
      first = false;
    }
  }
  return page;
}

}  // namespace

Page script_page(const std::vector<ScriptReport>& reports) {
  return reports.size() == 1 ? page_of(reports.front()) : table_of(reports);
}

}  // namespace racelab
