// The client's side: what it is told after which answers, what it ignores, when it asks and how often. Faults are placed
// by hand through a recorded order, or on the clock with a rate of 100% and a budget.
#include "sim/client/clients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/scenario/experiment.h"
#include "tests/service/story_lines.h"

namespace racelab::lab::clients_test {
namespace {

using Story = std::vector<std::string>;

Story story(const RunResult& run) { return StoryLines(run.trace, run.trace_rows).lines(true); }

// Client A alone, one operation, with faults at its attempts; nobody waits in between.
RunResult alone(const Lines& lines, std::string_view fleet,
                const std::vector<std::pair<Fault, std::uint16_t>>& faults) {
  Settings settings = with(settings_of({{"clients", "1"}, {"backoff", "none"}}), lines);
  Order order;
  for (const auto& [fault, attempt] : faults) {
    order.strikes.push_back(
        {.fault = fault, .client = 0, .operation = 0, .attempt = attempt, .statement = 0});
  }
  Replay replay(order);
  RunResult run = Runner(settings, fleet_of(fleet)).run_under(replay, true);
  EXPECT_EQ(replay.unused(), 0U);
  return run;
}

Told told(const RunResult& run) { return run.history.operations[0].told; }

// ---- told

TEST(Told, ok_by_the_first_answer) {
  const RunResult run = alone({}, "atomic-increment", {});
  EXPECT_EQ(story(run), (Story{"A starts operation 0", "A1 is sent", "A1 arrives", "A1 UPDATE n0=1",
                               "A1 replies ok", "A1 hears ok", "A1 is told ok"}));
}

TEST(Told, ok_by_a_later_answer_settles_every_doubt) {
  const RunResult run =
      alone({}, "atomic-increment", {{Fault::lose_reply, 1}, {Fault::lose_request, 2}});
  EXPECT_EQ(story(run), (Story{"A starts operation 0", "A1 is sent", "A1 arrives", "A1 UPDATE n0=1",
                               "A1 replies ok", "A1 reply ok is lost", "A1 times out",  //
                               "A2 is sent", "A2 is lost", "A2 times out",              //
                               "A3 is sent", "A3 arrives", "A3 UPDATE n0=2", "A3 replies ok",
                               "A3 hears ok", "A3 is told ok"}));
  EXPECT_EQ(run.history.operations[0].attempts, 3);
}

TEST(Told, unknown_when_every_attempt_went_unanswered) {
  // It makes no difference that this one was certainly not done: the client cannot see it.
  const RunResult run = alone({{"attempts-max", "2"}}, "atomic-increment",
                              {{Fault::lose_request, 1}, {Fault::lose_request, 2}});
  EXPECT_EQ(told(run), Told::unknown);
  EXPECT_EQ(run.history.rows[0].final, 0);
}

TEST(Told, failed_by_a_refusal) {
  const RunResult run =
      alone({{"workload", "charge"}, {"initial", "5"}, {"amount", "6"}}, "atomic-increment", {});
  EXPECT_EQ(told(run), Told::failed);
  // It is final: no second attempt.
  EXPECT_EQ(run.history.operations[0].attempts, 1);
}

// In doubt, then refused: the first attempt may have been done (here it was, and took the money that the second misses).
TEST(Told, unknown_by_a_refusal_after_a_doubt) {
  const RunResult run = alone({{"workload", "charge"}, {"initial", "10"}, {"amount", "6"}},
                              "atomic-increment", {{Fault::lose_reply, 1}});
  EXPECT_EQ(story(run), (Story{"A starts operation 0", "A1 is sent", "A1 arrives", "A1 UPDATE n0=4",
                               "A1 replies ok", "A1 reply ok is lost", "A1 times out",  //
                               "A2 is sent", "A2 arrives", "A2 UPDATE n0 none",
                               "A2 replies refused", "A2 hears refused", "A2 is told unknown"}));
  EXPECT_TRUE(run.judgement.findings.empty());
}

Task<Reply> always_conflicts(Session& /*db*/, const Request& /*request*/) {
  co_return Reply::conflict();
}

class OneRow final : public Workload {
 public:
  [[nodiscard]] Change change(OperationName /*operation*/) const override {
    Change change;
    change.rows.push_back(RowKey::row(0));
    change.amounts[0] = 1;
    change.function = add_amounts;
    return change;
  }
};

// A world around a strategy of the test's own.
OperationRecord after(const Order& order, const RetryPolicy& retry, StrategyFunction strategy) {
  Replay replay(order);
  Arena arena;
  const OneRow workload;
  const Endpoint endpoint(strategy, {});
  WorldSettings settings;
  settings.clients.clients = 1;
  settings.clients.retry = retry;
  settings.initial_values = {0};
  World world(arena, replay, workload, {&endpoint}, settings);
  EXPECT_EQ(world.run(), World::End::finished);
  return world.clients().operations()[0];
}

RetryPolicy patient(std::uint16_t attempts_max) {
  RetryPolicy retry;
  retry.timeout = milliseconds(50);
  retry.attempts_max = attempts_max;
  return retry;
}

TEST(Told, failed_when_every_attempt_was_a_conflict) {
  const OperationRecord record = after({}, patient(4), always_conflicts);
  EXPECT_EQ(record.told, Told::failed);
  EXPECT_EQ(record.attempts, 4);
}

TEST(Told, unknown_when_one_of_the_conflicts_went_unheard) {
  for (const std::uint16_t lost : {std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{3}}) {
    Order order;
    order.strikes.push_back(
        {.fault = Fault::lose_reply, .client = 0, .operation = 0, .attempt = lost, .statement = 0});
    EXPECT_EQ(after(order, patient(3), always_conflicts).told, Told::unknown) << lost;
  }
}

// ---- late and doubled answers

// The original answers while the retry is under way: ignored, though it says ok; the retry's answer counts.
TEST(Clients, a_reply_to_an_attempt_that_timed_out_is_ignored) {
  const Settings settings = settings_of({{"clients", "1"},
                                         {"backoff", "none"},
                                         {"timeout", "6ms"},
                                         {"slow-call.rate", "100%"},
                                         {"slow-call.max", "1"},
                                         {"attempts-max", "2"}});
  const RunResult run = run_once(settings, "atomic-increment", 1);
  const Story lines = story(run);
  // Sent at 0, found slow at 1, given up at 6, arrives at 7; the retry arrives at 7, too. Four hops of 0.75 to 1.25 ms.
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "A1 ignores ok"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "A2 hears ok"), 1);
  EXPECT_EQ(run.counts.clients.timeouts, 1U);
  EXPECT_EQ(run.counts.clients.late_calls, 0U);  // a fault made it late
  EXPECT_EQ(run.counts.service.self_overlaps, 1U);
  EXPECT_EQ(run.judgement.count(Anomaly::duplicate), 1U);
}

// A timeout shorter than the call: no fault, and still late. That is a slow call of the run's own.
TEST(Clients, a_timeout_without_a_fault_counts_as_a_late_call) {
  const Settings settings = settings_of(
      {{"clients", "1"}, {"backoff", "none"}, {"timeout", "2ms"}, {"attempts-max", "1"}});
  const RunResult run = run_once(settings, "atomic-increment", 1);
  EXPECT_EQ(told(run), Told::unknown);
  EXPECT_EQ(run.counts.clients.timeouts, 1U);
  EXPECT_EQ(run.counts.clients.late_calls, 1U);
  EXPECT_EQ(run.history.rows[0].final, 1);  // the original ran all the same
  EXPECT_EQ(run.judgement.ledger.unknown_applied, 1);
}

TEST(Clients, the_second_answer_to_a_doubled_request_is_ignored) {
  const RunResult run = alone({}, "atomic-increment", {{Fault::duplicate_delivery, 1}});
  EXPECT_EQ(story(run), (Story{"A starts operation 0", "A1 is sent", "A1 is doubled", "A1 arrives",
                               "A1' arrives", "A1 UPDATE n0=1", "A1 replies ok", "A1 hears ok",
                               "A1 is told ok",  //
                               "A1' UPDATE n0=2", "A1' replies ok", "A1' ignores ok"}));
}

// One of two answers lost: the other one is waited for, and no timeout is needed.
TEST(Clients, of_two_answers_one_is_enough) {
  const RunResult run =
      alone({}, "atomic-increment", {{Fault::duplicate_delivery, 1}, {Fault::lose_reply, 1}});
  EXPECT_EQ(told(run), Told::ok);
  EXPECT_EQ(run.counts.clients.timeouts, 0U);
  EXPECT_EQ(run.history.operations[0].attempts, 1);
}

// ---- without a timeout

TEST(Clients, without_a_timeout_a_lost_reply_is_waited_for_for_ever) {
  const RunResult run = alone({{"timeout", "none"}}, "atomic-increment", {{Fault::lose_reply, 1}});
  EXPECT_EQ(run.end, World::End::stuck);
  EXPECT_EQ(run.unanswered, (std::vector<OperationName>{{0, 0}}));
  EXPECT_FALSE(run.history.operations[0].finished);
  EXPECT_EQ(told(run), Told::unknown);
  EXPECT_TRUE(run.waits.empty());
  EXPECT_EQ(run.stuck(), 1U);
}

TEST(Clients, without_a_timeout_nobody_asks_twice) {
  const Settings settings = settings_of(
      {{"clients", "4"}, {"operations", "10"}, {"timeout", "none"}, {"latency", "20ms"}});
  const RunResult run = run_once(settings, "pessimistic-lock", 1);
  EXPECT_EQ(run.end, World::End::finished);
  EXPECT_EQ(run.counts.clients.attempts, 40U);
  EXPECT_EQ(run.counts.clients.timeouts, 0U);
  EXPECT_EQ(run.history.rows[0].final, 40);
}

// ---- keys

std::set<std::uint64_t> keys_inserted(std::string_view fleet) {
  const Settings settings = settings_of(
      {{"clients", "1"}, {"backoff", "none"}, {"lose-reply.rate", "100%"}, {"attempts-max", "3"}});
  const RunResult run = run_once(settings, fleet, 1);
  std::set<std::uint64_t> keys;
  for (const TraceEvent& event : run.trace) {
    if (event.kind == TraceKind::statement && event.verb == Verb::insert) {
      keys.insert(run.trace_rows[event.first_row].key.packed);
    }
  }
  EXPECT_EQ(run.history.operations[0].attempts, 3);
  return keys;
}

TEST(Clients, an_operation_keeps_its_key_over_all_attempts) {
  EXPECT_EQ(keys_inserted("atomic-increment+idempotency-key"),
            (std::set<std::uint64_t>{RowKey::idempotency(0, 0, 0).packed}));
}

TEST(Clients, unless_the_client_makes_a_new_one_each_time) {
  EXPECT_EQ(keys_inserted("atomic-increment+idempotency-key+new-key-per-attempt"),
            (std::set<std::uint64_t>{RowKey::idempotency(0, 0, 1).packed,
                                     RowKey::idempotency(0, 0, 2).packed,
                                     RowKey::idempotency(0, 0, 3).packed}));
}

// ---- when operations start

std::vector<std::int64_t> starts(const RunResult& run) {
  std::vector<std::int64_t> all;
  for (const HistoryOperation& operation : run.history.operations) {
    all.push_back(operation.started.microseconds);
  }
  return all;
}

TEST(Clients, a_closed_loop_starts_an_operation_when_the_last_has_ended) {
  const RunResult run =
      run_once(settings_of({{"clients", "1"}, {"operations", "50"}}), "read-modify-write", 1);
  EXPECT_EQ(run.history.operations[0].started, Instant{0});
  for (std::size_t i = 1; i < 50; ++i) {
    EXPECT_EQ(run.history.operations[i].started, run.history.operations[i - 1].ended);
  }
}

// Think time t is spread evenly over [t/2, 3t/2]: of 1,000 pauses of 10 ms all lie in [5, 15] ms, and their mean is 10 ms
// within four standard errors, 4 x (10/sqrt(12)) / sqrt(1000) = 0.37 ms.
TEST(Clients, think_time_comes_before_every_operation) {
  const RunResult run =
      run_once(settings_of({{"clients", "1"}, {"operations", "1000"}, {"think-time", "10ms"}}),
               "atomic-increment", 1);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < 1'000; ++i) {
    const Instant before = i == 0 ? Instant{0} : run.history.operations[i - 1].ended;
    const std::int64_t pause = (run.history.operations[i].started - before).microseconds;
    EXPECT_GE(pause, 5'000);
    EXPECT_LE(pause, 15'000);
    sum += pause;
  }
  EXPECT_NEAR(static_cast<double>(sum) / 1'000, 10'000, 370);
}

// 200 per second: exponential gaps of mean 5 ms. The mean of 5,000 has a standard error of 5 / sqrt(5000) = 0.071 ms;
// four of them are 0.28. One in e gaps is longer than the mean: 1,839 of 5,000, give or take 4 x 34.
TEST(Clients, an_open_loop_starts_operations_at_its_rate_whatever_the_answers) {
  const RunResult run =
      run_once(settings_of({{"clients", "1"}, {"operations", "5000"}, {"arrivals", "200/s"}}),
               "pessimistic-lock", 1);
  const std::vector<std::int64_t> at = starts(run);
  EXPECT_TRUE(std::is_sorted(at.begin(), at.end()));
  EXPECT_NEAR(static_cast<double>(at.back()) / 5'000, 5'000, 280);
  std::int64_t previous = 0;
  std::uint64_t longer = 0;
  std::uint64_t before_the_last_ended = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    longer += at[i] - previous > 5'000 ? 1 : 0;
    before_the_last_ended += i > 0 && at[i] < run.history.operations[i - 1].ended.microseconds;
    previous = at[i];
  }
  EXPECT_NEAR(static_cast<double>(longer), 1'839, 136);
  // An operation takes at least five hops, 3.75 ms; P(gap < 3.75) = 1 - e^-0.75 = 0.53.
  EXPECT_GT(before_the_last_ended, 2'500U);
  EXPECT_EQ(run.judgement.told[0][1], 5'000U);
}

// At 60,000 per second the mean gap is 16.67 us, and the clock ticks in microseconds: what gaps lose by being whole must be
// made up for. The mean of 50,000 gaps has a standard error of 0.45%; four of them are 1.8%.
TEST(Clients, an_open_loop_is_at_its_rate_however_short_the_gaps_are) {
  for (const int rate : {1'000, 1'001, 15'000, 30'000, 60'000, 99'999, 100'000}) {
    SCOPED_TRACE(rate);
    const RunResult run = run_once(settings_of({{"clients", "1"},
                                                {"operations", "50000"},
                                                {"arrivals", std::to_string(rate) + "/s"},
                                                {"timeout", "none"}}),
                                   "atomic-increment", 1);
    const double seconds = static_cast<double>(starts(run).back()) / 1'000'000;
    EXPECT_NEAR(seconds * rate / 50'000, 1, 0.018);
  }
}

TEST(Clients, client_by_client_and_operation_by_operation) {
  const RunResult run =
      run_once(settings_of({{"clients", "3"}, {"operations", "2"}}), "atomic-increment", 1);
  std::vector<OperationName> names;
  for (const HistoryOperation& operation : run.history.operations) {
    names.push_back(operation.name);
  }
  EXPECT_EQ(names, (std::vector<OperationName>{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1}}));
}

// A mixed fleet is repeated as needed: clients 0 and 2 lock, clients 1 and 3 do not.
TEST(Clients, a_fleet_serves_clients_in_turn) {
  const RunResult run =
      run_once(settings_of({{"clients", "4"}}), "pessimistic-lock,atomic-increment", 1);
  std::set<std::uint32_t> lockers;
  for (const TraceEvent& event : run.trace) {
    if (event.kind == TraceKind::statement && event.locking == Locking::for_update) {
      lockers.insert(event.operation.client);
    }
  }
  EXPECT_EQ(lockers, (std::set<std::uint32_t>{0, 2}));
}

// Pauses as taken: exponential backoff without jitter waits 10, 20, 40 ms between a timeout and the next request.
TEST(Clients, backs_off_between_a_timeout_and_the_next_attempt) {
  const Settings settings = settings_of({{"clients", "1"},
                                         {"timeout", "50ms"},
                                         {"backoff", "exponential"},
                                         {"backoff-base", "5ms"},
                                         {"jitter", "none"},
                                         {"attempts-max", "4"},
                                         {"lose-request.rate", "100%"}});
  const RunResult run = run_once(settings, "atomic-increment", 1);
  std::vector<std::int64_t> sent;
  for (const TraceEvent& event : run.trace) {
    if (event.kind == TraceKind::request_sent) {
      sent.push_back(event.at.microseconds);
    }
  }
  // 50 + 10, 50 + 20, 50 + 40
  EXPECT_EQ(sent, (std::vector<std::int64_t>{0, 60'000, 130'000, 220'000}));
  EXPECT_EQ(run.history.operations[0].ended,
            Instant{270'000});  // the last one is not followed by a pause
}

}  // namespace
}  // namespace racelab::lab::clients_test
