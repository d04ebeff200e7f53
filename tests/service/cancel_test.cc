// What a cancel ends: the handler of its attempt wherever it is, or its place in the queue; and what it cannot end any more. Whole
// stories with their times: 1 ms a hop, and to the store what the test says.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/scenario/experiment.h"
#include "tests/service/front.h"

namespace racelab::lab::cancel_test {
namespace {

using Story = std::vector<std::string>;

// "12 A1 UPDATE n0=1": milliseconds, and what happened.
Story timed_story(const RunResult& run) {
  const std::vector<std::string> lines = StoryLines(run.trace, run.trace_rows).lines(true);
  Story story;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (run.trace[i].kind != TraceKind::operation_started) {
      story.push_back(std::to_string(run.trace[i].at.microseconds / 1'000) + " " + lines[i]);
    }
  }
  return story;
}

const Lines cancelling{{"latency", "1ms"},    {"latency-spread", "0%"}, {"clients", "1"},
                       {"attempts-max", "1"}, {"backoff", "none"},      {"on-timeout", "cancel"}};

RunResult run_of(const Lines& lines, std::string_view fleet = "atomic-increment") {
  return run_once(with(settings_of(cancelling), lines), fleet, 1);
}

// ---- where a handler can be

// The cancel is there at 9 ms; the handler would have worked until 11, and written at 12.
TEST(Cancel, ends_a_handler_at_work) {
  const RunResult run = run_of({{"service-time", "10ms"}, {"timeout", "8ms"}});
  EXPECT_EQ(timed_story(run),
            (Story{"0 A1 is sent", "1 A1 arrives", "8 A1 times out", "8 A1 cancel is sent",
                   "8 A1 is told unknown", "9 A1 is cancelled"}));
  EXPECT_EQ(run.counts.service.cancelled, 1U);
  EXPECT_EQ(run.counts.service.work_time, milliseconds(8));
  EXPECT_EQ(run.judgement.ledger.unknown_applied, 0);
}

// The same without: it is done for nobody.
TEST(Cancel, is_not_sent_unless_the_client_does_that) {
  const RunResult run =
      run_of({{"service-time", "10ms"}, {"timeout", "8ms"}, {"on-timeout", "nothing"}});
  EXPECT_EQ(timed_story(run),
            (Story{"0 A1 is sent", "1 A1 arrives", "8 A1 times out", "8 A1 is told unknown",
                   "12 A1 UPDATE n0=1", "12 A1 replies ok", "13 A1 ignores ok"}));
  EXPECT_EQ(run.judgement.ledger.unknown_applied, 1);
}

// Statements take 5 ms to the store. A has the lock from 6 ms on, B waits for it; both are given up at 9, and cancelled at 10: A's
// end gives B the lock, and then B is ended, too.
TEST(Cancel, rolls_back_and_frees_the_locks) {
  const RunResult run = run_of({{"clients", "2"}, {"statement-latency", "5ms"}, {"timeout", "9ms"}},
                               "pessimistic-lock");
  EXPECT_EQ(timed_story(run),
            (Story{"0 A1 is sent", "0 B1 is sent", "1 A1 arrives", "1 B1 arrives", "6 A1 BEGIN",
                   "6 A1 LOCK n0=0", "6 B1 BEGIN", "6 B1 waits for A",  //
                   "9 A1 times out", "9 A1 cancel is sent", "9 A1 is told unknown",
                   "9 B1 times out", "9 B1 cancel is sent", "9 B1 is told unknown",
                   "10 A1 is cancelled", "10 B1 LOCK n0=0", "10 B1 is cancelled"}));
  EXPECT_EQ(run.history.rows[0].final, 0);
}

// A second attempt finds the row free: A1's transaction, open since 6 ms, would otherwise have held it until 16.
TEST(Cancel, lets_the_next_attempt_have_the_row) {
  const RunResult run =
      run_of({{"statement-latency", "5ms"}, {"timeout", "9ms"}, {"attempts-max", "2"}},
             "pessimistic-lock");
  EXPECT_EQ(timed_story(run),
            (Story{"0 A1 is sent", "1 A1 arrives", "6 A1 BEGIN", "6 A1 LOCK n0=0",  //
                   "9 A1 times out", "9 A1 cancel is sent", "9 A2 is sent",         //
                   "10 A1 is cancelled", "10 A2 arrives", "15 A2 BEGIN", "15 A2 LOCK n0=0",
                   "18 A2 times out", "18 A2 cancel is sent", "18 A2 is told unknown",
                   "19 A2 is cancelled"}));
}

// A statement at autocommit is done at 6 ms, its answer on the way until 16: the handler is ended, what is done stays.
TEST(Cancel, leaves_what_is_committed) {
  const RunResult run =
      run_of({{"statement-latency", "5ms"}, {"answer-latency", "10ms"}, {"timeout", "9ms"}});
  EXPECT_EQ(timed_story(run),
            (Story{"0 A1 is sent", "1 A1 arrives", "6 A1 UPDATE n0=1", "9 A1 times out",
                   "9 A1 cancel is sent", "9 A1 is told unknown", "10 A1 is cancelled"}));
  EXPECT_EQ(run.history.rows[0].final, 1);
}

// It has replied at 6 ms: there is nothing left to end.
TEST(Cancel, can_be_too_late) {
  const RunResult run = run_of({{"statement-latency", "5ms"}, {"timeout", "6500us"}});
  EXPECT_EQ(timed_story(run),
            (Story{"0 A1 is sent", "1 A1 arrives", "6 A1 UPDATE n0=1", "6 A1 replies ok",
                   "6 A1 times out", "6 A1 cancel is sent", "6 A1 is told unknown",
                   "7 A1 ignores ok", "7 A1 cancel comes in vain"}));
  EXPECT_EQ(run.counts.service.cancelled, 0U);
}

// ---- by hand

ServiceSettings settings_with_workers(std::uint32_t workers, Duration service_time) {
  ServiceSettings settings;
  settings.latency = Delay::exactly(milliseconds(1));
  settings.workers = workers;
  settings.service_time = service_time;
  return settings;
}

// A is at work, B and C wait. B's cancel takes it out of the queue; C is served next.
TEST(Cancel, takes_a_request_out_of_the_queue) {
  Timed timed(1, {});
  const auto endpoint = fleet_of("atomic-increment").front().endpoint(settings_of({}));
  Front front(timed, settings_with_workers(1, milliseconds(10)), {0});
  for (const std::uint32_t client : {0U, 1U, 2U}) {
    front.send(request_of(client), *endpoint);
    ASSERT_TRUE(front.step());
  }
  front.cancel({1, 0}, 1);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "B1 waits for a worker", "C1 waits for a worker",
                                  "B1 is cancelled", "A1 UPDATE n0=1", "A1 replies ok",
                                  "C1 arrives", "C1 UPDATE n0=2", "C1 replies ok"}));
  EXPECT_EQ(front.counts().cancelled, 1U);
  EXPECT_EQ(front.owed(), -1);  // B's answer will not come
}

// It travels on its own, as PostgreSQL's does: where it is faster than its request, that runs.
TEST(Cancel, does_not_wait_for_its_request) {
  Timed timed(1, {});
  const auto endpoint = fleet_of("atomic-increment").front().endpoint(settings_of({}));
  Front front(timed, settings_with_workers(0, {}), {0});
  front.cancel({0, 0}, 1);
  front.send(request_of(0), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 cancel comes in vain", "A1 arrives", "A1 UPDATE n0=1", "A1 replies ok"}));
}

// Both deliveries of an attempt, one of which waits for the other's lock, and none of another attempt.
TEST(Cancel, ends_every_delivery_of_its_attempt_and_no_other) {
  FaultPlan faults;
  faults[FaultKind::duplicate_delivery].rate_parts_per_billion = 1'000'000'000;
  faults[FaultKind::duplicate_delivery].max = 1;
  Timed timed(1, faults);
  const auto endpoint = fleet_of("pessimistic-lock").front().endpoint(settings_of({}));
  Front front(timed, settings_with_workers(0, {}), {0});
  front.send(request_of(0, 1), *endpoint);
  for (int i = 0; i < 4; ++i) {  // two deliveries, a lock, a wait
    ASSERT_TRUE(front.step());
  }
  front.send(request_of(0, 2), *endpoint);
  front.cancel({0, 0}, 1);
  front.run();
  EXPECT_EQ(front.value(0), 1);
  EXPECT_EQ(front.heard(), (Story{"A2 ok"}));
  EXPECT_EQ(front.counts().cancelled, 2U);
}

// ---- both directions

// Statements take 3 ms to the store, and a client gives up after 5: the cancel is there at about 6 ms, when a first statement is done
// and a second is not. An idempotency key that is committed with the work withstands that; without one it is done twice; and a key that is committed
// before the work promises what a cancel has then ended.
TEST(Cancel, spares_a_keyed_endpoint_and_no_other) {
  const Settings settings = settings_of({{"clients", "1"},
                                         {"timeout", "5ms"},
                                         {"statement-latency", "3ms"},
                                         {"latency-spread", "60%"},
                                         {"backoff", "none"},
                                         {"on-timeout", "cancel"}});
  std::uint64_t cancelled = 0;
  std::uint64_t twice = 0;
  std::uint64_t promised = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const RunResult keyed = run_once(settings, "atomic-increment+idempotency-key", seed);
    EXPECT_EQ(keyed.verdict, Verdict::holds) << seed;
    cancelled += keyed.counts.service.cancelled;
    twice += run_once(settings, "atomic-increment", seed).judgement.count(Anomaly::duplicate);
    promised += run_once(settings, "atomic-increment+idempotency-key-before", seed)
                    .judgement.count(Anomaly::false_success);
  }
  EXPECT_GT(cancelled, 0U);
  EXPECT_GT(twice, 0U);
  EXPECT_GT(promised, 0U);
}

}  // namespace
}  // namespace racelab::lab::cancel_test
