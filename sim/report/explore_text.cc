// An exploration on a page: how many orders fail, how likely that is, how they end, and the smallest that shows it.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/explain.h"
#include "sim/report/report.h"
#include "sim/report/words.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;
constexpr int yellow = 33;

// What goes wrong in an outcome: "1 lost update, 2 duplicates".
std::string harm_text(const Outcome& outcome) {
  constexpr std::string_view names[] = {"lost update", "duplicate", "false success",
                                        "false failure"};
  std::string text;
  const auto add = [&text](const std::string& words) {
    text += (text.empty() ? "" : ", ") + words;
  };
  for (std::size_t kind = 0; kind < anomaly_kinds; ++kind) {
    if (outcome.anomalies[kind] > 0) {
      add(outcome.anomalies[kind] == 1 && kind == 2 ? "1 false success"
          : kind == 2 ? std::to_string(outcome.anomalies[kind]) + " false successes"
                      : counted(outcome.anomalies[kind], names[kind]));
    }
  }
  if (outcome.stuck > 0) {
    add(std::to_string(outcome.stuck) + " stuck");
  }
  if (outcome.invariant_broken) {
    add("the rule is broken");
  }
  if (!outcome.ledger_adds_up) {
    add("the ledger does not add up");
  }
  return text;
}

std::string final_text(const Outcome& outcome, const ExploreReport& report) {
  std::string text;
  for (std::size_t row = 0; row < outcome.final.size(); ++row) {
    text +=
        fmt::format("{}{} = {}", row == 0 ? "" : ", ", report.row_names[row], outcome.final[row]);
  }
  return text;
}

// Of one part: the rows that it has changed.
std::string changed_text(const Outcome& outcome, const ExploreReport& report) {
  std::string text;
  for (std::size_t row = 0; row < outcome.final.size(); ++row) {
    if (outcome.final[row] != report.settings.initial) {
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", report.row_names[row],
                          outcome.final[row]);
    }
  }
  return text.empty() ? "nothing changed" : text;
}

std::string told_text(const Outcome& outcome) {
  constexpr std::string_view names[] = {"ok", "failed", "unknown"};
  std::string text;
  for (std::size_t told = 0; told < 3; ++told) {
    const std::uint32_t count =
        outcome.told[told][0] + outcome.told[told][1] + outcome.told[told][2];
    if (count > 0) {
      text += fmt::format("{}{} told {}", text.empty() ? "" : ", ", count, names[told]);
    }
  }
  return text;
}

std::string stopped_text(const ExploreReport& report) {
  switch (report.exploration.stopped) {
    case StateGraph::Stopped::states:
      return "--states-max was reached";
    case StateGraph::Stopped::steps:
      return "some orders are longer than --steps-max";
    case StateGraph::Stopped::executions:
      return "some orders have more than 128 executions";
    case StateGraph::Stopped::memory:
      return "--memory-max was reached";
    case StateGraph::Stopped::asked:
      return report.stopped_by == "seconds-max" ? "--seconds-max was reached" : "it was stopped";
    case StateGraph::Stopped::no:
      break;
  }
  return "";
}

const Outcome* worst_among(const std::vector<Outcome>& outcomes) {
  const Outcome* worst = nullptr;
  for (const Outcome& outcome : outcomes) {
    if (outcome.violated() && (worst == nullptr || worst->anomalies < outcome.anomalies)) {
      worst = &outcome;
    }
  }
  return worst;
}

// What is worst may happen in every part.
Outcome worst_of(const Exploration& all) {
  if (all.by_part.empty()) {
    return *worst_among(all.outcomes);
  }
  Outcome sum;
  for (const PartEndings& part : all.by_part) {
    if (const Outcome* worst = worst_among(part.outcomes); worst != nullptr) {
      for (std::size_t kind = 0; kind < anomaly_kinds; ++kind) {
        sum.anomalies[kind] += worst->anomalies[kind];
      }
      sum.stuck += worst->stuck;
      sum.ledger_adds_up = sum.ledger_adds_up && worst->ledger_adds_up;
    }
  }
  return sum;
}

// The verdict, colored, and two blanks later what is to be said of it, wrapped.
std::string opening(std::string_view verdict, int color, const TextStyle& style,
                    const std::string& text) {
  const std::string lines = labelled(std::string(label_width, ' '), "  " + text);
  return colored(verdict, color, style) + lines.substr(label_width);
}

std::string verdict_line(const ExploreReport& report, const TextStyle& style) {
  const Exploration& all = report.exploration;
  const bool one = all.odds.orders == 1;
  const std::string orders = grouped(all.odds.orders) + (one ? " order" : " orders") +
                             (all.complete() ? "" : " that were followed");
  if (all.verdict == Verdict::holds) {
    return colored("HOLDS", green, style) +
           fmt::format("  in {}: a proof, within these settings\n", every_order(all.odds.orders));
  }
  if (all.verdict == Verdict::gave_up) {
    return opening("GAVE UP", yellow, style,
                   fmt::format("{}; no violation in the {}", stopped_text(report), orders));
  }
  return opening("VIOLATED", red, style,
                 fmt::format("in {} of {}: {}{}", grouped(all.odds.orders_violating), orders,
                             all.outcomes.size() == 1 || all.outcomes.size() == 2 ? "" : "up to ",
                             harm_text(worst_of(all))));
}

std::string odds_lines(const ExploreReport& report) {
  const Exploration& all = report.exploration;
  const auto both = [](const Odds& odds) {
    return fmt::format("{} of the orders; {}", percent(odds.uniform_orders()),
                       scheduler_text(odds));
  };
  std::string text;
  if (all.complete()) {
    text = labelled("odds", both(all.odds));
  } else {
    text =
        labelled("odds", fmt::format("between {} and {} when every next step is as likely as the "
                                     "others; not all orders were followed: {}",
                                     percent(all.odds.scheduler_low),
                                     percent(all.odds.scheduler_high), stopped_text(report)));
  }
  if (all.odds_without_faults) {
    const Odds& calm = *all.odds_without_faults;
    text +=
        labelled("", calm.orders_violating == 0 ? "without faults: none of " + grouped(calm.orders)
                                                : "without faults: " + both(calm));
  }
  return text;
}

std::string outcome_text(const std::string& ends, const Outcome& outcome,
                         const OrderCount& orders) {
  const std::string harm = harm_text(outcome);
  return fmt::format("{} in {} {}: {}{}", ends, grouped(orders), orders == 1 ? "order" : "orders",
                     told_text(outcome), harm.empty() ? "" : "; " + harm);
}

// Each part by itself: what the clients of all parts end with are the combinations.
std::string part_lines(const ExploreReport& report) {
  constexpr std::size_t shown_max = 10;
  std::string text;
  std::size_t lines = 0;
  std::size_t outcomes = 0;
  for (const PartEndings& part : report.exploration.by_part) {
    outcomes += part.outcomes.size();
    std::string clients;
    for (const std::uint32_t client : part.clients) {
      clients += client_name(client);
    }
    for (std::size_t i = 0; i < part.outcomes.size() && lines < shown_max; ++i, ++lines) {
      text += labelled(lines == 0 ? "ends" : "",
                       fmt::format("{} alone: {}", clients,
                                   outcome_text(changed_text(part.outcomes[i], report),
                                                part.outcomes[i], part.orders[i])));
    }
  }
  return text + (outcomes > shown_max
                     ? labelled("", fmt::format("and {} more", outcomes - shown_max))
                     : "");
}

std::string outcome_lines(const ExploreReport& report) {
  constexpr std::size_t shown_max = 10;
  const Exploration& all = report.exploration;
  if (!all.by_part.empty()) {
    return part_lines(report);
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(all.outcomes.size(), shown_max); ++i) {
    text += labelled(i == 0 ? "ends" : "", outcome_text(final_text(all.outcomes[i], report),
                                                        all.outcomes[i], all.odds.by_outcome[i]));
  }
  if (all.outcomes.size() > shown_max) {
    text += labelled("", fmt::format("and {} more", all.outcomes.size() - shown_max));
  }
  return text;
}

std::string covered_lines(const ExploreReport& report) {
  const Exploration& all = report.exploration;
  const std::string text =
      report.by_orders
          ? counted(all.transitions, "step") + ": every order was run by itself"
          : counted(all.states, "state") + ", " + counted(all.transitions, "transition") +
                (all.parts > 1 ? fmt::format(" in {} parts that cannot touch each other", all.parts)
                               : "") +
                (report.symmetry ? "; clients that do the same are one" : "");
  return labelled("covered", text);
}

// What made it hold: nobody has to believe a silent verdict.
std::string near_miss_lines(const ExploreReport& report) {
  const Exploration& all = report.exploration;
  std::string text;
  for (std::size_t i = 0; i < all.near_misses.size(); ++i) {
    const NearMissOrders& near_miss = all.near_misses[i];
    text += labelled(
        i == 0 ? "saved" : "",
        fmt::format("{} in {} of {} {}{}", near_miss_text(near_miss.kind),
                    grouped(near_miss.orders), grouped(all.odds.orders),
                    all.odds.orders == 1 ? "order" : "orders", report.near_misses[i] ? ":" : ""));
    if (report.near_misses[i]) {
      text +=
          fmt::format("{:<{}}racelab explain {}\n", "", label_width, report.near_misses[i]->token);
    }
  }
  return text;
}

std::string counterexample_lines(const ExploreReport& report, const TextStyle& style) {
  const OrderReport& order = *report.counterexample;
  return "\n" + labelled("least", size_text(order.order) + ": " + word_of(order.order.moves)) +
         '\n' + order_diagram(order, style) + '\n';
}

std::string page(const ExploreReport& report, const TextStyle& style) {
  std::string text = verdict_line(report, style) + odds_lines(report) + outcome_lines(report) +
                     covered_lines(report) + near_miss_lines(report);
  if (report.counterexample) {
    text += counterexample_lines(report, style);
    text += fmt::format("{:<{}}racelab explain {}\n", "explain", label_width,
                        report.counterexample->token);
  }
  if (report.of_twin) {
    text += labelled("twin",
                     "explored is the scenario's small twin: its explore.KEY settings, and your "
                     "flags");
  }
  return text + settings_lines(report, Shaped::exploration);
}

// A line for each strategy, then the counterexamples.
std::string table(const std::vector<ExploreReport>& reports, const TextStyle& style) {
  std::size_t widest = std::string_view("strategy").size();
  for (const ExploreReport& report : reports) {
    widest = std::max(widest, name_of(report.fleet).size());
  }
  std::string text =
      fmt::format("{:<{}}  {:<8}  {:>9}  orders\n", "strategy", widest, "verdict", "odds");
  std::string commands;
  for (const ExploreReport& report : reports) {
    const Exploration& all = report.exploration;
    const int color = all.verdict == Verdict::holds      ? green
                      : all.verdict == Verdict::violated ? red
                                                         : yellow;
    const std::string verdict = all.verdict == Verdict::holds      ? "holds"
                                : all.verdict == Verdict::violated ? "violated"
                                                                   : "gave up";
    text += fmt::format("{:<{}}  {}  {:>9}  {} of {}\n", name_of(report.fleet), widest,
                        colored(fmt::format("{:<8}", verdict), color, style),
                        all.complete() ? percent(all.odds.uniform_orders()) : "?",
                        grouped(all.odds.orders_violating), grouped(all.odds.orders));
    if (!all.complete()) {
      text += labelled("", "not all orders were followed: " + stopped_text(report));
    }
    if (report.counterexample) {
      commands +=
          fmt::format("{:<{}}racelab explain {}\n", "", label_width, report.counterexample->token);
    }
  }
  if (!commands.empty()) {
    commands.replace(0, label_width, fmt::format("{:<{}}", "least", label_width));
  }
  return text + commands;
}

}  // namespace

std::string explore_text(const std::vector<ExploreReport>& reports, const TextStyle& style) {
  return reports.size() == 1 ? page(reports.front(), style) : table(reports, style);
}

}  // namespace racelab
