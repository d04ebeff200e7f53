// The table of faults, told as `racelab list faults` prints it.
#include "sim/kernel/fault.h"

#include "sim/kernel/expect.h"
#include "sim/kernel/fault_rules.h"

namespace racelab {

const std::array<FaultDescription, fault_kinds>& fault_descriptions() {
  static constexpr std::array<FaultDescription, fault_kinds> descriptions{{
      {FaultKind::lose_request, "lose-request",
       "The request never arrives: nothing is done, and the client hears nothing.", "requests"},
      {FaultKind::lose_reply, "lose-reply",
       "The work is done, but its reply never arrives: the client cannot know.", "replies"},
      {FaultKind::duplicate_delivery, "duplicate-delivery",
       "The network delivers one request twice: two handlers start for it.", "requests"},
      {FaultKind::slow_call, "slow-call",
       "The request arrives after the client's timeout: the original still runs beside the retry.",
       "requests"},
      {FaultKind::crash, "crash",
       "The handler dies just before a statement; its session keeps its locks until the store "
       "notices.",
       "statements"},
      {FaultKind::lose_session, "lose-session",
       "The session breaks at a statement, before it ran or after (then even a COMMIT is in "
       "doubt).",
       "statements"},
      {FaultKind::fail_call, "fail-call",
       "The service answers with an error at once, and does nothing.", "requests"},
      {FaultKind::refuse_call, "refuse-call",
       "The connection is refused: nothing is done, and the client knows it at once.", "requests"},
      {FaultKind::reset_call, "reset-call",
       "The connection is reset before the request is read: nothing is done, but the client cannot "
       "know.",
       "requests"},
      {FaultKind::reset_reply, "reset-reply",
       "The work is done, then the connection is reset: the client knows at once that it cannot "
       "know.",
       "replies"},
  }};
  return descriptions;
}

FaultKind kind_of(Fault fault) {
  if (fault == Fault::none) {
    broken_promise("a fault that has a kind", __FILE__, __LINE__);
  }
  return rule_of(fault).kind;
}

}  // namespace racelab
