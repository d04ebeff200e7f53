// What a person sets of the handlers. In a file of its own so that settings as data need no service.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/kernel/time.h"

namespace racelab {

/// What the fault fail-call answers.
enum class CallError : std::uint8_t { error_500, unavailable_503, throttled_429, busy_409 };
struct FailedCallSettings {
  CallError kind = CallError::unavailable_503;
  Duration retry_after{};  // that the answer asks for; 0: it says nothing
};

/// How handlers work. Each field is an option, as a person sets it.
struct HandlerSettings {
  std::uint16_t tries_max = 3;
  Duration lock_timeout{};                      // 0: a statement waits as long as it takes
  Duration session_timeout = milliseconds(30);  // 0: the store never notices a dead session
  Duration service_time{};           // how long a handler works before its first statement …
  Duration service_time_per_call{};  // … and how much longer for each at work, itself included
  bool grants_first = false;         // exploration: a queue stays first come, first served
  bool service_time_varies = false;  // exponentially distributed, with that mean
  std::uint32_t workers = 0;         // 0: as many as there are requests
  std::optional<std::uint32_t> queue_max{};  // requests that may wait; none: no limit
  bool drops_expired = false;  // a request whose client has given up is dropped at its turn
  FailedCallSettings failed_call{};
};

}  // namespace racelab
