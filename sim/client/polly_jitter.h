// The jitter of Polly's DecorrelatedJitterBackoffV2, which cockatiel has too.
//
// With t = retry - 1 + U(0, 1) a curve f(t) = 2^t * tanh(sqrt(4 t)) is followed, and the pause is base / 1.4 times what the curve
// has risen since the point before. The curve is worked out in fixed point, 32 bits behind the point, so that it is the same
// everywhere.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/kernel/time.h"

namespace racelab {

/// The curve at t, both in parts of 2^32; t from 0 to 30.
std::int64_t polly_curve(std::int64_t t);

/// The pause before retry `retry` (from 1). `before`: the curve at the point before, 0 at first; left at the new point. `draw` is
/// asked once.
Duration polly_pause(std::uint32_t retry, Duration base,
                     const std::function<Duration(Duration low, Duration high)>& draw,
                     std::int64_t& before);

}  // namespace racelab
