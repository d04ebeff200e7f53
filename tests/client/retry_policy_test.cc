// The pauses before each retry, as literal ranges: the formulas of "Exponential Backoff And Jitter" for base 5 ms, cap
// 100 ms, and where they meet the cap.
#include "sim/client/retry_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace racelab::lab::retry_policy_test {
namespace {

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;  // microseconds

// The longest pause that a range and its bound allow.
Duration longest(const Delay& delay) {
  return delay.at_most > Duration{} ? std::min(delay.high, delay.at_most) : delay.high;
}

// Retries 1, 2, …; every pause is taken to last as long as it may, which only decorrelated jitter looks at.
Ranges ranges(const RetryPolicy& policy, std::uint32_t retries) {
  Ranges all;
  Duration previous = policy.base;
  for (std::uint32_t retry = 1; retry <= retries; ++retry) {
    const Delay delay = policy.back_off(retry, previous);
    EXPECT_EQ(delay.shape, Shape::even);
    all.emplace_back(delay.low.microseconds, delay.high.microseconds);
    previous = longest(delay);
  }
  return all;
}

RetryPolicy policy(Backoff backoff, Jitter jitter) {
  return {.timeout = milliseconds(50),
          .attempts_max = 9,
          .backoff = backoff,
          .base = milliseconds(5),
          .cap = milliseconds(100),
          .jitter = jitter};
}

TEST(RetryPolicy, no_backoff_is_no_pause) {
  for (const Jitter jitter : {Jitter::none, Jitter::full, Jitter::equal, Jitter::decorrelated}) {
    EXPECT_EQ(ranges(policy(Backoff::none, jitter), 3), (Ranges{{0, 0}, {0, 0}, {0, 0}}));
  }
}

TEST(RetryPolicy, fixed) {
  EXPECT_EQ(ranges(policy(Backoff::fixed, Jitter::none), 3),
            (Ranges{{5'000, 5'000}, {5'000, 5'000}, {5'000, 5'000}}));
  EXPECT_EQ(ranges(policy(Backoff::fixed, Jitter::full), 3),
            (Ranges{{0, 5'000}, {0, 5'000}, {0, 5'000}}));
  EXPECT_EQ(ranges(policy(Backoff::fixed, Jitter::equal), 3),
            (Ranges{{2'500, 5'000}, {2'500, 5'000}, {2'500, 5'000}}));
}

// v = min(100, 5 * 2^k) ms for k = 1, 2, …: 10, 20, 40, 80, 100, 100.
TEST(RetryPolicy, exponential) {
  EXPECT_EQ(ranges(policy(Backoff::exponential, Jitter::none), 6), (Ranges{{10'000, 10'000},
                                                                           {20'000, 20'000},
                                                                           {40'000, 40'000},
                                                                           {80'000, 80'000},
                                                                           {100'000, 100'000},
                                                                           {100'000, 100'000}}));
  EXPECT_EQ(
      ranges(policy(Backoff::exponential, Jitter::full), 6),
      (Ranges{{0, 10'000}, {0, 20'000}, {0, 40'000}, {0, 80'000}, {0, 100'000}, {0, 100'000}}));
  EXPECT_EQ(ranges(policy(Backoff::exponential, Jitter::equal), 6), (Ranges{{5'000, 10'000},
                                                                            {10'000, 20'000},
                                                                            {20'000, 40'000},
                                                                            {40'000, 80'000},
                                                                            {50'000, 100'000},
                                                                            {50'000, 100'000}}));
}

// min(100, U(5, 3 * previous)), previous = 5 at first: drawn up to 15, 45, 135, 300, but 100 at most. The bound is not part of
// the range: of U(5, 300) two thirds are 100 itself.
TEST(RetryPolicy, decorrelated) {
  EXPECT_EQ(ranges(policy(Backoff::exponential, Jitter::decorrelated), 4),
            (Ranges{{5'000, 15'000}, {5'000, 45'000}, {5'000, 135'000}, {5'000, 300'000}}));
  EXPECT_EQ(
      policy(Backoff::exponential, Jitter::decorrelated).back_off(3, milliseconds(45)).at_most,
      milliseconds(100));
  // It never resets: what the last pause was is all it knows.
  const RetryPolicy decorrelated = policy(Backoff::exponential, Jitter::decorrelated);
  EXPECT_EQ(decorrelated.back_off(7, milliseconds(6)).high, milliseconds(18));
}

TEST(RetryPolicy, a_base_at_the_cap_stays_there) {
  RetryPolicy capped = policy(Backoff::exponential, Jitter::none);
  capped.base = capped.cap;
  EXPECT_EQ(ranges(capped, 2), (Ranges{{100'000, 100'000}, {100'000, 100'000}}));
  capped.jitter = Jitter::decorrelated;
  EXPECT_EQ(capped.back_off(1, capped.base),
            (Delay{.low = milliseconds(100), .high = milliseconds(300), .at_most = capped.cap}));
}

// An hour is the longest that can be set; the thousandth retry must not overflow.
TEST(RetryPolicy, does_not_overflow) {
  RetryPolicy longest = policy(Backoff::exponential, Jitter::none);
  longest.base = microseconds(1);
  longest.cap = seconds(3'600);
  EXPECT_EQ(longest.back_off(31, longest.base).high, microseconds(std::int64_t{1} << 31U));
  EXPECT_EQ(longest.back_off(32, longest.base).high, seconds(3'600));
  EXPECT_EQ(longest.back_off(1'000, longest.base).high, seconds(3'600));
}

}  // namespace
}  // namespace racelab::lab::retry_policy_test
