// Idempotency key, recorded before: a classic mistake. The key is committed first, then the change is tried.
//
// Any later delivery finds the key and takes the work for done. If the first one died in between, or ended in a conflict
// that the client was to try again, the client is told ok for something that never happened. The key is recorded once per
// delivery, before any try: as a middleware does it.
#include "sim/strategy.h"

namespace racelab {

static Task<Reply> idempotency_key_before(Session& db, const Request& request, const Next& inner) {
  if (request.untouched) {
    const bool first = co_await db.insert_key_if_absent(request, Reply::ok());
    if (!first) {
      const std::optional<SavedReply> saved = co_await db.find_saved_reply(request);
      const bool same = !saved || saved->fingerprint == request.fingerprint;
      co_return same ? Reply::ok() : Reply::refused();
    }
    co_await db.commit();
  }
  const Reply reply = co_await inner.run(db, request);
  co_return reply;
}

static const RegisteredProtection registered{{
    .name = "idempotency-key-before",
    .sentence = "A mistake: the key is committed before the change, which may then never happen.",
    .adds = {Hazard::repeat, Hazard::overlap},
    .voids_where_conflicts = {Hazard::race},
    .handle = idempotency_key_before,
}};

}  // namespace racelab
