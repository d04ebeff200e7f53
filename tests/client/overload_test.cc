// Overload seen from the client: what retries cost, what a budget or a breaker saves, and load that comes in a spike.
//
// The known answers are closed forms, and those of the simulator behind "Fixing retries with token buckets and circuit
// breakers" (Marc Brooker, 2022): 100 clients that each start 10 operations a second for 30 s, about 30,000 in all.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/client/flaky_world.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::overload_test {
namespace {

using Story = std::vector<std::string>;

WorldSettings brookers_clients() {
  WorldSettings settings;
  settings.clients.clients = 100;
  settings.clients.operations = 1'000;
  settings.clients.arrivals_per_second = 10;
  settings.clients.until = seconds(30);
  settings.clients.retry = {.attempts_max = 4};
  return settings;
}

// ---- without a limit
//
// With attempts that fail independently with probability f, up to three retries: success 1 - f^4, load (1 - f^4) / (1 - f).
// Of 30,000 operations the standard errors are at most 0.0014 and 0.0059.

TEST(Retries, of_half_that_fails_nearly_double_the_load) {
  const FlakyRun run = run_flaky(flaky<50>, brookers_clients());
  EXPECT_NEAR(static_cast<double>(run.operations), 30'000, 4 * 173);
  EXPECT_NEAR(run.success(), 0.9375, 0.0056);
  EXPECT_NEAR(run.load(), 1.875, 0.024);
}

TEST(Retries, of_a_tenth_that_fails_cost_a_tenth) {
  const FlakyRun run = run_flaky(flaky<10>, brookers_clients());
  EXPECT_NEAR(run.success(), 0.9999, 0.0003);
  EXPECT_NEAR(run.load(), 1.111, 0.008);
}

TEST(Retries, of_everything_that_fails_are_all_made) {
  const FlakyRun run = run_flaky(flaky<100>, brookers_clients());
  EXPECT_EQ(run.ok, 0U);
  EXPECT_EQ(run.clients.attempts, 4 * run.operations);
}

// ---- with a budget

FlakyRun run_with_budget(StrategyFunction strategy) {
  WorldSettings settings = brookers_clients();
  settings.clients.retry_budget.share = 10 * one_percent;
  return run_flaky(strategy, settings);
}

TEST(RetryBudgets, let_a_tenth_be_retried_where_half_fails) {
  const FlakyRun run = run_with_budget(flaky<50>);
  EXPECT_NEAR(run.success(), 0.558, 0.01 * 0.558);
  EXPECT_NEAR(run.load(), 1.114, 0.01 * 1.114);
  EXPECT_GT(run.clients.retries_denied, 0U);
}

TEST(RetryBudgets, hardly_deny_anything_where_a_tenth_fails) {
  const FlakyRun run = run_with_budget(flaky<10>);
  EXPECT_NEAR(run.success(), 0.987, 0.01 * 0.987);
  EXPECT_NEAR(run.load(), 1.097, 0.01 * 1.097);
}

// Where everything fails each operation wants a retry. A client with n operations starts with 5 tokens, gains 0.1 with each
// operation but the first (which finds the bucket full), and never gives away the last it has: fewer than 5 + 0.1 n
// retries. At 300 operations a client that is 1 + (4.9 + 29.9) / 300 = 1.116 attempts each.
TEST(RetryBudgets, are_an_upper_limit_where_everything_fails) {
  const FlakyRun run = run_with_budget(flaky<100>);
  EXPECT_LE(run.clients.attempts, run.operations + 100 * 5 + run.operations / 10);
  EXPECT_NEAR(run.load(), 1.116, 0.005);
}

// ---- with a breaker that stops retries

FlakyRun run_with_retry_breaker(StrategyFunction strategy, std::uint32_t window) {
  WorldSettings settings = brookers_clients();
  settings.clients.breaker = {.kind = BreakerKind::retries, .window = window};
  return run_flaky(strategy, settings);
}

// Failed attempts per operation are f (1 - f^4) / (1 - f) = 0.11 if every retry is made: far below a half, except in a
// client's first operations, where one failure is the whole history.
TEST(RetryBreakers, deny_next_to_nothing_where_a_tenth_fails) {
  const FlakyRun run = run_with_retry_breaker(flaky<10>, 0);
  EXPECT_NEAR(run.load(), 1.111, 0.01);
  EXPECT_LT(run.clients.retries_denied, 100U);
}

// 0.9 failures per operation by first attempts alone: above a half whatever happens, but for a lucky start.
TEST(RetryBreakers, deny_nearly_all_where_nearly_all_fails) {
  for (const std::uint32_t window : {0U, 20U}) {
    const FlakyRun run = run_with_retry_breaker(flaky<90>, window);
    EXPECT_NEAR(run.load(), 1.0, 0.01) << window;
    EXPECT_NEAR(run.success(), 0.1, 0.008) << window;
  }
}

// ---- as stories

WorldSettings one_client(std::uint32_t operations, std::uint16_t attempts_max) {
  WorldSettings settings;
  settings.clients.clients = 1;
  settings.clients.operations = operations;
  settings.clients.retry = {.timeout = milliseconds(50), .attempts_max = attempts_max};
  settings.keep_trace.everything = true;
  return settings;
}

TEST(RetryLimits, end_an_operation_with_what_is_known_when_the_budget_is_spent) {
  WorldSettings settings = one_client(1, 3);
  settings.clients.retry_budget = {.share = 0, .burst = 2};
  const FlakyRun run = run_flaky(flaky<100>, settings);
  EXPECT_EQ(run.story,
            (Story{"A starts operation 0", "A1 is sent", "A1 arrives", "A1 replies conflict",
                   "A1 hears conflict", "A2 is sent", "A2 arrives", "A2 replies conflict",
                   "A2 hears conflict", "A2 is the last: budget", "A2 is told failed"}));
  EXPECT_EQ(run.clients.retries_denied, 1U);
  EXPECT_EQ(run.clients.attempts, 2U);
}

// The last attempt that the policy allows is not denied: nobody wanted another.
TEST(RetryLimits, deny_nothing_after_the_last_attempt) {
  WorldSettings settings = one_client(1, 1);
  settings.clients.retry_budget = {.share = 0, .burst = 1};
  settings.clients.breaker = {.kind = BreakerKind::retries, .threshold = 0};
  EXPECT_EQ(run_flaky(flaky<100>, settings).clients.retries_denied, 0U);
}

TEST(RetryLimits, leave_an_operation_in_doubt_when_the_breaker_denies_a_retry_after_silence) {
  WorldSettings settings = one_client(1, 3);
  settings.clients.breaker = {.kind = BreakerKind::retries, .window = 0};
  FaultPlan faults;
  faults[FaultKind::lose_request].rate_parts_per_billion = 100 * one_percent;
  const FlakyRun run = run_flaky(flaky<0>, settings, faults);
  EXPECT_EQ(run.story, (Story{"A starts operation 0", "A1 is sent", "A1 is lost", "A1 times out",
                              "A1 is the last: breaker", "A1 is told unknown"}));
}

// Two failures open it. The third operation, which starts at that very moment, is not sent at all.
TEST(CallBreakers, send_nothing_while_they_are_open) {
  WorldSettings settings = one_client(3, 1);
  settings.clients.breaker = {.kind = BreakerKind::calls, .window = 2};
  const FlakyRun run = run_flaky(flaky<100>, settings);
  EXPECT_EQ(run.story, (Story{"A starts operation 0", "A1 is sent", "A1 arrives",
                              "A1 replies conflict", "A1 hears conflict", "A1 is told failed",  //
                              "A starts operation 1", "A1 is sent", "A1 arrives",
                              "A1 replies conflict", "A1 hears conflict", "A1 is told failed",  //
                              "A starts operation 2", "A1 is not sent", "A is told failed"}));
  EXPECT_EQ(run.clients.calls_refused_by_breaker, 1U);
  EXPECT_EQ(run.clients.attempts, 2U);
  EXPECT_EQ(run.records[2].attempts, 0);
}

TEST(CallBreakers, leave_an_operation_in_doubt_whose_first_attempt_was_not_answered) {
  WorldSettings settings = one_client(1, 3);
  settings.clients.breaker = {.kind = BreakerKind::calls, .window = 1};
  FaultPlan faults;
  faults[FaultKind::lose_request].rate_parts_per_billion = 100 * one_percent;
  const FlakyRun run = run_flaky(flaky<0>, settings, faults);
  EXPECT_EQ(run.story, (Story{"A starts operation 0", "A1 is sent", "A1 is lost", "A1 times out",
                              "A2 is not sent", "A1 is told unknown"}));
}

// One failure opens it for 100 ms, at about 2 ms; the pauses between a client's operations are about 30 ms. So of those that
// start before 102 ms none is sent; the next one is the probe, which is ok, and so is all that follows.
TEST(CallBreakers, try_again_after_a_while_and_go_on_when_that_is_ok) {
  WorldSettings settings = one_client(12, 1);
  settings.clients.think_time = milliseconds(30);
  settings.clients.breaker = {
      .kind = BreakerKind::calls, .window = 1, .open_for = milliseconds(100)};
  FaultPlan faults;
  faults[FaultKind::lose_request] = {100 * one_percent, 1};  // only the first
  const FlakyRun run = run_flaky(flaky<0>, settings, faults);
  Instant opened{};
  bool probed = false;
  for (const OperationRecord& record : run.records) {
    if (record.told == Told::unknown) {
      opened = record.ended;
      continue;
    }
    const bool still_open = record.started < opened + milliseconds(100);
    EXPECT_EQ(record.told, still_open ? Told::failed : Told::ok);
    EXPECT_EQ(record.attempts, still_open ? 0 : 1);
    probed = probed || !still_open;
  }
  EXPECT_TRUE(probed);
  // At least 15 and at most 45 ms apart: between 2 and 6 fall into 100 ms.
  EXPECT_GE(run.clients.calls_refused_by_breaker, 2U);
  EXPECT_LE(run.clients.calls_refused_by_breaker, 6U);
}

// ---- load that comes and goes

std::uint64_t started_between(const RunResult& run, Duration from, Duration to) {
  return static_cast<std::uint64_t>(std::count_if(
      run.history.operations.begin(), run.history.operations.end(),
      [&](const HistoryOperation& operation) {
        return operation.started >= Instant{} + from && operation.started < Instant{} + to;
      }));
}

// 100/s, and 1,000/s for one second from 2 s on. Before: 200, with a standard deviation of 14. In the spike: the gap that
// is under way when it begins was drawn at the old rate and lasts another 10 ms on average, so 1 + 1,000 x (1 - 0.01) =
// 991, with a standard deviation of sqrt(990 + 10^2) = 33. After it, two seconds more: 200 again. Four deviations each: one
// seed in 16,000 would miss each.
TEST(Arrivals, come_faster_while_a_spike_lasts) {
  const RunResult run = run_once(settings_of({{"clients", "1"},
                                              {"operations", "10000"},
                                              {"arrivals", "100/s"},
                                              {"spike-arrivals", "1000/s"},
                                              {"spike-at", "2s"},
                                              {"spike-for", "1s"},
                                              {"until", "5s"}}),
                                 "atomic-increment", 1);
  EXPECT_NEAR(static_cast<double>(started_between(run, {}, seconds(2))), 200, 4 * 14);
  EXPECT_NEAR(static_cast<double>(started_between(run, seconds(2), seconds(3))), 991, 4 * 33);
  EXPECT_NEAR(static_cast<double>(started_between(run, seconds(3), seconds(5))), 200, 4 * 14);
}

// Until the spike begins nothing differs from a run without one.
TEST(Arrivals, before_a_spike_are_those_without_it) {
  const Lines calm{{"clients", "1"}, {"operations", "500"}, {"arrivals", "100/s"}};
  Lines with_spike = calm;
  with_spike.insert(with_spike.end(), {{"spike-arrivals", "1000/s"}, {"spike-at", "1s"}});
  const RunResult without = run_once(settings_of(calm), "atomic-increment", 1);
  const RunResult with = run_once(settings_of(with_spike), "atomic-increment", 1);
  const std::uint64_t before = started_between(without, {}, seconds(1));
  EXPECT_GT(before, 50U);
  EXPECT_EQ(started_between(with, {}, seconds(1)), before);
  for (std::size_t i = 0; i < before; ++i) {
    EXPECT_EQ(with.history.operations[i].started, without.history.operations[i].started);
  }
}

void expect_nobody_missed(const RunResult& run) {
  std::uint64_t told = 0;
  for (const auto& row : run.judgement.told) {
    told += row[0] + row[1] + row[2];
  }
  EXPECT_EQ(run.end, World::End::finished);
  EXPECT_EQ(run.verdict, Verdict::holds);
  EXPECT_EQ(run.stuck(), 0U);
  EXPECT_EQ(told, run.counts.operations);
  EXPECT_EQ(run.counts.operations, run.history.operations.size());
  EXPECT_EQ(run.counts.clients.attempts, run.counts.operations);
  EXPECT_EQ(run.history.rows[0].final, static_cast<std::int64_t>(run.counts.operations));
}

// A closed loop starts an operation as soon as the last has ended: the last one of each client ends after `until`, or there
// would be another.
TEST(Until, ends_a_closed_loop) {
  const RunResult run =
      run_once(settings_of({{"clients", "3"}, {"operations", "1000"}, {"until", "100ms"}}),
               "atomic-increment", 1);
  expect_nobody_missed(run);
  EXPECT_LT(run.counts.operations, 120U);  // of at least 2.25 ms each
  std::vector<Instant> last_ended(3);
  for (const HistoryOperation& operation : run.history.operations) {
    EXPECT_LE(operation.started, Instant{} + milliseconds(100));
    last_ended[operation.name.client] = operation.ended;
  }
  for (const Instant ended : last_ended) {
    EXPECT_GT(ended, Instant{} + milliseconds(100));
  }
}

// Clients end after different numbers of operations; each application is still found with its own operation.
TEST(Until, ends_an_open_loop) {
  const RunResult run = run_once(
      settings_of(
          {{"clients", "5"}, {"operations", "1000"}, {"arrivals", "100/s"}, {"until", "1s"}}),
      "atomic-increment", 1);
  expect_nobody_missed(run);
  EXPECT_NEAR(static_cast<double>(run.counts.operations), 500, 4 * 22.4);  // a Poisson number
  EXPECT_EQ(started_between(run, {}, seconds(1) + microseconds(1)), run.counts.operations);
}

// One that is issued and never answered is stuck; those never issued are not.
TEST(Until, leaves_only_what_was_issued_to_be_stuck) {
  const RunResult run = run_once(settings_of({{"clients", "1"},
                                              {"operations", "100"},
                                              {"arrivals", "100/s"},
                                              {"until", "100ms"},
                                              {"timeout", "none"},
                                              {"lose-request.rate", "100%"}}),
                                 "atomic-increment", 1);
  EXPECT_EQ(run.end, World::End::stuck);
  EXPECT_GT(run.counts.operations, 0U);
  EXPECT_LT(run.counts.operations, 100U);
  EXPECT_EQ(run.stuck(), run.counts.operations);
  EXPECT_EQ(run.unanswered.size(), run.counts.operations);
}

TEST(Until, before_the_first_arrival_issues_nothing) {
  const RunResult run =
      run_once(settings_of({{"operations", "10"}, {"arrivals", "1/s"}, {"until", "1us"}}),
               "atomic-increment", 1);
  EXPECT_EQ(run.counts.operations, 0U);
  EXPECT_EQ(run.verdict, Verdict::holds);
  EXPECT_FALSE(run.latency().has_value());
}

}  // namespace
}  // namespace racelab::lab::overload_test
