// What a strategy was saved from: what happens in orders that hold, and would have been harm under another one.
#pragma once

#include <cstdint>

#include "sim/store/statement.h"

namespace racelab {

enum class NearMiss : std::uint8_t {
  wait,         // a statement waited for another transaction's end
  stale_write,  // a write computed from a version that is the row's no longer changed nothing
  repeated_operation,  // its key was there already
  deadlock,            // two waited for each other, and one had to give up
  long_wait,           // … for a lock ended without it
};
constexpr std::size_t near_miss_kinds = 5;

/// Several of them: a bit each.
class NearMisses {
 public:
  constexpr NearMisses() = default;
  constexpr explicit NearMisses(NearMiss kind) { add(kind); }
  constexpr void add(NearMiss kind) {
    bits_ = static_cast<std::uint8_t>(bits_ | (1U << static_cast<unsigned>(kind)));
  }
  constexpr void add(NearMisses others) { bits_ = static_cast<std::uint8_t>(bits_ | others.bits_); }
  [[nodiscard]] constexpr bool contain(NearMiss kind) const {
    return ((bits_ >> static_cast<unsigned>(kind)) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool any() const { return bits_ != 0; }

 private:
  std::uint8_t bits_ = 0;
};

/// What a statement's answer tells of.
NearMisses near_misses_in(const Statement& statement, const StatementResult& result);

}  // namespace racelab
