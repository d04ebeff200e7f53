// The pauses before each retry, as literal ranges: the formulas of "Exponential Backoff And Jitter" for base 5 ms, cap
// 100 ms, and where they meet the cap.
#include "sim/client/retry_policy.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/client/polly_jitter.h"

namespace racelab::lab::retry_policy_test {
namespace {

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;  // microseconds

// What a policy does after failures, each pause drawn as long as it may be: the range that it was drawn from, or the pause twice.
class Asked {
 public:
  explicit Asked(const RetryPolicy& policy) : policy_(policy), state_(policy.start()) {}

  RetryPolicy::Next after(Failure failure, std::uint16_t attempt, Duration retry_after = {},
                          Duration since_start = {}) {
    drawn_.reset();
    return policy_.after({failure, attempt, retry_after, since_start}, state_,
                         [this](Duration low, Duration high) {
                           drawn_ = {low.microseconds, high.microseconds};
                           return high;
                         });
  }
  /// The range of the pause that came last.
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> range(const RetryPolicy::Next& next) const {
    return drawn_.value_or(std::pair(next.pause.microseconds, next.pause.microseconds));
  }

 private:
  RetryPolicy policy_;
  RetryState state_;
  std::optional<std::pair<std::int64_t, std::int64_t>> drawn_;
};

Ranges ranges(const RetryPolicy& policy, std::uint16_t retries) {
  Ranges all;
  Asked asked(policy);
  for (std::uint16_t retry = 1; retry <= retries; ++retry) {
    const RetryPolicy::Next next = asked.after(Failure::timeout, retry);
    EXPECT_TRUE(next.again) << retry;
    all.push_back(asked.range(next));
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

// min(100, U(5, 3 * previous)), previous = 5 at first: drawn up to 15, 45, 135, then 3 x 100; but 100 at most. The bound is not
// part of the range: of U(5, 300) two thirds are 100 itself.
TEST(RetryPolicy, decorrelated) {
  EXPECT_EQ(ranges(policy(Backoff::exponential, Jitter::decorrelated), 4),
            (Ranges{{5'000, 15'000}, {5'000, 45'000}, {5'000, 135'000}, {5'000, 300'000}}));
  Asked asked(policy(Backoff::exponential, Jitter::decorrelated));
  EXPECT_EQ(asked.after(Failure::timeout, 1).pause, milliseconds(15));
  EXPECT_EQ(asked.after(Failure::timeout, 2).pause, milliseconds(45));
  EXPECT_EQ(asked.after(Failure::timeout, 3).pause, milliseconds(100));
}

TEST(RetryPolicy, a_base_at_the_cap_stays_there) {
  RetryPolicy capped = policy(Backoff::exponential, Jitter::none);
  capped.base = capped.cap;
  EXPECT_EQ(ranges(capped, 2), (Ranges{{100'000, 100'000}, {100'000, 100'000}}));
  capped.jitter = Jitter::decorrelated;
  EXPECT_EQ(ranges(capped, 1), (Ranges{{100'000, 300'000}}));
  EXPECT_EQ(Asked(capped).after(Failure::timeout, 1).pause, capped.cap);
}

// An hour is the longest that can be set; the thousandth retry must not overflow, nor one without a cap.
TEST(RetryPolicy, does_not_overflow) {
  RetryPolicy longest = policy(Backoff::exponential, Jitter::none);
  longest.attempts_max = 0;
  longest.base = microseconds(1);
  longest.cap = seconds(3'600);
  const auto pause = [&longest](std::uint16_t retry) {
    return Asked(longest).after(Failure::timeout, retry).pause;
  };
  EXPECT_EQ(pause(31), microseconds(std::int64_t{1} << 31U));
  EXPECT_EQ(pause(32), seconds(3'600));
  EXPECT_EQ(pause(1'000), seconds(3'600));
  longest.cap = {};
  EXPECT_EQ(pause(1'000), seconds(1'000'000));
  longest.backoff = Backoff::quadratic;
  EXPECT_EQ(pause(1'000), seconds(1));
}

// Base 300 ms: 300, 600, 1200 from the power 0; by the factor 1.5 300, 450, 675; k x 300 and k^2 x 300 for k = 1, 2, 3.
TEST(RetryPolicy, other_formulas) {
  RetryPolicy it = policy(Backoff::exponential, Jitter::none);
  it.base = milliseconds(300);
  it.cap = {};
  it.power_first = 0;
  EXPECT_EQ(ranges(it, 3),
            (Ranges{{300'000, 300'000}, {600'000, 600'000}, {1'200'000, 1'200'000}}));
  it.multiplier = 1'500'000'000;
  EXPECT_EQ(ranges(it, 3), (Ranges{{300'000, 300'000}, {450'000, 450'000}, {675'000, 675'000}}));
  it.power_first = 1;
  it.backoff = Backoff::linear;
  EXPECT_EQ(ranges(it, 3), (Ranges{{300'000, 300'000}, {600'000, 600'000}, {900'000, 900'000}}));
  it.backoff = Backoff::quadratic;
  EXPECT_EQ(ranges(it, 3),
            (Ranges{{300'000, 300'000}, {1'200'000, 1'200'000}, {2'700'000, 2'700'000}}));
  it.first = 0;
  EXPECT_EQ(ranges(it, 2), (Ranges{{0, 0}, {1'200'000, 1'200'000}}));
  it.base_after[static_cast<std::size_t>(Failure::timeout)] = milliseconds(1);
  EXPECT_EQ(ranges(it, 2), (Ranges{{0, 0}, {4'000, 4'000}}));
}

// Spans of 80 and 160 ms, cap 100 ms, by 0.8 to 1.2: before the cap up to 96 and 192, which the cap cuts to 100; after it 80 to 120.
TEST(RetryPolicy, a_factor_before_or_after_the_cap_and_an_addend) {
  RetryPolicy it = policy(Backoff::exponential, Jitter::factor);
  it.base = milliseconds(40);
  it.factor_low = 800'000'000;
  it.factor_high = 1'200'000'000;
  EXPECT_EQ(ranges(it, 1), (Ranges{{64'000, 96'000}}));
  EXPECT_EQ(Asked(it).after(Failure::timeout, 2).pause, milliseconds(100));
  it.factor_after_cap = true;
  EXPECT_EQ(Asked(it).after(Failure::timeout, 2).pause, milliseconds(120));
  it.jitter = Jitter::addend;
  it.addend = milliseconds(30);
  EXPECT_EQ(ranges(it, 2), (Ranges{{80'000, 110'000}, {100'000, 130'000}}));
  it.floor = milliseconds(200);
  EXPECT_EQ(Asked(it).after(Failure::timeout, 1).pause, milliseconds(200));
}

// f(t) = 2^t tanh(sqrt(4 t)): f(0) = 0, f(1) = 2 tanh 2 = 1.928055, f(2) = 4 tanh(2.828427) = 3.972158; to a part in a million.
TEST(RetryPolicy, pollys_curve) {
  constexpr std::int64_t one = std::int64_t{1} << 32U;
  const auto millionths = [](std::int64_t t) { return (polly_curve(t) / 4'295); };  // 2^32 / 10^6
  EXPECT_EQ(polly_curve(0), 0);
  EXPECT_NEAR(static_cast<double>(millionths(one)), 1'928'055, 100);
  EXPECT_NEAR(static_cast<double>(millionths(2 * one)), 3'972'158, 200);
  EXPECT_NEAR(static_cast<double>(millionths(one / 2)), 1'256'367, 100);  // sqrt 2 x tanh(sqrt 2)
  // Base 128 ms, drawn at the end of each stretch: 128 / 1.4 x 1.928055 = 176.28 ms, then 128 / 1.4 x 2.044103 = 186.89 ms.
  RetryPolicy it = policy(Backoff::exponential, Jitter::polly);
  it.base = milliseconds(128);
  it.cap = seconds(30);
  Asked asked(it);
  EXPECT_NEAR(static_cast<double>(asked.after(Failure::reset, 1).pause.microseconds), 176'280, 20);
  EXPECT_NEAR(static_cast<double>(asked.after(Failure::reset, 2).pause.microseconds), 186'890, 20);
}

// Base 1 us, drawn in the middle of each stretch, no cap: the rise between two points where tanh is 1 is
// (2^29.5 - 2^28.5) / 1.4 us = 271.16 s at retry 30, and stays so.
TEST(RetryPolicy, pollys_jitter_goes_on_pausing_after_thirty_retries) {
  std::int64_t before = 0;
  const Draw middle = [](Duration low, Duration high) {
    return Duration{low.microseconds + ((high - low).microseconds / 2)};
  };
  for (std::uint32_t retry = 1; retry <= 60; ++retry) {
    const Duration pause = polly_pause(retry, microseconds(1), middle, before);
    if (retry >= 30) {
      EXPECT_NEAR(static_cast<double>(pause.microseconds), 271'160'759, 1'000) << retry;
    }
  }
}

TEST(RetryPolicy, retries_only_after_the_failures_that_it_names) {
  RetryPolicy it = policy(Backoff::none, Jitter::none);
  it.retry_on = {Failure::refused, Failure::unavailable};
  EXPECT_TRUE(Asked(it).after(Failure::refused, 1).again);
  EXPECT_TRUE(Asked(it).after(Failure::unavailable, 8).again);
  EXPECT_FALSE(Asked(it).after(Failure::unavailable, 9).again);  // attempts_max
  for (const Failure other : {Failure::reset, Failure::timeout, Failure::error, Failure::throttled,
                              Failure::busy, Failure::conflict}) {
    EXPECT_FALSE(Asked(it).after(other, 1).again);
  }
}

TEST(RetryPolicy, counts_retries_by_failure) {
  RetryPolicy it = policy(Backoff::none, Jitter::none);
  it.retries_max[static_cast<std::size_t>(Failure::reset)] = 1;
  Asked asked(it);
  EXPECT_TRUE(asked.after(Failure::reset, 1).again);
  EXPECT_TRUE(asked.after(Failure::timeout, 2).again);
  EXPECT_FALSE(asked.after(Failure::reset, 3).again);
}

TEST(RetryPolicy, a_retry_after) {
  RetryPolicy it = policy(Backoff::fixed, Jitter::none);  // 5 ms
  const auto pause = [&it](std::int64_t asked_for) {
    return Asked(it).after(Failure::throttled, 1, milliseconds(asked_for)).pause;
  };
  EXPECT_EQ(pause(50), milliseconds(5));
  it.retry_after = RetryAfter::replaces;
  EXPECT_EQ(pause(50), milliseconds(50));
  EXPECT_EQ(pause(1), milliseconds(1));
  it.retry_after = RetryAfter::at_least;
  EXPECT_EQ(pause(1), milliseconds(5));
  it.retry_after_slack = milliseconds(20);
  EXPECT_EQ(pause(50), milliseconds(25));
  it.retry_after_max = milliseconds(10);
  EXPECT_EQ(pause(50), milliseconds(10));
  it.retry_after_end = milliseconds(40);
  EXPECT_FALSE(Asked(it).after(Failure::throttled, 1, milliseconds(50)).again);
  EXPECT_TRUE(Asked(it).after(Failure::throttled, 1, milliseconds(40)).again);
}

TEST(RetryPolicy, a_deadline_ends_what_would_come_later) {
  RetryPolicy it = policy(Backoff::fixed, Jitter::none);  // 5 ms
  it.deadline = milliseconds(20);
  EXPECT_TRUE(Asked(it).after(Failure::reset, 1, {}, microseconds(14'999)).again);
  EXPECT_FALSE(Asked(it).after(Failure::reset, 1, {}, milliseconds(15)).again);
  EXPECT_EQ(it.patience({}), milliseconds(20));  // of 50
  EXPECT_EQ(it.patience(milliseconds(12)), milliseconds(8));
  it.timeout = milliseconds(3);
  EXPECT_EQ(it.patience({}), milliseconds(3));
}

// A kept connection is reset: the request is sent once more, at once, and both retries are still to come.
TEST(RetryPolicy, resends_on_a_kept_connection) {
  RetryPolicy it = policy(Backoff::fixed, Jitter::none);
  it.attempts_max = 3;
  it.resend = Resend::keyed;
  EXPECT_FALSE(Asked(it).after(Failure::reset, 1).resend);
  it.connection_kept = true;
  EXPECT_EQ(it.attempts_possible(), 4U);
  Asked asked(it);
  EXPECT_TRUE(asked.after(Failure::reset, 1).resend);
  EXPECT_FALSE(asked.after(Failure::reset, 2).resend);
  EXPECT_TRUE(asked.after(Failure::reset, 3).again);
  EXPECT_FALSE(asked.after(Failure::reset, 4).again);
  EXPECT_FALSE(Asked(it).after(Failure::timeout, 1).resend);
  it.key = KeySent::none;
  EXPECT_FALSE(Asked(it).after(Failure::reset, 1).resend);
  it.resend = Resend::always;
  EXPECT_TRUE(Asked(it).after(Failure::reset, 1).resend);
}

}  // namespace
}  // namespace racelab::lab::retry_policy_test
