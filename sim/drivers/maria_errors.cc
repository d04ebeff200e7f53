// Numbers as in https://mariadb.com/kb/en/mariadb-error-code-reference/.
#include "sim/drivers/maria_errors.h"

namespace racelab::drivers {

sql::SqlState state_of(unsigned error) {
  switch (error) {
    case 1062:  // duplicate entry
    case 1586:
      return sql::state::unique_violation;
    case 1213:  // deadlock
      return sql::state::deadlock_detected;
    case 1205:  // lock wait timeout, and NOWAIT
      return sql::state::lock_not_available;
    case 1020:  // record has changed since last read
      return sql::state::serialization_failure;
    case 1048:  // column cannot be null
    case 1364:  // field has no default
      return sql::state::not_null_violation;
    case 4025:  // constraint failed
      return sql::state::check_violation;
    case 1451:  // a row refers to it
    case 1452:  // there is no such row
      return sql::state::foreign_key_violation;
    case 1242:  // more than one row
      return sql::state::cardinality_violation;
    case 1406:  // data too long
      return sql::state::too_long;
    case 1264:
    case 1690:  // out of range
      return sql::state::out_of_range;
    case 1365:
      return sql::state::division_by_zero;
    case 1292:
    case 1366:  // incorrect value
      return sql::state::invalid_text;
    case 1305:  // savepoint does not exist
      return sql::state::no_such_savepoint;
    default:
      return "XX000";
  }
}

std::string without_advice(const std::string& message) {
  constexpr std::string_view advice = " check the manual";
  const std::size_t from = message.find(advice);
  const std::size_t to = message.find(" near ", from == std::string::npos ? 0 : from);
  return from == std::string::npos || to == std::string::npos
             ? message
             : message.substr(0, from - 1) + message.substr(to);
}

}  // namespace racelab::drivers
