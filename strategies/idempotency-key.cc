// Idempotency key: the request's key is inserted, the change made and the reply saved in one transaction.
//
// All three stand or fall together, so a key in the table means that the change is done. A second delivery waits on the
// insert until the first one's fate is known; then it finds the key and returns the saved reply, or, if the first was
// rolled back, does the work itself. The same key with another request is a mistake, and refused.
#include "sim/strategy.h"

namespace racelab {

static Task<Reply> idempotency_key(Session& db, const Request& request, const Next& inner) {
  const bool first = co_await db.insert_key_if_absent(request, Reply::conflict());
  if (!first) {
    const std::optional<SavedReply> saved = co_await db.find_saved_reply(request);
    if (!saved) {
      co_return Reply::conflict();
    }
    co_return saved->fingerprint == request.fingerprint ? saved->reply : Reply::refused();
  }
  const Reply reply = co_await inner.run(db, request);
  if (reply == Reply::ok()) {
    co_await db.save_reply(request, reply);
  }
  co_return reply;
}

static const RegisteredProtection registered{{
    .name = "idempotency-key",
    .sentence = "Key, change and reply in one transaction: a second delivery gets the saved reply.",
    .adds = {Hazard::repeat, Hazard::overlap, Hazard::crash},
    .needs_transaction = true,
    .handle = idempotency_key,
}};

}  // namespace racelab
