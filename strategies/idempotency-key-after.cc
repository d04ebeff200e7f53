// Idempotency key, recorded after: a classic mistake. The change is committed first, the key in a transaction of its own.
//
// A repeat that comes later finds the key. But a crash between the two commits leaves the change without its key, and a
// second delivery that overlaps the first looks for the key before it is there: either way the work is done twice.
#include "sim/strategy.h"

namespace racelab {

static Task<Reply> idempotency_key_after(Session& db, const Request& request, const Next& inner) {
  const std::optional<SavedReply> saved = co_await db.find_saved_reply(request);
  if (saved) {
    co_return saved->fingerprint == request.fingerprint ? saved->reply : Reply::refused();
  }
  const Reply reply = co_await inner.run(db, request);
  if (reply == Reply::ok()) {
    co_await db.commit();
    co_await db.insert_key_if_absent(request, reply);
  }
  co_return reply;
}

static const RegisteredProtection registered{{
    .name = "idempotency-key-after",
    .sentence = "A mistake: the key is recorded in a transaction of its own after the change.",
    .adds = {Hazard::repeat},
    .handle = idempotency_key_after,
}};

}  // namespace racelab
