// What befalls the replies that a step sends: each may be lost, or the connection is reset and its client knows at once. A step
// has a bit for each reply, in their order: `replies_lost` for those that do not arrive, and among these `replies_reset`.
#pragma once

#include <bit>
#include <cstdint>

#include "sim/kernel/fault.h"

namespace racelab {

/// What befalls a step's n-th reply, from 0.
template <class Step>
Fault fault_of_reply(const Step& step, unsigned number) {
  const bool lost = ((step.replies_lost >> number) & 1U) != 0;
  const bool reset = ((step.replies_reset >> number) & 1U) != 0;
  return reset ? Fault::reset_reply : lost ? Fault::lose_reply : Fault::none;
}

/// What befell the n-th, from 0, of those replies that did not arrive.
template <class Step>
Fault fault_of_unheard(const Step& step, std::size_t number) {
  unsigned lost = step.replies_lost;
  for (; number > 0; --number) {
    lost &= lost - 1;
  }
  return fault_of_reply(step, static_cast<unsigned>(std::countr_zero(lost)));
}

/// Faults that may still strike replies.
struct ReplyBudget {
  std::uint32_t lose = 0;
  std::uint32_t reset = 0;
  std::uint32_t in_all = 0;
};

/// Calls `visit(lost, reset)` with everything that can befall so many replies, except nothing at all.
template <class Visit>
void each_reply_fault(unsigned replies, const ReplyBudget& budget, Visit visit) {
  for (unsigned lost = 1; lost < (1U << replies); ++lost) {
    const auto in_all = static_cast<std::uint32_t>(std::popcount(lost));
    for (unsigned reset = 0; in_all <= budget.in_all; reset = (reset - lost) & lost) {
      const auto resets = static_cast<std::uint32_t>(std::popcount(reset));
      if (in_all - resets <= budget.lose && resets <= budget.reset) {
        visit(static_cast<std::uint8_t>(lost), static_cast<std::uint8_t>(reset));
      }
      if (reset == lost) {
        break;
      }
    }
  }
}

}  // namespace racelab
