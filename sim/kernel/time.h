// Virtual time. One tick is a microsecond, held in a 64-bit integer: a double would round differently from one
// compiler to the next, and the same seed must give the same bytes everywhere.
#pragma once

#include <compare>
#include <cstdint>

namespace racelab {

/// A span of virtual time in microseconds.
struct Duration {
  std::int64_t microseconds = 0;

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) {
    return {a.microseconds + b.microseconds};
  }
  friend constexpr Duration operator-(Duration a, Duration b) {
    return {a.microseconds - b.microseconds};
  }
  friend constexpr Duration operator*(Duration a, std::int64_t times) {
    return {a.microseconds * times};
  }
  friend constexpr Duration operator/(Duration a, std::int64_t parts) {
    return {a.microseconds / parts};
  }
};

/// A point of virtual time: microseconds since the run began.
struct Instant {
  std::int64_t microseconds = 0;

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant at, Duration later) {
    return {at.microseconds + later.microseconds};
  }
  friend constexpr Duration operator-(Instant to, Instant from) {
    return {to.microseconds - from.microseconds};
  }
};

/// Later than anything happens.
constexpr Instant end_of_time{INT64_MAX};

constexpr Duration microseconds(std::int64_t count) { return {count}; }
constexpr Duration milliseconds(std::int64_t count) { return {count * 1'000}; }
constexpr Duration seconds(std::int64_t count) { return {count * 1'000'000}; }

}  // namespace racelab
