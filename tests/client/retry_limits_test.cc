// What keeps a client from asking: the bucket's arithmetic to the billionth, and the breakers' states as stories.
#include "sim/client/retry_limits.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace racelab::lab::retry_limits_test {
namespace {

constexpr std::uint32_t percent = 10'000'000;  // in parts per billion

// ---- the budget

TEST(RetryBudget, without_one_every_retry_is_made) {
  RetryBudget budget({});
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(budget.take(Failure::timeout));
  }
}

TEST(RetryBudget, is_full_at_the_start_and_must_hold_more_than_one_token) {
  RetryBudget budget({.share = 0, .burst = 5});
  int retries = 0;
  while (budget.take(Failure::timeout)) {
    ++retries;
  }
  EXPECT_EQ(retries, 4);  // the fifth token stays: one is not more than one
}

TEST(RetryBudget, of_one_token_never_pays_for_a_retry) {
  RetryBudget budget({.share = 100 * percent, .burst = 1});
  for (int i = 0; i < 10; ++i) {
    budget.add_operation();
    EXPECT_FALSE(budget.take(Failure::timeout));
  }
}

// 2 tokens; take leaves 1. Ten operations of a tenth make it 2 again: exactly, where ten times 0.1 in floating point is
// 0.9999999999999999. The first of them would do: 1.1 is more than one.
TEST(RetryBudget, gains_its_share_with_each_operation_exactly) {
  RetryBudget budget({.share = 10 * percent, .burst = 2});
  EXPECT_TRUE(budget.take(Failure::timeout));
  EXPECT_FALSE(budget.take(Failure::timeout));
  for (int i = 0; i < 10; ++i) {
    budget.add_operation();
  }
  EXPECT_TRUE(budget.take(Failure::timeout));   // 2.0 -> 1.0
  EXPECT_FALSE(budget.take(Failure::timeout));  // 1.0
  budget.add_operation();
  EXPECT_TRUE(budget.take(Failure::timeout));  // 1.1 -> 0.1
  for (int i = 0; i < 9; ++i) {
    budget.add_operation();
    EXPECT_FALSE(budget.take(Failure::timeout));  // 0.2 … 1.0
  }
  budget.add_operation();
  EXPECT_TRUE(budget.take(Failure::timeout));
}

TEST(RetryBudget, never_holds_more_than_its_burst) {
  RetryBudget budget({.share = 100 * percent, .burst = 3});
  for (int i = 0; i < 100; ++i) {
    budget.add_operation();
  }
  EXPECT_TRUE(budget.take(Failure::timeout));
  EXPECT_TRUE(budget.take(Failure::timeout));
  EXPECT_FALSE(budget.take(Failure::timeout));
}

// ---- the breaker that stops retries

BreakerSettings retries(std::uint32_t window) {
  return {.kind = BreakerKind::retries, .threshold = 50 * percent, .window = window};
}

TEST(RetryBreaker, without_one_every_retry_is_made) {
  Arena arena;
  RetryBreaker breaker(arena, {});
  breaker.add_operation();
  breaker.add_failure(0);
  EXPECT_TRUE(breaker.allows_retry());
}

// Failures over operations: 1/1 stops, 1/2 is not more than a half, 2/3 is.
TEST(RetryBreaker, compares_failed_attempts_with_operations_started) {
  Arena arena;
  RetryBreaker breaker(arena, retries(0));
  breaker.add_operation();
  breaker.add_failure(0);
  EXPECT_FALSE(breaker.allows_retry());
  breaker.add_operation();
  EXPECT_TRUE(breaker.allows_retry());
  breaker.add_operation();
  EXPECT_TRUE(breaker.allows_retry());
  breaker.add_failure(2);
  EXPECT_FALSE(breaker.allows_retry());
}

TEST(RetryBreaker, of_all_forgets_nothing) {
  Arena arena;
  RetryBreaker breaker(arena, retries(0));
  for (std::uint32_t operation = 0; operation < 100; ++operation) {
    breaker.add_operation();
    breaker.add_failure(operation);
  }
  for (int i = 0; i < 99; ++i) {
    breaker.add_operation();
  }
  EXPECT_FALSE(breaker.allows_retry());  // 100 of 199
  breaker.add_operation();
  EXPECT_TRUE(breaker.allows_retry());  // 100 of 200
}

TEST(RetryBreaker, of_the_last_ones_forgets_those_before) {
  Arena arena;
  RetryBreaker breaker(arena, retries(4));
  for (std::uint32_t operation = 0; operation < 4; ++operation) {
    breaker.add_operation();
    breaker.add_failure(operation);
  }
  breaker.add_operation();
  EXPECT_FALSE(breaker.allows_retry());  // 3 of the last 4
  breaker.add_failure(0);                // too late: that operation counts no longer
  breaker.add_operation();
  EXPECT_TRUE(breaker.allows_retry());  // 2 of the last 4
  breaker.add_failure(3);               // that one still does
  EXPECT_FALSE(breaker.allows_retry());
}

// ---- the breaker that stops calls

// A client's calls, one after the other: each letter is an attempt a second after the one before, asked for and, if it is
// let through, ended at once with ok ('.') or not ('x'). Answers what the breaker said: 'g'ranted, 'p'robe or 'r'efused.
class Calls {
 public:
  explicit Calls(const BreakerSettings& settings) : breaker_(arena_, settings) {}

  std::string after(const std::string& outcomes) {
    std::string said;
    for (const char outcome : outcomes) {
      const CallBreaker::Pass pass = breaker_.ask(now_);
      said += pass == CallBreaker::Pass::granted ? 'g'
              : pass == CallBreaker::Pass::probe ? 'p'
                                                 : 'r';
      if (pass != CallBreaker::Pass::refused) {
        breaker_.add_outcome(pass, outcome == '.', now_);
      }
      now_ = now_ + seconds(1);
    }
    return said;
  }
  [[nodiscard]] CallBreaker::State state() const { return breaker_.state(); }
  CallBreaker& breaker() { return breaker_; }
  [[nodiscard]] Instant now() const { return now_; }

 private:
  Arena arena_;
  CallBreaker breaker_;
  Instant now_{};
};

BreakerSettings calls(std::uint32_t window) {
  return {.kind = BreakerKind::calls,
          .threshold = 50 * percent,
          .window = window,
          .open_for = seconds(3)};
}

TEST(CallBreaker, without_one_every_call_is_made) {
  Calls all({});
  EXPECT_EQ(all.after("xxxxxxxxxx"), "gggggggggg");
}

TEST(CallBreaker, stays_closed_until_it_has_seen_enough) {
  Calls all(calls(4));
  EXPECT_EQ(all.after("xxx"), "ggg");
  EXPECT_EQ(all.state(), CallBreaker::State::closed);
  EXPECT_EQ(all.after("x"), "g");
  EXPECT_EQ(all.state(), CallBreaker::State::open);
}

TEST(CallBreaker, stays_closed_at_its_threshold_and_opens_above) {
  Calls all(calls(4));
  EXPECT_EQ(all.after("x.x.x."), "gggggg");  // 2 of the last 4, always
  EXPECT_EQ(all.state(), CallBreaker::State::closed);
  EXPECT_EQ(all.after("xx"), "gg");  // x . x x: 3 of the last 4
  EXPECT_EQ(all.state(), CallBreaker::State::open);
}

// It opened with the fourth call, at 3 s: refused at 4 and 5, and the probe at 6.
TEST(CallBreaker, lets_one_probe_through_when_it_has_been_open_long_enough) {
  Calls all(calls(4));
  EXPECT_EQ(all.after("xxxx"), "gggg");
  EXPECT_EQ(all.after(".."), "rr");
  EXPECT_EQ(all.after("."), "p");
  EXPECT_EQ(all.state(), CallBreaker::State::closed);
}

TEST(CallBreaker, closes_after_a_good_probe_and_forgets) {
  Calls all(calls(4));
  EXPECT_EQ(all.after("xxxx...xxxx"),
            "ggggrrpgggg");  // three failures after the probe are not enough
  EXPECT_EQ(all.state(), CallBreaker::State::open);
}

TEST(CallBreaker, opens_again_after_a_bad_probe) {
  Calls all(calls(4));
  EXPECT_EQ(all.after("xxxx..x..x...."), "ggggrrprrprrpg");
}

TEST(CallBreaker, refuses_all_others_while_the_probe_is_under_way) {
  Calls all(calls(4));
  EXPECT_EQ(all.after("xxxx.."), "ggggrr");
  EXPECT_EQ(all.breaker().ask(all.now()), CallBreaker::Pass::probe);
  EXPECT_EQ(all.state(), CallBreaker::State::half_open);
  EXPECT_EQ(all.after(".."), "rr");
  all.breaker().add_outcome(CallBreaker::Pass::probe, true, all.now());
  EXPECT_EQ(all.after("."), "g");
}

// An open loop has several attempts under way; those that were sent before it opened decide nothing.
TEST(CallBreaker, ignores_attempts_from_before_it_opened) {
  Calls all(calls(4));
  EXPECT_EQ(all.after("xxxx"), "gggg");
  all.breaker().add_outcome(CallBreaker::Pass::granted, true, all.now());
  EXPECT_EQ(all.state(), CallBreaker::State::open);
  EXPECT_EQ(all.after("..."), "rrp");
}

TEST(CallBreaker, of_all_needs_twenty_outcomes) {
  Calls all(calls(0));
  EXPECT_EQ(all.after(std::string(19, 'x')), std::string(19, 'g'));
  EXPECT_EQ(all.state(), CallBreaker::State::closed);
  EXPECT_EQ(all.after("x"), "g");
  EXPECT_EQ(all.state(), CallBreaker::State::open);

  Calls slow(calls(0));
  slow.after(std::string(30, '.') + std::string(30, 'x'));
  EXPECT_EQ(slow.state(), CallBreaker::State::closed);  // 30 of 60
  slow.after("x");
  EXPECT_EQ(slow.state(), CallBreaker::State::open);
}

}  // namespace
}  // namespace racelab::lab::retry_limits_test
