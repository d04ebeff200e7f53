// Values, endings and steps of endpoints in SQL, as JSON.
#include "sim/report/script_json.h"

#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

namespace {

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

}  // namespace

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

json::object final_json(const ScriptSetup& setup, const ScriptEnding& ending) {
  json::object final;
  for (std::size_t table = 0; table < ending.contents.size(); ++table) {
    json::array rows;
    for (const sql::Values& row : ending.contents[table]) {
      rows.push_back(row_json(row));
    }
    final[setup.schema->tables[table].full_name()] = std::move(rows);
  }
  return final;
}

json::array checks_json(const ScriptSetup& setup, const ScriptEnding& ending) {
  json::array checks;
  for (std::size_t i = 0; i < ending.checks.size(); ++i) {
    checks.push_back(json::object{{"sentence", utf8_text(setup.checks[i].sentence)},
                                  {"holds", ending.checks[i].empty()},
                                  {"problem", utf8_text(ending.checks[i])}});
  }
  return checks;
}

json::array operations_json(const ScriptEnding& ending) {
  json::array operations;
  for (const ScriptOperation& it : ending.operations) {
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
        {"server_code",
         it.reply.server_code.empty() ? json::value(nullptr) : json::value(it.reply.server_code)},
        {"reply", std::move(reply)}});
  }
  return operations;
}

json::array steps_json(const ScriptOrder& order) {
  json::array steps;
  std::size_t number = 0;
  for (const ScriptOrder::Taken& taken : order.steps) {
    ++number;
    for (const ScriptModel::Happened& it : taken.happened) {
      json::array before;
      for (const std::string& text : it.before) {
        before.push_back(json::value(utf8_text(text)));
      }
      const bool is_time = it.who.client == UINT8_MAX;
      steps.push_back(
          json::object{{"step", number},
                       {"task", is_time ? std::string("clock")
                                        : std::string(1, letter_of_client(it.who.client))},
                       {"attempt", it.who.attempt},
                       {"before", std::move(before)},
                       {"statement", utf8_text(it.text)},
                       {"result", utf8_text(it.answer)},
                       {"waits", it.kind == ScriptModel::Happened::Kind::waits},
                       {"probability_violating",
                        order.chances_known ? json::value(taken.chance) : json::value(nullptr)}});
    }
  }
  return steps;
}

json::object options_json(const ScriptExperiment& experiment) {
  json::object options;
  for (const auto& [key, value] : experiment.shaped) {
    options[key] = utf8_text(value);
  }
  return options;
}

}  // namespace racelab
