// Read-modify-write: read the row, work out the new value, write it back.
//
// The code everyone writes first. Between the read and the write another request can do the same: whoever writes last
// wins, and the other one's update is gone, though its client was told ok.
// At REPEATABLE READ the second writer is refused with 40001 instead, and starts over.
#include "sim/strategy.h"

namespace racelab {

static Task<Reply> read_modify_write(Session& db, const Request& request) {
  const Rows seen = co_await db.select(request.change.rows);
  const std::optional<Writes> writes = request.change.apply(seen);
  if (!writes) {
    co_return Reply::refused();
  }
  co_await db.update(*writes);
  co_return Reply::ok();
}

static const RegisteredStrategy registered{{
    .name = "read-modify-write",
    .sentence =
        "SELECT the value, compute in the handler, UPDATE it: the code everyone writes first.",
    .withstands = {{Hazard::race, Isolation::repeatable_read}},
    .retry_on = {Error::serialization_failure},
    .handle = read_modify_write,
}};

}  // namespace racelab
