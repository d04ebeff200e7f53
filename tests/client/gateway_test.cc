// Services that call one another and each ask again: how calls multiply, what a service in between may answer, and work that
// goes on when nobody waits for it.
#include "sim/client/gateway.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/client/flaky_world.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::gateway_test {
namespace {

using Story = std::vector<std::string>;

WorldSettings layered(std::uint32_t layers, std::uint16_t attempts_max) {
  WorldSettings settings;
  settings.layers = layers;
  settings.clients.clients = 1;
  settings.clients.retry = {.timeout = milliseconds(50), .attempts_max = attempts_max};
  settings.keep_trace.everything = true;
  return settings;
}

// ---- how calls multiply

// Everything fails at once: each of the client's 3 attempts makes the first service call 3 times, and each of those 9 the
// second: 27 calls to the third, and 9 + 27 between services.
TEST(Gateways, of_three_layers_that_try_three_times_make_27_calls_of_one) {
  const FlakyRun run = run_flaky(flaky<100>, layered(3, 3));
  EXPECT_EQ(run.clients.attempts, 3U);
  EXPECT_EQ(run.gateways.attempts, 36U);
  EXPECT_EQ(run.service.deliveries, 27U);
  EXPECT_EQ(run.records[0].told, Told::failed);
  EXPECT_EQ(run.records[0].attempts, 3);
}

TEST(Gateways, number_the_calls_for_an_operation_apart) {
  const FlakyRun run = run_flaky(flaky<100>, layered(3, 3));
  std::vector<std::uint16_t> attempts;
  for (const Execution& execution : run.executions) {
    attempts.push_back(execution.attempt);
  }
  std::vector<std::uint16_t> all;
  for (std::uint16_t attempt = 1; attempt <= 27; ++attempt) {
    all.push_back(attempt);
  }
  EXPECT_EQ(attempts, all);  // no timeouts: they come in this order
}

// The same when nothing arrives at all, though now nobody knows.
TEST(Gateways, make_27_calls_that_are_all_lost) {
  FaultPlan faults;
  faults[FaultKind::lose_request].rate_parts_per_billion = 100 * one_percent;
  const FlakyRun run = run_flaky(flaky<0>, layered(3, 3), faults);
  EXPECT_EQ(run.service.faults[static_cast<std::size_t>(FaultKind::lose_request)], 27U);
  EXPECT_EQ(run.service.deliveries, 0U);
  EXPECT_EQ(run.clients.timeouts, 3U);
  EXPECT_EQ(run.clients.late_calls, 0U);  // a fault made each of them late
  EXPECT_EQ(run.gateways.timeouts, 36U);
  EXPECT_EQ(run.records[0].told, Told::unknown);
}

TEST(Gateways, make_one_call_each_when_all_is_well) {
  for (std::uint32_t layers = 1; layers <= 5; ++layers) {
    const FlakyRun run = run_flaky(flaky<0>, layered(layers, 3));
    EXPECT_EQ(run.service.deliveries, 1U);
    EXPECT_EQ(run.gateways.attempts, layers - 1);
    EXPECT_EQ(run.records[0].told, Told::ok);
    // A request and a reply at each layer, of 0.75 to 1.25 ms; the strategy has no statement.
    const Duration took = run.records[0].ended - run.records[0].started;
    EXPECT_GE(took, microseconds(1'500) * layers);
    EXPECT_LE(took, microseconds(2'500) * layers);
  }
}

// ---- what a gateway answers

TEST(Gateways, answer_the_last_failure_when_each_of_their_attempts_failed) {
  const FlakyRun run = run_flaky(flaky<100>, layered(2, 2));
  EXPECT_EQ(run.story, (Story{"A starts operation 0",
                              "A1 is sent",
                              "A1 reaches service 1",  //
                              "A1 is asked by service 1",
                              "A1 arrives",
                              "A1 replies conflict",             //
                              "A1 conflict heard by service 1",  //
                              "A2 is asked by service 1",
                              "A2 arrives",
                              "A2 replies conflict",             //
                              "A2 conflict heard by service 1",  //
                              "A1 conflict by service 1",
                              "A1 hears conflict",  //
                              "A2 is sent",
                              "A2 reaches service 1",  //
                              "A3 is asked by service 1",
                              "A3 arrives",
                              "A3 replies conflict",             //
                              "A3 conflict heard by service 1",  //
                              "A4 is asked by service 1",
                              "A4 arrives",
                              "A4 replies conflict",             //
                              "A4 conflict heard by service 1",  //
                              "A2 conflict by service 1",
                              "A2 hears conflict",
                              "A2 is told failed"}));
}

// The first reply is lost, so the service in between does not know whether that call was done. Its client gives up first
// (it began to wait first), and then nobody waits for the second call.
TEST(Gateways, answer_nothing_when_an_attempt_is_in_doubt) {
  WorldSettings settings = layered(2, 2);
  settings.clients.retry_budget = {.share = 0, .burst = 1};  // the client itself asks only once
  FaultPlan faults;
  faults[FaultKind::lose_reply] = {100 * one_percent, 1};
  const FlakyRun run = run_flaky(flaky<100>, settings, faults);
  EXPECT_EQ(run.story, (Story{"A starts operation 0", "A1 is sent", "A1 reaches service 1",     //
                              "A1 is asked by service 1", "A1 arrives", "A1 replies conflict",  //
                              "A1 reply conflict is lost",                                      //
                              "A1 times out", "A1 is the last: budget", "A1 is told unknown",   //
                              "A1 timed out at service 1", "A2 is asked by service 1", "A2 arrives",
                              "A2 replies conflict", "A2 conflict heard by service 1",
                              "A1 unanswered by service 1"}));
}

Task<Reply> always_refuses(Session& /*db*/, const Request& /*request*/) {
  co_return Reply::refused();
}

TEST(Gateways, pass_a_refusal_on_at_once) {
  const FlakyRun run = run_flaky(always_refuses, layered(4, 3));
  EXPECT_EQ(run.service.deliveries, 1U);
  EXPECT_EQ(run.records[0].told, Told::failed);
  EXPECT_EQ(run.records[0].attempts, 1);
}

// A failure is only told when certainly nothing was done, whatever is lost on the way to the last service. (Doubled requests
// are another matter, with one layer as well: of two deliveries one can be done, its reply lost, and the other refused.)
TEST(Gateways, never_tell_of_a_failure_what_was_done) {
  std::uint64_t told_failed = 0;
  std::uint64_t unknown = 0;
  for (std::uint64_t seed = 1; seed <= 200 / fewer; ++seed) {
    for (const char* strategy : {"read-modify-write", "optimistic-version"}) {
      const RunResult run = run_once(settings_of({{"workload", "charge"},
                                                  {"initial", "20"},  // some charges are refused
                                                  {"clients", "3"},
                                                  {"operations", "10"},
                                                  {"layers", "3"},
                                                  {"attempts-max", "2"},
                                                  {"tries-max", "1"},
                                                  {"timeout", "12ms"},
                                                  {"lose-reply.rate", "10%"},
                                                  {"lose-request.rate", "10%"},
                                                  {"crash.rate", "5%"}}),
                                     strategy, seed);
      EXPECT_EQ(run.judgement.count(Anomaly::false_failure), 0U);
      EXPECT_EQ(run.judgement.count(Anomaly::false_success), 0U);
      EXPECT_TRUE(run.judgement.defects.empty());
      told_failed += run.judgement.told[1][0];
      unknown += run.judgement.told[2][0] + run.judgement.told[2][1];
    }
  }
  EXPECT_GT(told_failed, 0U);
  EXPECT_GT(unknown, 0U);
}

// ---- keys and copies

// All layers carry the client's key, so the last service recognises what any of them repeats.
TEST(Gateways, carry_the_clients_key_through_all_layers) {
  std::uint64_t repeated = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunResult run = run_once(settings_of({{"operations", "5"},
                                                {"layers", "3"},
                                                {"lose-reply.rate", "30%"},
                                                {"duplicate-delivery.rate", "30%"}}),
                                   "atomic-increment+idempotency-key", seed);
    EXPECT_EQ(run.judgement.count(Anomaly::duplicate), 0U);
    repeated += run.counts.service.deliveries - run.counts.operations;
  }
  EXPECT_GT(repeated, 100U);
}

// With a new key per attempt of the client's, a service in between still repeats one key: only what the client repeats is
// done again.
TEST(Gateways, make_no_keys_of_their_own) {
  const RunResult run = run_once(settings_of({{"clients", "1"},
                                              {"layers", "2"},
                                              {"attempts-max", "3"},
                                              {"backoff", "none"},
                                              {"lose-reply.rate", "100%"}}),
                                 "atomic-increment+idempotency-key+new-key-per-attempt", 1);
  EXPECT_EQ(run.counts.service.deliveries, 9U);
  EXPECT_EQ(run.history.rows[0].final, 3);
}

// ---- no state of a run that ends early is left behind

TEST(Gateways, are_given_back_in_the_middle_of_their_work) {
  Settings settings = settings_of({{"clients", "3"},
                                   {"operations", "5"},
                                   {"layers", "5"},
                                   {"attempts-max", "4"},
                                   {"lose-reply.rate", "50%"}});
  for (std::uint64_t happenings = 1; happenings < 600; happenings += 7) {
    settings.happenings_max = happenings;
    Runner runner(settings, fleet_of("read-modify-write"));
    const RunResult first = runner.run(1, true);
    EXPECT_EQ(first.end, World::End::gave_up);
    EXPECT_EQ(runner.run(1, true).trace_hash, first.trace_hash);
  }
}

}  // namespace
}  // namespace racelab::lab::gateway_test
