// A new key per attempt: the client's mistake. It makes its idempotency key when it sends, not when it decides.
//
// To the service each attempt then looks like another operation, and no protection that relies on the key can tell that
// it was here before.
#include "sim/strategy.h"

namespace racelab {

static const RegisteredProtection registered{{
    .name = "new-key-per-attempt",
    .sentence =
        "The client's mistake: every attempt carries a new key, so no repeat is recognised.",
    .voids = {Hazard::repeat, Hazard::overlap, Hazard::crash},
    .key_per_attempt = true,
}};

}  // namespace racelab
