// What can be injected. Each fault has a name in scenarios and flags, a sentence for `racelab list faults`, and one kind
// of happening that it strikes; how often is a setting of the run (a rate and a budget).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace racelab {

/// What goes wrong at one happening. lose_session has two sides: a COMMIT lost "after" is the ambiguous one.
enum class Fault : std::uint8_t {
  none,
  lose_request,
  duplicate_delivery,
  slow_call,
  crash,
  lose_session_before,
  lose_session_after,
  lose_reply,
  fail_call,
  refuse_call,
  reset_call,
  reset_reply,
};

/// What is configured, counted and listed: the two sides of a lost session are one kind.
enum class FaultKind : std::uint8_t {
  lose_request,
  lose_reply,
  duplicate_delivery,
  slow_call,
  crash,
  lose_session,
  fail_call,
  refuse_call,
  reset_call,
  reset_reply,
};
constexpr std::size_t fault_kinds = 10;

struct FaultDescription {
  FaultKind kind;
  std::string_view name;      // "lose-reply": the settings are lose-reply.rate and lose-reply.max
  std::string_view sentence;  // what it does, for `racelab list faults`
  std::string_view chance;    // what the rate is a share of
};

/// One description per kind, in the order of FaultKind.
const std::array<FaultDescription, fault_kinds>& fault_descriptions();

/// The kind of a fault that is not `none`.
FaultKind kind_of(Fault fault);

/// Which side of a statement a lost session is lost on.
enum class SessionLoss : std::uint8_t { either, before, after };

struct FaultSetting {
  std::uint32_t rate_parts_per_billion = 0;  // share of chances, in timed runs
  std::optional<std::uint32_t> max;  // budget: at most so many, anywhere; no value: no limit
};

struct FaultPlan {
  std::array<FaultSetting, fault_kinds> settings{};
  SessionLoss session_loss = SessionLoss::either;
  std::optional<std::uint32_t> total_max;  // of all faults together; no value: no limit

  FaultSetting& operator[](FaultKind kind) { return settings[static_cast<std::size_t>(kind)]; }
  const FaultSetting& operator[](FaultKind kind) const {
    return settings[static_cast<std::size_t>(kind)];
  }
};

}  // namespace racelab
