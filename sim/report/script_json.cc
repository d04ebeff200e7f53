// What an exploration of endpoints in SQL found, as JSON.
#include "sim/report/script_json.h"

#include "sim/report/json.h"
#include "sim/report/script_report.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

json::object outcome_json(const ScriptSetup& setup, const ScriptOutcome& outcome,
                          const OrderCount& orders) {
  const ScriptEnding& ending = *outcome.ending;
  json::object told{{"ok", 0}, {"refused", 0}, {"failed", 0}, {"unknown", 0}};
  for (const ScriptOperation& it : ending.operations) {
    if (it.told != ScriptTold::nothing) {
      told[told_name(it.told)] = told[told_name(it.told)].as_int64() + 1;
    }
  }
  return {{"final", final_json(setup, ending)},
          {"orders", orders.str()},
          {"violated", outcome.violated()},
          {"told", std::move(told)},
          {"operations", operations_json(ending)},
          {"one_at_a_time", ending.right},
          {"answers_only", ending.answers_only},
          {"checks", checks_json(setup, ending)},
          {"stuck", ending.stuck}};
}

namespace {

json::value counterexample_json(const ScriptReport& report) {
  if (!report.exploration.counterexample) {
    return nullptr;
  }
  const ScriptOrder& order = *report.exploration.counterexample;
  return json::object{{"clients", order.clients},
                      {"operations", order.operations},
                      {"faults", order.faults},
                      {"switches", order.switches},
                      {"anomaly", order.circle.name.empty() ? json::value(nullptr)
                                                            : json::value(order.circle.name)},
                      {"steps", steps_json(order)},
                      {"schedule", order.word()},
                      {"token", report.token}};
}

// Outcomes of each part by itself, where those of the whole are too many to be listed.
json::array parts_json(const ScriptReport& report) {
  json::array parts;
  for (const ScriptPartEndings& part : report.exploration.by_part) {
    json::array clients;
    for (const std::uint32_t client : part.clients) {
      clients.push_back(json::value(std::string(1, letter_of_client(client))));
    }
    json::array outcomes;
    for (std::size_t i = 0; i < part.outcomes.size(); ++i) {
      outcomes.push_back(outcome_json(*report.setup, part.outcomes[i], part.orders[i]));
    }
    parts.push_back(
        json::object{{"clients", std::move(clients)}, {"outcomes", std::move(outcomes)}});
  }
  return parts;
}

json::object report_json(const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  if (!report.not_there.empty()) {
    return {{"schema", "racelab.explore/1"},         {"scenario", utf8_text(report.scenario)},
            {"strategy", report.strategy},           {"on", report.on},
            {"options", options_json(report)},       {"verdict", "n/a"},
            {"why_not", utf8_text(report.not_there)}};
  }
  const auto known = [&all](double chance) {
    return all.complete() ? json::value(chance) : json::value(nullptr);
  };
  json::array open_orders;
  for (const auto& [place, what] : all.open_orders) {
    open_orders.push_back(
        json::object{{"file", utf8_text(place.first)}, {"line", place.second}, {"what", what}});
  }
  json::array outcomes;
  for (std::size_t i = 0; i < all.outcomes.size(); ++i) {
    outcomes.push_back(outcome_json(*report.setup, all.outcomes[i], all.odds.by_outcome[i]));
  }
  json::object object{
      {"schema", "racelab.explore/1"},
      {"scenario", utf8_text(report.scenario)},
      {"strategy", report.strategy},
      {"rules", report.on.empty() ? "PostgreSQL 15" : report.on},
      {"on", report.on.empty() ? json::value(nullptr) : json::value(report.on)},
      {"options", options_json(report)},
      {"verdict", verdict_name(all.verdict)},
      {"complete", all.complete()},
      {"not_taken", all.not_taken},
      {"orders", all.odds.orders.str()},
      {"orders_violating", all.odds.orders_violating.str()},
      {"orders_answers_only", all.orders_answers_only.str()},
      {"orders_failing", all.orders_failing.str()},
      {"probability_violating",
       json::object{{"uniform_orders", known(all.odds.uniform_orders())},
                    {"uniform_scheduler", all.odds.scheduler_known ? known(all.odds.scheduler_low)
                                                                   : json::value(nullptr)}}},
      {"states", all.states},
      {"transitions", all.transitions},
      {"seconds", report.seconds},
      {"order_not_promised", std::move(open_orders)},
      {"outcomes", std::move(outcomes)},
      {"counterexample", counterexample_json(report)}};
  if (all.parts > 1) {
    object["parts"] = all.parts;
  }
  if (!all.by_part.empty()) {
    object["outcomes_by_part"] = parts_json(report);
  }
  return object;
}

}  // namespace

std::string script_json(const std::vector<ScriptReport>& reports) {
  json::object whole;
  if (reports.size() == 1) {
    whole = report_json(reports.front());
  } else {
    json::array all;
    for (const ScriptReport& report : reports) {
      all.push_back(report_json(report));
    }
    whole = {{"schema", "racelab.explore-several/1"}, {"explorations", std::move(all)}};
  }
  std::string text;
  print(text, whole, 0);
  return text + '\n';
}

}  // namespace racelab
