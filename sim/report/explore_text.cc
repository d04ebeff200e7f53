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
    case StateGraph::Stopped::asked:
      return "it was stopped";
    case StateGraph::Stopped::no:
      break;
  }
  return "";
}

std::string verdict_line(const ExploreReport& report, const TextStyle& style) {
  const Exploration& all = report.exploration;
  const std::string orders = grouped(all.odds.orders);
  const bool one = all.odds.orders == 1;
  if (all.verdict == Verdict::holds) {
    return colored("HOLDS", green, style) +
           fmt::format("  in {} {}: a proof, within these settings\n",
                       one ? "the only" : "all " + orders, one ? "order" : "orders");
  }
  if (all.verdict == Verdict::gave_up) {
    return colored("GAVE UP", yellow, style) + fmt::format("  {}; no violation in {} {}\n",
                                                           stopped_text(report), orders,
                                                           one ? "order" : "orders");
  }
  const Outcome* worst = nullptr;
  for (const Outcome& outcome : all.outcomes) {
    if (outcome.violated() && (worst == nullptr || worst->anomalies < outcome.anomalies)) {
      worst = &outcome;
    }
  }
  return colored("VIOLATED", red, style) +
         fmt::format("  in {} of {} {}: {}{}\n", grouped(all.odds.orders_violating), orders,
                     one ? "order" : "orders", all.outcomes.size() > 2 ? "up to " : "",
                     harm_text(*worst));
}

std::string odds_lines(const ExploreReport& report) {
  const Exploration& all = report.exploration;
  const auto both = [](const Odds& odds) {
    return fmt::format("{} of the orders; {} when every next step is as likely as the others",
                       percent(odds.uniform_orders()), percent(odds.scheduler_low));
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

std::string outcome_lines(const ExploreReport& report) {
  constexpr std::size_t shown_max = 10;
  const Exploration& all = report.exploration;
  std::string text;
  for (std::size_t i = 0; i < std::min(all.outcomes.size(), shown_max); ++i) {
    const Outcome& outcome = all.outcomes[i];
    const std::string harm = harm_text(outcome);
    text += labelled(i == 0 ? "ends" : "",
                     fmt::format("{} in {} {}: {}{}", final_text(outcome, report),
                                 grouped(all.odds.by_outcome[i]),
                                 all.odds.by_outcome[i] == 1 ? "order" : "orders",
                                 told_text(outcome), harm.empty() ? "" : "; " + harm));
  }
  if (all.outcomes.size() > shown_max) {
    text += labelled("", fmt::format("and {} more", all.outcomes.size() - shown_max));
  }
  return text;
}

std::string counterexample_lines(const ExploreReport& report, const TextStyle& style) {
  const OrderReport& order = *report.counterexample;
  const Counterexample& smallest = order.order;
  std::string faults = smallest.faults == 0 ? "" : ", " + counted(smallest.faults, "fault");
  return "\n" +
         labelled("least",
                  fmt::format("{}, {}{}, {}: {}", counted(smallest.clients, "client"),
                              counted(smallest.operations, "operation"), faults,
                              counted(smallest.moves.size(), "step"), word_of(smallest.moves))) +
         '\n' + order_diagram(order, style) + '\n';
}

}  // namespace

std::string explore_text(const ExploreReport& report, const TextStyle& style) {
  const Exploration& all = report.exploration;
  std::string text = verdict_line(report, style) + odds_lines(report) + outcome_lines(report);
  text +=
      labelled("covered", fmt::format("{}, {}{}", counted(all.states, "state"),
                                      counted(all.transitions, "transition"),
                                      report.symmetry ? "; clients that do the same are one" : ""));
  if (report.counterexample) {
    text += counterexample_lines(report, style);
    text += fmt::format("{:<{}}racelab explain {}\n", "explain", label_width,
                        report.counterexample->token);
  }
  return text;
}

}  // namespace racelab
