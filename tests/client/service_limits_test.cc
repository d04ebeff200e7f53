// Budgets and breakers of the services in between, which are one for all that a service serves; and a budget that is a share of what is
// under way, of a service and of a client.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/client/flaky_world.h"

namespace racelab::lab::service_limits_test {
namespace {

using Story = std::vector<std::string>;

RetryPolicy asks(std::uint16_t attempts_max, Duration pause = {}) {
  RetryPolicy retry{.timeout = milliseconds(50), .attempts_max = attempts_max};
  if (pause > Duration{}) {
    retry.backoff = Backoff::fixed;
    retry.base = pause;
  }
  return retry;
}

// The client asks service 1 by one policy, which asks the last service by another, and by these limits.
WorldSettings one_service_between(const RetryPolicy& client, const RetryPolicy& service,
                                  const RetryLimitSettings& limits) {
  WorldSettings settings;
  settings.layers = 2;
  settings.clients.clients = 1;
  settings.clients.retry = client;
  settings.service_retries = {service};
  settings.service_limits = {limits};
  settings.keep_trace.everything = true;
  return settings;
}

RetryLimitSettings budget(const RetryBudgetSettings& settings) { return {settings, {}}; }
RetryLimitSettings breaker(const BreakerSettings& settings) { return {{}, settings}; }

// Two tokens pay for one retry: one is not more than one.
TEST(ServiceBudgets, deny_a_retry_when_they_are_spent) {
  const FlakyRun run = run_flaky(
      flaky<100>, one_service_between(asks(1), asks(3), budget({.share = 0, .burst = 2})));
  EXPECT_EQ(run.story, (Story{"A starts operation 0", "A1 is sent", "A1 reaches service 1",
                              "A1 is asked by service 1", "A1 arrives", "A1 replies conflict",
                              "A1 conflict heard by service 1", "A2 is asked by service 1",
                              "A2 arrives", "A2 replies conflict", "A2 conflict heard by service 1",
                              "A2 is the last: budget by service 1", "A1 conflict by service 1",
                              "A1 hears conflict", "A1 is told failed"}));
  EXPECT_EQ(run.gateways.retries_denied, 1U);
  EXPECT_EQ(run.clients.retries_denied, 0U);
}

// Ten clients, whose calls are one service's: five tokens are four retries for all of them.
TEST(ServiceBudgets, are_one_for_all_that_a_service_serves) {
  WorldSettings settings = one_service_between(asks(1), asks(2), budget({.share = 0, .burst = 5}));
  settings.clients.clients = 10;
  const FlakyRun run = run_flaky(flaky<100>, settings);
  EXPECT_EQ(run.gateways.attempts, 14U);
  EXPECT_EQ(run.gateways.retries_denied, 6U);
}

// Opened by its first failure, it answers at once that nothing was done: the client's second attempt comes no further.
TEST(ServiceBreakers, answer_unavailable_while_they_are_open) {
  const FlakyRun run = run_flaky(
      flaky<100>,
      one_service_between(asks(2), asks(1),
                          breaker({.kind = BreakerKind::consecutive, .failures_max = 1})));
  EXPECT_EQ(run.story, (Story{"A starts operation 0", "A1 is sent", "A1 reaches service 1",
                              "A1 is asked by service 1", "A1 arrives", "A1 replies conflict",
                              "A1 conflict heard by service 1", "A1 conflict by service 1",
                              "A1 hears conflict", "A2 is sent", "A2 reaches service 1",
                              "A2 is not sent by service 1", "A2 unavailable by service 1",
                              "A2 hears unavailable", "A2 is told failed"}));
  EXPECT_EQ(run.gateways.calls_refused_by_breaker, 1U);
}

// An attempt without an answer has opened it: the service may not say that nothing was done.
TEST(ServiceBreakers, leave_in_doubt_what_was_not_answered) {
  FaultPlan faults;
  faults[FaultKind::lose_reply].rate_parts_per_billion = 100 * one_percent;
  RetryPolicy client = asks(1);
  client.timeout = seconds(1);
  const FlakyRun run =
      run_flaky(flaky<0>,
                one_service_between(client, asks(3),
                                    breaker({.kind = BreakerKind::consecutive, .failures_max = 1})),
                faults);
  EXPECT_EQ(run.gateways.attempts, 1U);
  EXPECT_EQ(run.records[0].told, Told::unknown);
}

// breaker=retries: 1 failure of 1 operation is more than a half.
TEST(ServiceBreakers, of_retries_stop_those_alone) {
  const FlakyRun run = run_flaky(
      flaky<100>, one_service_between(asks(1), asks(3), breaker({.kind = BreakerKind::retries})));
  EXPECT_EQ(run.gateways.attempts, 1U);
  EXPECT_EQ(run.gateways.retries_denied, 1U);
  EXPECT_EQ(run.records[0].told, Told::failed);
}

TEST(ServiceLimits, of_a_service_that_has_none_are_none) {
  WorldSettings settings = one_service_between(asks(1), asks(3), {});
  settings.clients.retry_budget = {.share = 0, .burst = 1};  // the client's own
  settings.clients.breaker = {.kind = BreakerKind::retries};
  EXPECT_EQ(run_flaky(flaky<100>, settings).gateways.attempts, 3U);
}

// ---- a share of what is under way

// Ten operations within some 10 ms, each of which fails at once and would be retried after a second: the first one's retry is under
// way, for its pause counts, and no other may be. With a minimum of 4, four.
TEST(ActiveShare, counts_a_retry_from_the_beginning_of_its_pause) {
  for (const std::uint32_t least : {1U, 4U}) {
    WorldSettings settings;
    settings.clients.clients = 1;
    settings.clients.operations = 10;
    settings.clients.arrivals_per_second = 1'000;
    settings.clients.retry = asks(2, seconds(1));
    settings.clients.retry_budget = {.share = {}, .active_share = 0, .active_min = least};
    EXPECT_EQ(run_flaky(flaky<100>, settings).clients.retries_denied, 10U - least);
    settings.layers = 2;
    settings.service_retries = {settings.clients.retry};
    settings.clients.retry = asks(1);
    settings.clients.retry.timeout = {};
    settings.clients.retry_budget = {};
    settings.service_limits = {budget({.share = {}, .active_share = 0, .active_min = least})};
    EXPECT_EQ(run_flaky(flaky<100>, settings).gateways.retries_denied, 10U - least);
  }
}

// envoy-mobile #811. Half of the attempts fail, within 2 ms, and 50 operations start per second: rarely are five under way, of which a fifth would be
// one. So nearly nothing is retried (success 0.5), where a bucket that gains a fifth of a token with each operation lets a fifth be
// retried (0.5 + 0.2 x 0.5 = 0.6). The minimum of 3 lets nearly all be (1 - 0.5^2 = 0.75). Of 20,000 operations the standard error is
// at most 0.0036.
TEST(ActiveShare, refuses_what_a_bucket_would_grant_where_little_is_under_way) {
  WorldSettings settings;
  settings.clients.clients = 20;
  settings.clients.operations = 1'000;
  settings.clients.arrivals_per_second = 50;
  settings.clients.retry = asks(2);
  const auto success = [&settings](const RetryBudgetSettings& limit) {
    settings.clients.retry_budget = limit;
    return run_flaky(flaky<50>, settings).success();
  };
  const std::uint32_t fifth = 20 * one_percent;
  EXPECT_NEAR(success({.share = {}, .active_share = fifth, .active_min = 0}), 0.5, 0.015);
  EXPECT_NEAR(success({.share = fifth}), 0.6, 0.015);
  EXPECT_NEAR(success({.share = {}, .active_share = fifth, .active_min = 3}), 0.75, 0.015);
}

}  // namespace
}  // namespace racelab::lab::service_limits_test
