// When a client asks again: how long it waits for an answer, how often it asks, and how long it backs off in between.
//
// The formulas are those of "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): retry k, from 1, backs off
// v = min(cap, base * 2^k); full jitter sleeps U(0, v), equal jitter v/2 + U(0, v/2), decorrelated jitter
// min(cap, U(base, 3 * previous sleep)), where the first previous sleep is base.
#pragma once

#include <cstdint>

#include "sim/kernel/choice.h"
#include "sim/kernel/time.h"

namespace racelab {

enum class Backoff : std::uint8_t { none, fixed, exponential };
enum class Jitter : std::uint8_t { none, full, equal, decorrelated };

struct RetryPolicy {
  Duration timeout{};  // of one attempt; 0: waits for ever
  std::uint16_t attempts_max = 1;
  Backoff backoff = Backoff::none;
  Duration base{};
  Duration cap{};
  Jitter jitter = Jitter::none;

  /// The span, as a range to draw from, before retry `retry` (from 1), given how long the sleep before took (base at first).
  [[nodiscard]] Delay back_off(std::uint32_t retry, Duration previous) const;
};

}  // namespace racelab
