// Nothing interrupts a page's work but its end: only the clock is looked at.
#include <chrono>

#include "sim/cli/signals.h"

namespace racelab {

namespace {

using Clock = std::chrono::steady_clock;

StopFlag wished = false;
Clock::time_point deadline;  // the epoch: none

}  // namespace

void listen_to_signals() {}
void listen_to_crashes() {}

WishToStop::WishToStop(std::uint64_t seconds_max) : stops_(wished) {
  wished = false;
  deadline =
      seconds_max == 0 ? Clock::time_point() : Clock::now() + std::chrono::seconds(seconds_max);
}
WishToStop::~WishToStop() = default;

bool WishToStop::is_there() const {
  if (deadline != Clock::time_point() && Clock::now() >= deadline) {
    wished = true;
  }
  return wished;
}

std::string_view WishToStop::reason() const { return wished ? "seconds-max" : ""; }

}  // namespace racelab
