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

// ---- a budget as AWS's SDK has it

// 3 tokens, filled by ok: 1 each. A retry costs 2, and where there is as much, it is made: 3 -> 1, then none.
TEST(RetryBudget, filled_by_ok_pays_with_its_last_tokens) {
  RetryBudget budget(
      {.share = 100 * percent, .burst = 3, .filled_by = BudgetFilledBy::ok, .cost = 2});
  budget.add_operation();                       // adds nothing
  EXPECT_TRUE(budget.take(Failure::timeout));   // 3 -> 1
  EXPECT_FALSE(budget.take(Failure::timeout));  // 1 < 2
  budget.add_ok(0);                             // no retry came before it: 1 -> 2
  EXPECT_TRUE(budget.take(Failure::timeout));   // 2 -> 0
  EXPECT_FALSE(budget.take(Failure::timeout));
}

// A 429 costs 1, all else 3, of 7 tokens.
TEST(RetryBudget, takes_what_the_failure_costs) {
  RetryBudget budget({.share = 100 * percent,
                      .burst = 7,
                      .filled_by = BudgetFilledBy::ok,
                      .cost = 3,
                      .cost_throttled = 1});
  EXPECT_EQ(budget.cost_of(Failure::throttled), 1U);
  EXPECT_EQ(budget.cost_of(Failure::reset), 3U);
  EXPECT_TRUE(budget.take(Failure::reset));       // 7 -> 4
  EXPECT_TRUE(budget.take(Failure::throttled));   // 4 -> 3
  EXPECT_TRUE(budget.take(Failure::reset));       // 3 -> 0
  EXPECT_FALSE(budget.take(Failure::throttled));  // 0
}

// An ok after a retry gives back what that took, instead of its share; never more than the bucket holds.
TEST(RetryBudget, gives_back_what_a_retry_took) {
  RetryBudget budget({.share = 100 * percent,
                      .burst = 14,
                      .filled_by = BudgetFilledBy::ok,
                      .cost = 14,
                      .refund = true});
  EXPECT_TRUE(budget.take(Failure::reset));  // 14 -> 0
  budget.add_ok(14);                         // 0 -> 14
  EXPECT_TRUE(budget.take(Failure::reset));  // 14 -> 0
  budget.add_ok(0);                          // 0 -> 1
  EXPECT_FALSE(budget.take(Failure::reset));
  budget.add_ok(14);  // 15, cut to 14
  EXPECT_TRUE(budget.take(Failure::reset));
  EXPECT_FALSE(budget.take(Failure::reset));
}

// ---- a budget as gRPC has it: failures take one token each, an ok adds a tenth, and there are retries while more than half is left

TEST(RetryBudget, taken_by_failures_stops_at_its_threshold) {
  RetryBudget budget({.share = 10 * percent,
                      .burst = 10,
                      .filled_by = BudgetFilledBy::ok,
                      .taken_by = BudgetTakenBy::failure});
  for (int failures = 1; failures <= 4; ++failures) {
    budget.add_failure();
    EXPECT_TRUE(budget.take(Failure::reset));  // 9, 8, 7, 6: a retry takes none
  }
  budget.add_failure();
  EXPECT_FALSE(budget.take(Failure::reset));  // 5 is not more than 5
  budget.add_ok(0);
  EXPECT_TRUE(budget.take(Failure::reset));  // 5.1
  for (int failures = 1; failures <= 20; ++failures) {
    budget.add_failure();  // 4.1 … 0.1, and never below 0
  }
  for (int oks = 1; oks <= 50; ++oks) {
    budget.add_ok(0);  // 0.1 … 5
    EXPECT_FALSE(budget.take(Failure::reset)) << oks;
  }
  budget.add_ok(0);
  EXPECT_TRUE(budget.take(Failure::reset));
}

// ---- a share of what is under way, as Envoy has it: at most max(floor(share x requests under way), minimum) retries

TEST(RetryBudget, of_what_is_under_way_rounds_down) {
  RetryBudget budget({.share = {}, .active_share = 20 * percent, .active_min = 0});
  budget.add_active(4);
  EXPECT_FALSE(budget.take(Failure::reset));  // 0.8
  budget.add_active(1);
  EXPECT_TRUE(budget.take(Failure::reset));   // 1 of 1
  EXPECT_FALSE(budget.take(Failure::reset));  // 1 of 1 is under way
  budget.add_active(4);
  EXPECT_FALSE(budget.take(Failure::reset));  // 9: 1.8
  budget.end_retry();
  EXPECT_TRUE(budget.take(Failure::reset));
  budget.add_active(1);
  EXPECT_TRUE(budget.take(Failure::reset));  // 10: 2 of 2
}

// As calls fail, fewer are under way, and so fewer may be retried (envoy-mobile #811): only the minimum is left.
TEST(RetryBudget, of_what_is_under_way_shrinks_with_it_but_to_its_minimum) {
  RetryBudget budget({.share = {}, .active_share = 20 * percent});
  budget.add_active(100);
  for (int retries = 1; retries <= 20; ++retries) {
    EXPECT_TRUE(budget.take(Failure::reset)) << retries;
  }
  EXPECT_FALSE(budget.take(Failure::reset));
  budget.add_active(-100);
  for (int left = 20; left > 3; --left) {
    EXPECT_FALSE(budget.take(Failure::reset)) << left;
    budget.end_retry();
  }
  EXPECT_FALSE(budget.take(Failure::reset));  // 3 of 3
  budget.end_retry();
  EXPECT_TRUE(budget.take(Failure::reset));
}

// Both at once: what the share denies costs no token.
TEST(RetryBudget, of_tokens_and_of_what_is_under_way_needs_both) {
  RetryBudget budget({.share = 0, .burst = 3, .active_share = 0, .active_min = 1});
  EXPECT_TRUE(budget.take(Failure::reset));   // 3 -> 2 tokens; 1 of 1 under way
  EXPECT_FALSE(budget.take(Failure::reset));  // by the share
  budget.end_retry();
  EXPECT_TRUE(budget.take(Failure::reset));  // 2 -> 1
  budget.end_retry();
  EXPECT_FALSE(budget.take(Failure::reset));  // by the tokens: 1 is not more than 1
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

// opossum: one outcome is enough to judge by. One failure of one opens it.
TEST(CallBreaker, of_a_volume_needs_so_many_outcomes) {
  BreakerSettings settings = calls(1'000);
  settings.volume = 1;
  Calls one(settings);
  EXPECT_EQ(one.after(".x"), "gg");  // 1 of 2 is not more than half
  EXPECT_EQ(one.state(), CallBreaker::State::closed);
  EXPECT_EQ(one.after("x"), "g");  // 2 of 3
  EXPECT_EQ(one.state(), CallBreaker::State::open);
  settings.volume = 5;
  Calls five(settings);
  EXPECT_EQ(five.after("xxxx"), "gggg");
  EXPECT_EQ(five.state(), CallBreaker::State::closed);
}

// Attempts at 0, 1, 2, … s, of which those of the last 2 s count: at 3 s those at 1, 2 and 3.
TEST(CallBreaker, forgets_what_is_older_than_its_window) {
  BreakerSettings settings = calls(1'000);
  settings.volume = 3;
  settings.window_time = seconds(2);
  Calls all(settings);
  EXPECT_EQ(all.after("x..x"), "gggg");  // at 2 s 1 of 3; at 3 s . . x: 1 of 3
  EXPECT_EQ(all.after("x"), "g");        // at 4 s . x x: 2 of 3
  EXPECT_EQ(all.state(), CallBreaker::State::open);
}

// cockatiel: so many in a row, and one ok begins again.
TEST(CallBreaker, of_consecutive_failures_counts_those_in_a_row) {
  Calls all({.kind = BreakerKind::consecutive, .open_for = seconds(3), .failures_max = 3});
  EXPECT_EQ(all.after("xx.xx.xxx"), "ggggggggg");
  EXPECT_EQ(all.state(), CallBreaker::State::open);
  EXPECT_EQ(all.after("..x..."), "rrprrp");  // opened at 8 s: probes at 11 and 14 s
  EXPECT_EQ(all.after("xx."), "ggg");        // it has forgotten those before
  EXPECT_EQ(all.state(), CallBreaker::State::closed);
}

// ---- both, as a caller asks them

// One request under way, minimum 1: one retry at a time, in its pause as well. What the breaker does not let out was no retry.
TEST(RetryLimits, count_a_retry_from_its_permission_to_its_end) {
  Arena arena;
  RetryLimits limits(arena, {{.share = {}, .active_share = 0, .active_min = 1}, {}});
  const std::uint32_t operation = limits.begin();
  LimitedAttempt first;
  LimitedAttempt second;
  ASSERT_TRUE(limits.may_send(first, {}));
  ASSERT_TRUE(limits.may_send(second, {}));
  limits.ended(first, operation, Reply::unavailable(), 0, {});
  EXPECT_EQ(limits.allows_retry(Failure::unavailable), RetryLimits::Verdict::allowed);
  LimitedAttempt retry{.is_retry = true};
  EXPECT_EQ(limits.allows_retry(Failure::unavailable), RetryLimits::Verdict::no_budget);
  ASSERT_TRUE(limits.may_send(retry, {}));
  EXPECT_EQ(limits.allows_retry(Failure::unavailable), RetryLimits::Verdict::no_budget);
  limits.ended(retry, operation, Reply::unavailable(), 0, {});
  EXPECT_EQ(limits.allows_retry(Failure::unavailable), RetryLimits::Verdict::allowed);
  limits.not_sent(retry);
  EXPECT_EQ(limits.allows_retry(Failure::unavailable), RetryLimits::Verdict::allowed);
}

// A probe that is waited for no longer would leave the breaker half open for ever.
TEST(RetryLimits, open_again_when_a_probe_is_dropped) {
  Arena arena;
  RetryLimits limits(
      arena, {{}, {.kind = BreakerKind::consecutive, .open_for = seconds(1), .failures_max = 1}});
  LimitedAttempt attempt;
  ASSERT_TRUE(limits.may_send(attempt, {}));
  limits.ended(attempt, limits.begin(), std::nullopt, 0, {});
  EXPECT_FALSE(limits.may_send(attempt, {}));
  const Instant later = Instant{} + seconds(1);
  ASSERT_TRUE(limits.may_send(attempt, later));
  EXPECT_EQ(attempt.pass, CallBreaker::Pass::probe);
  EXPECT_FALSE(limits.may_send(attempt, later));
  limits.dropped({.pass = CallBreaker::Pass::probe}, later);
  EXPECT_FALSE(limits.may_send(attempt, later));
  EXPECT_TRUE(limits.may_send(attempt, later + seconds(1)));
}

}  // namespace
}  // namespace racelab::lab::retry_limits_test
