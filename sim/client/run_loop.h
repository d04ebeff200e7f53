// The loop of every world: it asks what happens next until nothing can.
#pragma once

#include <cstdint>

#include "sim/kernel/choice.h"
#include "sim/kernel/stop.h"

namespace racelab {

/// Takes steps until one says that nothing can happen any more, until `happenings`, which counts them, has reached its limit, or
/// until it is asked to stop, which it looks for every so many. Whether something more would have happened, and when the last step was.
struct RunEnd {
  bool more = false;
  Instant at{};
};
template <class Step>
RunEnd run_to_end(Choice& choice, const std::uint64_t& happenings, std::uint64_t happenings_max,
                  std::uint64_t between_questions, Step step) {
  bool more = true;
  bool stopped = false;
  while (more && !stopped && happenings < happenings_max) {
    more = step();
    stopped = happenings % between_questions == 0 && stop_asked();
  }
  const Instant at = choice.now();
  if (!more) {
    return {false, at};
  }
  // To ask is to take it, so it is given back: whoever owns it expects to withdraw it.
  Pending* pending = choice.next().pending;
  if (pending != nullptr) {
    choice.offer(*pending);
  }
  return {pending != nullptr, at};
}

}  // namespace racelab
