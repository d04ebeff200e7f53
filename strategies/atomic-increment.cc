// Atomic increment: let the store do the arithmetic, UPDATE n = n + 1, in one statement.
//
// There is no moment between reading and writing, so no race can come between. But it is not idempotent: a request that
// is repeated, because its reply was lost, is done twice.
// It only works where one statement can express the change.
#include "sim/strategy.h"

namespace racelab {

static Task<Reply> atomic_increment(Session& db, const Request& request) {
  const bool changed = co_await db.update_in_place(*request.change.in_place);
  co_return changed ? Reply::ok() : Reply::refused();
}

static const RegisteredStrategy registered{{
    .name = "atomic-increment",
    .sentence = "UPDATE n = n + 1: the store does the arithmetic, in one statement.",
    .withstands = {Hazard::race},
    .retry_on = {Error::serialization_failure},
    .needs_in_place = true,
    .handle = atomic_increment,
}};

}  // namespace racelab
