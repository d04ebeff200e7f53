// What a fault or a workload can do to a strategy. A scenario states its hazards, a strategy what it withstands; neither
// mentions the other, and the verdict follows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "sim/kernel/fault.h"

namespace racelab {

enum class Hazard : std::uint8_t { race, repeat, overlap, crash };
constexpr std::size_t hazard_kinds = 4;

struct HazardDescription {
  Hazard hazard;
  std::string_view name;
  std::string_view sentence;
};

/// In the order of Hazard.
inline constexpr std::array<HazardDescription, hazard_kinds> hazard_descriptions{{
    {Hazard::race, "race", "Two operations work on one row at the same time."},
    {Hazard::repeat, "repeat", "An operation runs again after its first run has ended."},
    {Hazard::overlap, "overlap", "Two executions of one operation run at the same time."},
    {Hazard::crash, "crash", "A handler ends half-way, and its client asks again."},
}};

/// The hazard that a fault makes; none: it can do no harm. (A race needs no fault, only company.)
constexpr std::optional<Hazard> hazard_of(FaultKind fault) {
  switch (fault) {
    case FaultKind::lose_request:
    case FaultKind::lose_reply:
    case FaultKind::reset_call:
    case FaultKind::reset_reply:
      return Hazard::repeat;
    case FaultKind::duplicate_delivery:
    case FaultKind::slow_call:
      return Hazard::overlap;
    case FaultKind::crash:
    case FaultKind::lose_session:
      return Hazard::crash;
    case FaultKind::fail_call:
    case FaultKind::refuse_call:
      break;
  }
  return std::nullopt;
}

class Hazards {
 public:
  constexpr Hazards() = default;
  constexpr Hazards(std::initializer_list<Hazard> hazards) {
    for (const Hazard hazard : hazards) {
      add(hazard);
    }
  }
  static constexpr Hazards of_bits(std::uint32_t bits) {
    Hazards hazards;
    hazards.bits_ = bits;
    return hazards;
  }
  constexpr void add(Hazard hazard) { bits_ |= bit(hazard); }
  constexpr void remove(Hazard hazard) { bits_ &= ~bit(hazard); }
  [[nodiscard]] constexpr bool contain(Hazard hazard) const { return (bits_ & bit(hazard)) != 0; }
  /// Whether every hazard here is in `others` too.
  [[nodiscard]] constexpr bool within(Hazards others) const { return (bits_ & ~others.bits_) == 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(Hazards, Hazards) = default;

 private:
  static constexpr std::uint32_t bit(Hazard hazard) { return 1U << static_cast<unsigned>(hazard); }
  std::uint32_t bits_ = 0;
};

}  // namespace racelab
