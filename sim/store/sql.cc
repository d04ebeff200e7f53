// One case per verb; nothing here decides anything.
#include "sim/store/sql.h"

namespace racelab {

namespace {

std::string list_of(const RowKeys& keys, std::span<const std::string> names) {
  std::string text;
  for (const RowKey key : keys) {
    text += (text.empty() ? "" : ", ") + row_name(key, names);
  }
  return text;
}

std::string condition(const Where& where, const std::string& name) {
  const std::string operand = std::to_string(where.operand);
  switch (where.kind) {
    case Where::Kind::always:
      return "";
    case Where::Kind::version_is:
      return " WHERE version = " + operand;
    case Where::Kind::value_is:
      return " WHERE " + name + " = " + operand;
    case Where::Kind::value_at_least:
      return " WHERE " + name + " >= " + operand;
    case Where::Kind::remainder_is:
      return " WHERE " + name + " % " + std::to_string(where.divisor) + " = " + operand;
  }
  return "";
}

std::string locking(Locking locking) {
  switch (locking) {
    case Locking::none:
      return "";
    case Locking::for_update:
      return " FOR UPDATE";
    case Locking::for_update_nowait:
      return " FOR UPDATE NOWAIT";
    case Locking::for_update_skip_locked:
      return " FOR UPDATE SKIP LOCKED";
  }
  return "";
}

// A key row's value is the reply recorded with it.
std::string recorded(std::int64_t value) {
  constexpr const char* replies[] = {"ok", "pending", "refused"};
  return value >= 0 && value < 3 ? replies[value] : std::to_string(value);
}

}  // namespace

std::string client_name(std::uint32_t client) {
  std::string name;
  for (std::uint64_t rest = std::uint64_t{client} + 1; rest > 0; rest = (rest - 1) / 26) {
    name.insert(name.begin(), static_cast<char>('A' + ((rest - 1) % 26)));
  }
  return name;
}

std::string row_name(RowKey key, std::span<const std::string> names) {
  if (key.table() == Table::keys) {
    const std::string attempt = key.attempt() == 0 ? "" : "." + std::to_string(key.attempt());
    return "key-" + client_name(key.client()) + std::to_string(key.operation() + 1) + attempt;
  }
  return key.number() < names.size() ? names[key.number()] : "row " + std::to_string(key.number());
}

std::string to_sql(const Statement& statement, std::span<const std::string> names) {
  switch (statement.verb) {
    case Verb::begin:
      return statement.isolation == Isolation::repeatable_read
                 ? "BEGIN ISOLATION LEVEL REPEATABLE READ"
                 : "BEGIN";
    case Verb::commit:
      return "COMMIT";
    case Verb::rollback:
      return "ROLLBACK";
    case Verb::select:
      return "SELECT " + list_of(statement.keys, names) + locking(statement.locking);
    case Verb::scan:
      return "SELECT *" + condition(statement.where, "value");
    case Verb::insert:
      return "INSERT " + list_of(statement.keys, names) +
             (statement.on_conflict_do_nothing ? " ON CONFLICT DO NOTHING" : "");
    case Verb::update_set:
    case Verb::update_add:
      break;
  }
  const RowKey key = statement.keys.front();
  const std::string name = row_name(key, names);
  const std::string start = "UPDATE " + name + " = ";
  if (statement.verb == Verb::update_set) {
    const bool is_key = key.table() == Table::keys;
    return start + (is_key ? recorded(statement.value) : std::to_string(statement.value)) +
           condition(statement.where, name);
  }
  const std::string amount =
      std::to_string(statement.value < 0 ? -statement.value : statement.value);
  return start + name + (statement.value < 0 ? " - " : " + ") + amount +
         condition(statement.where, name);
}

std::string sqlstate(StatementError error) {
  switch (error) {
    case StatementError::none:
      return "00000";
    case StatementError::serialization_failure:
      return "40001";
    case StatementError::deadlock_detected:
      return "40P01";
    case StatementError::lock_not_available:
      return "55P03";
    case StatementError::unique_violation:
      return "23505";
    case StatementError::in_failed_transaction:
      return "25P02";
  }
  return "";
}

}  // namespace racelab
