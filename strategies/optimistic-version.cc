// Optimistic version check: write only if nobody has written since we read; otherwise start over.
//
// A conflict costs a retry, never an update. A lost reply still hurts: the client cannot tell "refused" from "done, and
// the answer vanished", so it asks again, and the work is done twice.
#include "sim/strategy.h"

namespace racelab {

static Task<Reply> optimistic_version(Session& db, const Request& request) {
  const Rows seen = co_await db.select(request.change.rows);
  const std::optional<Writes> writes = request.change.apply(seen);
  if (!writes) {
    co_return Reply::refused();
  }
  const bool written = co_await db.update_if_unchanged(seen, *writes);
  co_return written ? Reply::ok() : Reply::conflict();
}

static const RegisteredStrategy registered{{
    .name = "optimistic-version",
    .sentence =
        "UPDATE ... WHERE version = the one read: a stale write changes 0 rows and starts over.",
    .withstands = {Hazard::race},
    .retry_on = {Error::conflict, Error::serialization_failure},
    .needs_transaction_for_several_rows = true,
    .handle = optimistic_version,
}};

}  // namespace racelab
