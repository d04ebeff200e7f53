// Where each fault strikes: one table, for the timed run, the model and replay. (The odometer has rules of its own: it is the
// second opinion.)
#pragma once

#include <array>
#include <cstdint>

#include "sim/kernel/fault.h"

namespace racelab {

enum class FaultTarget : std::uint8_t { request, statement, reply };

struct FaultRule {
  Fault fault = Fault::none;
  FaultKind kind = FaultKind::lose_request;
  FaultTarget target = FaultTarget::request;
};

/// In the order in which the faults of one target are tried. A slow call strikes the request where there is a clock; where time
/// is abstracted, the statement that ends its handler.
constexpr std::array<FaultRule, 11> fault_rules{{
    {Fault::lose_request, FaultKind::lose_request, FaultTarget::request},
    {Fault::duplicate_delivery, FaultKind::duplicate_delivery, FaultTarget::request},
    {Fault::slow_call, FaultKind::slow_call, FaultTarget::request},
    {Fault::fail_call, FaultKind::fail_call, FaultTarget::request},
    {Fault::refuse_call, FaultKind::refuse_call, FaultTarget::request},
    {Fault::reset_call, FaultKind::reset_call, FaultTarget::request},
    {Fault::crash, FaultKind::crash, FaultTarget::statement},
    {Fault::lose_session_before, FaultKind::lose_session, FaultTarget::statement},
    {Fault::lose_session_after, FaultKind::lose_session, FaultTarget::statement},
    {Fault::lose_reply, FaultKind::lose_reply, FaultTarget::reply},
    {Fault::reset_reply, FaultKind::reset_reply, FaultTarget::reply},
}};

/// The faults that end a call before a handler starts for it.
constexpr std::array<Fault, 4> ending_faults{Fault::lose_request, Fault::refuse_call,
                                             Fault::reset_call, Fault::fail_call};
constexpr bool ends_call(Fault fault) {
  return fault == Fault::lose_request || fault == Fault::refuse_call ||
         fault == Fault::reset_call || fault == Fault::fail_call;
}

/// Of a fault that is not `none`.
constexpr const FaultRule& rule_of(Fault fault) {
  std::size_t index = 0;
  while (fault_rules.at(index).fault != fault) {
    ++index;
  }
  return fault_rules.at(index);
}

/// Whether a fault is among those that a loss of sessions may be.
constexpr bool allows(SessionLoss loss, Fault fault) {
  return !(loss == SessionLoss::before && fault == Fault::lose_session_after) &&
         !(loss == SessionLoss::after && fault == Fault::lose_session_before);
}

}  // namespace racelab
