// An exploration as JSON. Numbers of orders are strings: they can be larger than any number that JSON readers keep exactly.
#include "sim/report/json.h"
#include "sim/report/order_steps.h"
#include "sim/report/report.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

namespace {

json::value final_json(const Outcome& outcome, const std::vector<std::string>& row_names) {
  if (outcome.final.size() == 1) {
    return outcome.final.front();
  }
  json::object rows;
  for (std::size_t row = 0; row < outcome.final.size(); ++row) {
    rows[row_names[row]] = outcome.final[row];
  }
  return rows;
}

json::object told_json(const Outcome& outcome) {
  constexpr std::string_view names[] = {"ok", "failed", "unknown"};
  json::object told;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& row = outcome.told[i];
    told[names[i]] = json::object{{"0", row[0]}, {"1", row[1]}, {"2+", row[2]}};
  }
  return told;
}

json::object anomalies_json(const Outcome& outcome) {
  return {{"lost_updates", outcome.anomalies[0]},
          {"duplicates", outcome.anomalies[1]},
          {"false_successes", outcome.anomalies[2]},
          {"false_failures", outcome.anomalies[3]},
          {"stuck", outcome.stuck},
          {"invariant_broken", outcome.invariant_broken}};
}

}  // namespace

json::object outcome_json(const Outcome& outcome, const OrderCount& orders,
                          const std::vector<std::string>& row_names) {
  return {{"final", final_json(outcome, row_names)},
          {"orders", orders.str()},
          {"told", told_json(outcome)},
          {"anomalies", anomalies_json(outcome)},
          {"ledger_adds_up", outcome.ledger_adds_up}};
}

namespace {

json::array outcomes_json(const ExploreReport& report) {
  json::array outcomes;
  for (std::size_t i = 0; i < report.exploration.outcomes.size(); ++i) {
    outcomes.push_back(outcome_json(report.exploration.outcomes[i],
                                    report.exploration.odds.by_outcome[i], report.row_names));
  }
  return outcomes;
}

// Outcomes of each part by itself, where those of the whole are too many to be listed.
json::array parts_json(const ExploreReport& report) {
  json::array parts;
  for (const PartEndings& part : report.exploration.by_part) {
    json::array clients;
    for (const std::uint32_t client : part.clients) {
      clients.push_back(json::value(client_name(client)));
    }
    json::array outcomes;
    for (std::size_t i = 0; i < part.outcomes.size(); ++i) {
      outcomes.push_back(outcome_json(part.outcomes[i], part.orders[i], report.row_names));
    }
    parts.push_back(
        json::object{{"clients", std::move(clients)}, {"outcomes", std::move(outcomes)}});
  }
  return parts;
}

// Of orders that were not all followed nothing is known but bounds.
json::object probability_json(const Odds& odds, bool complete) {
  const auto known = [complete](double chance) {
    return complete ? json::value(chance) : json::value(nullptr);
  };
  return {{"uniform_orders", known(odds.uniform_orders())},
          {"uniform_scheduler",
           odds.scheduler_known ? known(odds.scheduler_low) : json::value(nullptr)}};
}

json::object order_json(const OrderReport& order) {
  json::array steps;
  for (const OrderStep& step : order_steps(order)) {
    steps.push_back(json::object{{"task", step.task},
                                 {"statement", step.statement},
                                 {"result", step.result},
                                 {"probability_violating", step.chance}});
  }
  return {{"clients", order.order.clients},
          {"operations", order.order.operations},
          {"faults", order.order.faults},
          {"switches", order.order.switches},
          {"steps", std::move(steps)},
          {"schedule", word_of(order.order.moves)},
          {"token", order.token}};
}

json::value optional_order_json(const std::optional<OrderReport>& order) {
  return order ? json::value(order_json(*order)) : json::value(nullptr);
}

std::string_view name_of_near_miss(NearMiss kind) {
  constexpr std::string_view names[near_miss_kinds] = {"wait", "stale_write", "repeated_operation",
                                                       "deadlock", "long_wait"};
  return names[static_cast<std::size_t>(kind)];
}

json::array near_misses_json(const ExploreReport& report) {
  json::array all;
  for (std::size_t i = 0; i < report.exploration.near_misses.size(); ++i) {
    const NearMissOrders& near_miss = report.exploration.near_misses[i];
    all.push_back(json::object{{"kind", name_of_near_miss(near_miss.kind)},
                               {"orders", near_miss.orders.str()},
                               {"smallest", optional_order_json(report.near_misses[i])}});
  }
  return all;
}

std::string_view stopped_name(const ExploreReport& report) {
  switch (report.exploration.stopped) {
    case StateGraph::Stopped::no:
      break;
    case StateGraph::Stopped::states:
      return "states-max";
    case StateGraph::Stopped::steps:
      return "steps-max";
    case StateGraph::Stopped::executions:
      return "executions";
    case StateGraph::Stopped::memory:
      return "memory-max";
    case StateGraph::Stopped::asked:
      return report.stopped_by;
  }
  return "";
}

json::object exploration_json(const ExploreReport& report) {
  const Exploration& all = report.exploration;
  json::object object{
      {"schema", "racelab.explore/1"},
      {"scenario", utf8_text(report.scenario)},
      {"strategy", name_of(report.fleet)},
      {"options", options_json(report)},
      {"engine", report.by_orders ? "orders" : "graph"},
      {"symmetry", report.symmetry},
      {"verdict", verdict_name(all.verdict)},
      {"complete", all.complete()},
      {"stopped_by", all.complete() ? json::value(nullptr) : json::value(stopped_name(report))},
      {"orders", all.odds.orders.str()},
      {"orders_violating", all.odds.orders_violating.str()},
      {"probability_violating", probability_json(all.odds, all.complete())}};
  if (!all.complete()) {
    object["probability_bounds"] =
        json::object{{"at_least", all.odds.scheduler_low}, {"at_most", all.odds.scheduler_high}};
  }
  if (all.odds_without_faults) {
    const Odds& calm = *all.odds_without_faults;
    object["without_faults"] =
        json::object{{"orders", calm.orders.str()},
                     {"orders_violating", calm.orders_violating.str()},
                     {"probability_violating", probability_json(calm, true)}};
  }
  if (all.parts > 1) {
    object["parts"] = all.parts;
  }
  object["states"] = report.by_orders ? json::value(nullptr) : json::value(all.states);
  object["transitions"] = all.transitions;
  object["seconds"] = report.seconds;
  object["outcomes"] = outcomes_json(report);
  if (!all.by_part.empty()) {
    object["outcomes_by_part"] = parts_json(report);
  }
  object["counterexample"] = optional_order_json(report.counterexample);
  object["near_misses"] = near_misses_json(report);
  return object;
}

}  // namespace

std::string explore_json(const std::vector<ExploreReport>& reports) {
  json::object whole;
  if (reports.size() == 1) {
    whole = exploration_json(reports.front());
  } else {
    json::array all;
    for (const ExploreReport& report : reports) {
      all.push_back(exploration_json(report));
    }
    whole = {{"schema", "racelab.explore-several/1"}, {"explorations", std::move(all)}};
  }
  std::string text;
  print(text, whole, 0);
  return text + '\n';
}

}  // namespace racelab
