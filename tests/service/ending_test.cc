// How a run ends: finished; stuck, with who waits for whom; or given up at its limit. Never a hang.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/scenario/experiment.h"

namespace racelab::lab::ending_test {
namespace {

// A dies holding the row, the store never notices, nobody's patience ends: B waits for a dead handler for ever, and both
// clients for their answers.
TEST(Ending, a_dead_handler_that_nobody_notices_leaves_the_run_stuck) {
  Settings settings = settings_of({{"isolation", "read-committed"},
                                   {"session-timeout", "none"},
                                   {"lock-timeout", "none"},
                                   {"timeout", "none"}});
  Runner runner(settings, fleet_of("atomic-increment"));
  Order order;
  for (const std::uint32_t client : {0U, 1U, 0U}) {
    order.turns.push_back({.client = client, .handler = 0, .happening = Happening::statement});
  }
  order.strikes.push_back(
      {.fault = Fault::crash, .client = 0, .operation = 0, .attempt = 1, .statement = 1});
  Replay replay(order);
  const RunResult run = runner.run_under(replay);
  EXPECT_EQ(run.end, World::End::stuck);
  EXPECT_EQ(run.verdict, Verdict::violated);
  ASSERT_EQ(run.waits.size(), 1U);
  EXPECT_EQ(run.waits[0].waiting, (OperationName{1, 0}));
  EXPECT_EQ(run.waits[0].holding, (OperationName{0, 0}));
  EXPECT_EQ(run.waits[0].row, RowKey::row(0));
  EXPECT_TRUE(run.waits[0].holder_is_dead);
  EXPECT_EQ(run.unanswered, (std::vector<OperationName>{{0, 0}, {1, 0}}));
  EXPECT_EQ(run.stuck(), 2U);
  // Nothing was committed, and nobody was told anything: no anomaly but the hang itself.
  EXPECT_TRUE(run.judgement.findings.empty());
  EXPECT_TRUE(run.judgement.defects.empty());
  EXPECT_EQ(run.history.rows[0].final, 0);
}

// The same on the clock, over seeds. Two kinds of waiting, each with its own safeguard.
TEST(Ending, each_kind_of_waiting_has_its_own_safeguard) {
  const Settings bare = settings_of({{"isolation", "read-committed"},
                                     {"clients", "3"},
                                     {"crash.rate", "100%"},
                                     {"crash.max", "1"},
                                     {"session-timeout", "none"},
                                     {"lock-timeout", "none"},
                                     {"timeout", "none"}});
  const auto stuck = [](const Settings& settings, std::string_view fleet) {
    Runner runner(settings, fleet_of(fleet));
    std::uint64_t count = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      const RunResult run = runner.run(seed);
      count += run.end == World::End::stuck ? 1 : 0;
      EXPECT_EQ(run.end == World::End::stuck, run.stuck() > 0);
    }
    return count;
  };
  // The client whose handler crashed waits for ever: that is the timeout's business alone.
  EXPECT_EQ(stuck(bare, "atomic-increment"), 100U);
  EXPECT_EQ(stuck(with(bare, {{"session-timeout", "30ms"}}), "atomic-increment"), 100U);
  EXPECT_EQ(stuck(with(bare, {{"lock-timeout", "5ms"}}), "atomic-increment"), 100U);
  // With a timeout nobody waits for a reply for ever; but a handler may still wait for a dead one's row …
  const Settings patient = with(bare, {{"timeout", "50ms"}, {"crash.rate", "30%"}});
  EXPECT_GT(stuck(patient, "pessimistic-lock"), 20U);
  // … unless its wait ends, or the dead one is noticed.
  EXPECT_EQ(stuck(with(patient, {{"session-timeout", "30ms"}}), "pessimistic-lock"), 0U);
  EXPECT_EQ(stuck(with(patient, {{"lock-timeout", "5ms"}}), "pessimistic-lock"), 0U);
}

TEST(Ending, a_run_is_given_up_at_its_limit_and_never_reads_as_holds) {
  // 2 clients x (request, UPDATE, reply) = 6 happenings.
  const RunResult whole = run_once(settings_of({{"events-max", "6"}}), "atomic-increment", 1);
  EXPECT_EQ(whole.end, World::End::finished);
  EXPECT_EQ(whole.verdict, Verdict::holds);
  EXPECT_EQ(whole.happenings, 6U);
  const RunResult cut = run_once(settings_of({{"events-max", "5"}}), "atomic-increment", 1);
  EXPECT_EQ(cut.end, World::End::gave_up);
  EXPECT_EQ(cut.happenings, 5U);
  EXPECT_EQ(cut.verdict, Verdict::gave_up);
  EXPECT_TRUE(
      cut.judgement.defects.empty());  // cut in mid-flight, what was committed still adds up
}

// At its exact length a run is what it is without a limit, and one less cuts it; wherever it is cut, its end is the time of
// the last thing that happened.
TEST(Ending, a_run_is_given_up_only_where_something_more_would_happen) {
  const std::vector<Lines> all{{{"operations", "3"}},
                               {{"operations", "3"}, {"lose-reply.rate", "30%"}},
                               {{"timeout", "none"}, {"lose-reply.rate", "60%"}}};
  std::size_t stuck = 0;
  for (const Lines& lines : all) {
    const Settings settings = settings_of(lines);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const RunResult whole = run_once(settings, "optimistic-version", seed);
      const auto limited = [&](std::uint64_t events) {
        return run_once(with(settings, {{"events-max", std::to_string(events)}}),
                        "optimistic-version", seed);
      };
      const RunResult exact = limited(whole.happenings);
      EXPECT_EQ(exact.end, whole.end);
      EXPECT_EQ(exact.verdict, whole.verdict);
      EXPECT_EQ(exact.trace_hash, whole.trace_hash);
      EXPECT_EQ(exact.ended, whole.ended);
      stuck += whole.end == World::End::stuck ? 1 : 0;
      const RunResult cut = limited(whole.happenings - 1);
      EXPECT_EQ(cut.end, World::End::gave_up);
      EXPECT_LE(cut.ended, whole.ended);
      EXPECT_EQ(cut.ended, cut.trace.back().at);
    }
  }
  EXPECT_GT(stuck, 0U);
}

// A violation that was found before the limit is a violation.
TEST(Ending, a_violation_outweighs_the_limit) {
  const Settings settings = settings_of({{"operations", "5"}, {"events-max", "30"}});
  const RunResult run = run_once(settings, "read-modify-write", 1);
  EXPECT_EQ(run.end, World::End::gave_up);
  EXPECT_GT(run.judgement.count(Anomaly::lost_update), 0U);
  EXPECT_EQ(run.verdict, Verdict::violated);
}

// What is in flight when a run is cut is given back: the runner goes on as if nothing had been.
TEST(Ending, a_runner_can_go_on_after_a_run_that_was_cut) {
  const Settings settings = settings_of({{"operations", "20"},
                                         {"clients", "4"},
                                         {"isolation", "read-committed"},
                                         {"slow-call.rate", "20%"},
                                         {"duplicate-delivery.rate", "20%"},
                                         {"crash.rate", "5%"},
                                         {"events-max", "57"}});
  Runner reused(settings, fleet_of("pessimistic-lock+idempotency-key"));
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const RunResult run = reused.run(seed);
    EXPECT_EQ(run.end, World::End::gave_up);
    EXPECT_EQ(run.trace_hash,
              Runner(settings, fleet_of("pessimistic-lock+idempotency-key")).run(seed).trace_hash);
  }
}

}  // namespace
}  // namespace racelab::lab::ending_test
