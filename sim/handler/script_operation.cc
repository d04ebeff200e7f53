// What a client is given and remembers, and when an execution has gone wrong.
#include "sim/handler/script_operation.h"

#include <algorithm>

#include "sim/store/sql.h"

namespace racelab {

bool ScriptEnding::checks_hold() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const std::string& problem) { return problem.empty(); });
}

bool ScriptEnding::violated() const {
  return !right || stuck > 0 || unanswered > 0 || !checks_hold();
}

std::vector<std::optional<sql::Value>> given_variables(const Script& script, std::uint32_t client,
                                                       std::uint32_t operation,
                                                       std::uint32_t attempt,
                                                       const std::vector<NamedValue>& memory) {
  std::vector<std::optional<sql::Value>> given(script.variables.size());
  for (const NamedValue& it : memory) {
    const auto found = std::find(script.variables.begin(), script.variables.end(), it.name);
    if (found != script.variables.end()) {
      given[static_cast<std::size_t>(found - script.variables.begin())] = it.value;
    }
  }
  given[Script::client_id] = sql::Value::bigint(client);
  given[Script::operation] = sql::Value::bigint(operation + 1);
  given[Script::attempt] = sql::Value::bigint(attempt);
  given[Script::key] =
      sql::Value::of(sql::Type::text, client_name(client) + std::to_string(operation + 1));
  return given;
}

void remember(const ScriptOperation& operation, std::vector<NamedValue>& memory) {
  const Script& script = *operation.script;
  for (std::size_t i = 0; i < script.reply.size(); ++i) {
    const std::string& name = script.variables[script.reply[i]];
    const auto known = std::find_if(memory.begin(), memory.end(),
                                    [&name](const NamedValue& it) { return it.name == name; });
    if (known != memory.end()) {
      known->value = operation.reply.values[i];
    } else {
      memory.push_back({name, operation.reply.values[i]});
    }
  }
}

std::string answer_text(const sql::Result& result, bool counts) {
  if (result.error.failed()) {
    return "ERROR " + sql::code_text(result.error, result.server_code) + ": " + result.message;
  }
  if (result.rolled_back) {
    return "ROLLBACK";
  }
  if (result.rows.empty()) {
    return counts ? std::to_string(result.affected) + (result.affected == 1 ? " row" : " rows")
                  : "";
  }
  std::string text;
  for (std::size_t row = 0; row < std::min<std::size_t>(result.rows.size(), 3); ++row) {
    std::string one;
    for (const sql::Value& value : result.rows[row]) {
      one += (one.empty() ? "" : ", ") + sql::to_line(value);
    }
    text += (row == 0 ? "" : " | ") + one;
  }
  if (result.rows.size() > 3) {
    text += " | … " + std::to_string(result.rows.size()) + " rows";
  }
  return text;
}

}  // namespace racelab
