// By what the store answered, not by what a strategy meant with it.
#include "sim/explore/near_miss.h"

namespace racelab {

namespace {

bool refuses_stale_write(const Statement& statement, const StatementResult& result) {
  const bool checks = statement.where.kind == Where::Kind::version_is ||
                      statement.where.kind == Where::Kind::value_is;
  const bool writes = statement.verb == Verb::update_set || statement.verb == Verb::update_add;
  return result.error == StatementError::serialization_failure ||
         (writes && checks && result.error == StatementError::none && result.affected == 0);
}

bool finds_its_key(const Statement& statement, const StatementResult& result) {
  if (statement.keys.empty() || statement.keys.front().table() != Table::keys) {
    return false;
  }
  switch (statement.verb) {
    case Verb::insert:
      return result.error == StatementError::unique_violation ||
             (result.error == StatementError::none && result.affected == 0);
    case Verb::select:
      return !result.rows.empty();
    default:
      return false;
  }
}

}  // namespace

NearMisses near_misses_in(const Statement& statement, const StatementResult& result) {
  NearMisses found;
  if (result.waited) {
    found.add(NearMiss::wait);
  }
  if (refuses_stale_write(statement, result)) {
    found.add(NearMiss::stale_write);
  }
  if (finds_its_key(statement, result)) {
    found.add(NearMiss::repeated_operation);
  }
  if (result.error == StatementError::deadlock_detected) {
    found.add(NearMiss::deadlock);
  }
  if (result.error == StatementError::lock_not_available) {
    found.add(NearMiss::long_wait);
  }
  return found;
}

}  // namespace racelab
