// Counter-based random numbers: a draw is a pure function of (seed, client, operation, attempt, purpose, index).
//
// There is no stream to advance, so one more fault, or another strategy, does not reshuffle the rest: two strategies
// under one seed meet the same weather. The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel Random
// Numbers: As Easy as 1, 2, 3", SC11), from the Random123 library. Only integers: floating-point distributions differ
// between compilers and libraries.
#pragma once

#include <cstdint>

#include "sim/kernel/time.h"

namespace racelab {

/// What a draw is for. Two draws that differ in any field of DrawName are independent.
enum class Purpose : std::uint8_t {
  request_latency,
  statement_latency,
  reply_latency,
  arrival,
  think_time,
  backoff,
  fault,  // the index says which fault
  answer_latency,
  service_time,
  gateway,         // the index says which layer, and what of it
  script,          // random() of an endpoint in SQL
  who_goes_on,     // after a wait; the index counts the questions
  cancel_latency,  // the index says of which service in between; 0: of the last one
};

/// The name of a draw.
struct DrawName {
  std::uint32_t client = 0;
  std::uint32_t operation = 0;
  std::uint16_t attempt = 0;
  Purpose purpose = Purpose::request_latency;
  std::uint32_t index = 0;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed) {}

  [[nodiscard]] std::uint64_t seed() const { return seed_; }

  /// 64 uniform bits.
  [[nodiscard]] std::uint64_t bits(const DrawName& name) const;

  /// Uniform in [low, high], both included; low when high <= low.
  [[nodiscard]] Duration uniform(const DrawName& name, Duration low, Duration high) const;

  /// True in `parts_per_billion` of 10^9 cases.
  [[nodiscard]] bool strikes(const DrawName& name, std::uint32_t parts_per_billion) const;

  /// Exponentially distributed with that mean, by von Neumann's comparison method: it needs no logarithm, so it is the
  /// same everywhere. Expects an index of at most 20 bits; the draws of two names have none in common.
  [[nodiscard]] Duration exponential(const DrawName& name, Duration mean) const;

  /// The absolute value of a normally distributed span: of one with a negative part, the mirrored half counts too. Exact but
  /// for the rounding to whole microseconds, towards the mean, by comparisons of uniform draws alone (C. F. F. Karney,
  /// "Sampling exactly from the normal distribution", ACM TOMS 42(1), 2016, algorithm N). Expects an index of at most 20
  /// bits; the draws of two names have none in common.
  struct Normal {
    Duration mean{};
    Duration deviation{};
  };
  [[nodiscard]] Duration normal(const DrawName& name, const Normal& distribution) const;

 private:
  std::uint64_t seed_;
};

}  // namespace racelab
