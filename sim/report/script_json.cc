// What an exploration of endpoints in SQL found, as JSON.
#include "sim/report/json.h"
#include "sim/report/script_report.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

namespace json = boost::json;

json::value value_json(const sql::Value& value) {
  if (value.is_null) {
    return nullptr;
  }
  switch (value.type) {
    case sql::Type::boolean:
      return value.number != 0;
    case sql::Type::smallint:
    case sql::Type::integer:
    case sql::Type::bigint:
      return value.number;
    default:
      return json::value(utf8_text(sql::to_text(value)));
  }
}

json::array row_json(const sql::Values& row) {
  json::array made;
  for (const sql::Value& value : row) {
    made.push_back(value_json(value));
  }
  return made;
}

std::string_view told_name(ScriptTold told) {
  constexpr std::string_view names[] = {"nothing", "ok", "refused", "failed", "unknown"};
  return names[static_cast<std::size_t>(told)];
}

json::object outcome_json(const ScriptReport& report, std::size_t place) {
  const ScriptOutcome& outcome = report.exploration.outcomes[place];
  const ScriptEnding& ending = *outcome.ending;
  json::object final;
  for (std::size_t table = 0; table < ending.contents.size(); ++table) {
    json::array rows;
    for (const sql::Values& row : ending.contents[table]) {
      rows.push_back(row_json(row));
    }
    final[report.setup->schema->tables[table].full_name()] = std::move(rows);
  }
  json::object told{{"ok", 0}, {"refused", 0}, {"failed", 0}, {"unknown", 0}};
  json::array operations;
  for (const ScriptOperation& it : ending.operations) {
    if (it.told != ScriptTold::nothing) {
      told[told_name(it.told)] = told[told_name(it.told)].as_int64() + 1;
    }
    json::object reply;
    for (std::size_t i = 0; i < it.script->reply.size() && i < it.reply.values.size(); ++i) {
      reply[it.script->variables[it.script->reply[i]]] = value_json(it.reply.values[i]);
    }
    for (std::size_t i = 0; i < it.reply.rows.size(); ++i) {
      json::array rows;
      for (const sql::Values& row : it.reply.rows[i]) {
        rows.push_back(row_json(row));
      }
      reply[it.script->rows[i]] = std::move(rows);
    }
    operations.push_back(json::object{
        {"client", it.client},
        {"operation", it.number + 1},
        {"endpoint", it.script->name},
        {"told", told_name(it.told)},
        {"status", it.told == ScriptTold::unknown || it.told == ScriptTold::nothing
                       ? json::value(nullptr)
                       : json::value(it.reply.status)},
        {"sqlstate", it.reply.error.failed() ? json::value(std::string(it.reply.error.code()))
                                             : json::value(nullptr)},
        {"reply", std::move(reply)}});
  }
  json::array checks;
  for (std::size_t i = 0; i < ending.checks.size(); ++i) {
    checks.push_back(json::object{{"sentence", utf8_text(report.setup->checks[i].sentence)},
                                  {"holds", ending.checks[i].empty()},
                                  {"problem", utf8_text(ending.checks[i])}});
  }
  return {{"final", std::move(final)},
          {"orders", report.exploration.odds.by_outcome[place].str()},
          {"violated", outcome.violated()},
          {"told", std::move(told)},
          {"operations", std::move(operations)},
          {"one_at_a_time", ending.right},
          {"answers_only", ending.answers_only},
          {"checks", std::move(checks)},
          {"stuck", ending.stuck}};
}

json::value order_json(const ScriptReport& report) {
  if (!report.exploration.counterexample) {
    return nullptr;
  }
  const ScriptOrder& order = *report.exploration.counterexample;
  json::array steps;
  for (const ScriptOrder::Taken& taken : order.steps) {
    for (std::size_t i = 0; i < taken.happened.size(); ++i) {
      const ScriptModel::Happened& it = taken.happened[i];
      json::array before;
      for (const std::string& text : it.before) {
        before.push_back(json::value(utf8_text(text)));
      }
      const bool is_time = it.who.client == UINT8_MAX;
      steps.push_back(
          json::object{{"task", is_time ? std::string("clock")
                                        : std::string(1, letter_of_client(it.who.client))},
                       {"attempt", it.who.attempt},
                       {"before", std::move(before)},
                       {"statement", utf8_text(it.text)},
                       {"result", utf8_text(it.answer)},
                       {"waits", it.kind == ScriptModel::Happened::Kind::waits},
                       {"probability_violating", taken.chance}});
    }
  }
  return json::object{{"clients", order.clients},
                      {"operations", order.operations},
                      {"faults", order.faults},
                      {"switches", order.switches},
                      {"anomaly", order.circle.name.empty() ? json::value(nullptr)
                                                            : json::value(order.circle.name)},
                      {"steps", std::move(steps)},
                      {"schedule", order.word()},
                      {"token", nullptr}};
}

json::object report_json(const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  json::object options;
  for (const auto& [key, value] : report.shaped) {
    options[key] = utf8_text(value);
  }
  const auto known = [&all](double chance) {
    return all.complete() ? json::value(chance) : json::value(nullptr);
  };
  json::array outcomes;
  for (std::size_t i = 0; i < all.outcomes.size(); ++i) {
    outcomes.push_back(outcome_json(report, i));
  }
  return {
      {"schema", "racelab.explore/1"},
      {"scenario", utf8_text(report.scenario)},
      {"strategy", report.strategy},
      {"rules", "PostgreSQL 15"},
      {"options", std::move(options)},
      {"verdict", verdict_name(all.verdict)},
      {"complete", all.complete()},
      {"orders", all.odds.orders.str()},
      {"orders_violating", all.odds.orders_violating.str()},
      {"orders_answers_only", all.orders_answers_only.str()},
      {"orders_failing", all.orders_failing.str()},
      {"probability_violating", json::object{{"uniform_orders", known(all.odds.uniform_orders())},
                                             {"uniform_scheduler", known(all.odds.scheduler_low)}}},
      {"states", all.states},
      {"transitions", all.transitions},
      {"seconds", report.seconds},
      {"outcomes", std::move(outcomes)},
      {"counterexample", order_json(report)}};
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
