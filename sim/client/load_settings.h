// What a person sets of the clients, and of a run as a whole. In a file of its own so that settings as data need no world.
#pragma once

#include <cstdint>

#include "sim/client/retry_limits.h"
#include "sim/client/retry_policy.h"
#include "sim/kernel/time.h"

namespace racelab {

/// How many clients there are, when they ask and when they ask again. Each field is an option, as a person sets it.
struct LoadSettings : RetryLimitSettings {  // budget and breaker: of each client
  std::uint32_t clients = 2;
  std::uint32_t operations = 1;                // per client
  std::int64_t arrivals_per_second = 0;        // exponentially distributed gaps; 0: a closed loop
  std::int64_t spike_arrivals_per_second = 0;  // the same while the spike lasts; 0: there is none
  Duration spike_at = seconds(20);             // from the start
  Duration spike_for = seconds(5);
  Duration until{};       // no operation starts later; 0: however long it takes
  Duration think_time{};  // closed loop: before every operation, from half to one and a half of it
  RetryPolicy retry{.timeout = milliseconds(50),
                    .attempts_max = 3,
                    .backoff = Backoff::exponential,
                    .base = milliseconds(5),
                    .cap = seconds(1),
                    .jitter = Jitter::full};
};

/// The most services that may call one another.
constexpr std::uint32_t layers_max = 5;

/// What belongs to no single part. Each field is an option, as a person sets it.
struct RunSettings {
  std::uint32_t layers =
      1;  // of services: all but the last only call the next, each as its policy says
  std::uint64_t happenings_max = 10'000'000;  // before one more the run is given up
};

}  // namespace racelab
