// Ranges only: the draw itself is Choice's.
#include "sim/client/retry_policy.h"

#include <algorithm>

namespace racelab {

namespace {

// min(cap, base * 2^retry) without overflow.
Duration doubled(Duration base, Duration cap, std::uint32_t retry) {
  Duration span = base;
  for (std::uint32_t i = 0; i < retry && span < cap; ++i) {
    span = span * 2;
  }
  return std::min(span, cap);
}

}  // namespace

Delay RetryPolicy::back_off(std::uint32_t retry, Duration previous) const {
  if (backoff == Backoff::none) {
    return {};
  }
  if (jitter == Jitter::decorrelated) {
    return {.low = std::min(base, cap), .high = previous * 3, .at_most = cap};
  }
  const Duration span = backoff == Backoff::fixed ? std::min(base, cap) : doubled(base, cap, retry);
  switch (jitter) {
    case Jitter::full:
      return {{}, span};
    case Jitter::equal:
      return {span / 2, span};
    default:
      return Delay::exactly(span);
  }
}

}  // namespace racelab
