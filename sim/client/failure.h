// How an attempt can fail, as its client sees it: what it may go by when it decides whether to ask again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "sim/service/request.h"

namespace racelab {

enum class Failure : std::uint8_t {
  refused,      // no connection came about
  reset,        // the connection broke: before the request was read, or after the work was done
  timeout,      // no answer came in time
  error,        // 500
  unavailable,  // 503
  throttled,    // 429
  busy,         // 409
  conflict,     // the store would not let it through: 40001, 40P01, 55P03
};
constexpr std::size_t failure_kinds = 8;

/// Their names in settings, in the order of Failure.
inline constexpr std::array<std::string_view, failure_kinds> failure_names{
    "refused", "reset", "timeout", "500", "503", "429", "409", "conflict"};

/// What a reply that is neither ok nor a refusal, or none in time, is to the client.
constexpr Failure failure_of(const std::optional<Reply>& reply) {
  if (!reply) {
    return Failure::timeout;
  }
  switch (reply->kind) {
    case Reply::Kind::unreachable:
      return Failure::refused;
    case Reply::Kind::reset:
      return Failure::reset;
    case Reply::Kind::error:
      return Failure::error;
    case Reply::Kind::unavailable:
      return Failure::unavailable;
    case Reply::Kind::throttled:
      return Failure::throttled;
    case Reply::Kind::busy:
      return Failure::busy;
    default:
      return Failure::conflict;
  }
}

class Failures {
 public:
  constexpr Failures() = default;
  constexpr Failures(std::initializer_list<Failure> failures) {
    for (const Failure failure : failures) {
      bits_ |= bit(failure);
    }
  }
  static constexpr Failures all() { return of_bits((1U << failure_kinds) - 1); }
  static constexpr Failures of_bits(std::uint32_t bits) {
    Failures failures;
    failures.bits_ = bits;
    return failures;
  }
  [[nodiscard]] constexpr bool contain(Failure failure) const {
    return (bits_ & bit(failure)) != 0;
  }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(Failures, Failures) = default;

 private:
  static constexpr std::uint32_t bit(Failure failure) {
    return 1U << static_cast<unsigned>(failure);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace racelab
