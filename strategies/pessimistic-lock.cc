// Pessimistic lock: SELECT … FOR UPDATE locks the rows before they are read, until the transaction ends.
//
// Whoever comes second waits for the first to commit, then reads what it left. No update is lost; the price is waiting,
// and a lock that a dead handler holds until the store notices. It needs a transaction: without one the lock would be gone
// as soon as the SELECT is done.
#include "sim/strategy.h"

namespace racelab {

static Task<Reply> pessimistic_lock(Session& db, const Request& request) {
  const Rows seen = co_await db.select_for_update(request.change.rows);
  const std::optional<Writes> writes = request.change.apply(seen);
  if (!writes) {
    co_return Reply::refused();
  }
  co_await db.update(*writes);
  co_return Reply::ok();
}

static const RegisteredStrategy registered{{
    .name = "pessimistic-lock",
    .sentence = "SELECT ... FOR UPDATE, compute, UPDATE: the second request waits for the first.",
    .withstands = {Hazard::race},
    .retry_on = {Error::serialization_failure, Error::deadlock},
    .needs_transaction = true,
    .handle = pessimistic_lock,
}};

}  // namespace racelab
