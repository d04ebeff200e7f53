// Finite workers, the queue before them, what is turned away or dropped, and work that goes on although nobody waits for it:
// whole stories with their times. Latencies are exact here (1 ms a hop, 1 ms to the store), so every time can be told.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/scenario/experiment.h"
#include "tests/service/front.h"

namespace racelab::lab::workers_test {
namespace {

using Story = std::vector<std::string>;

std::unique_ptr<Endpoint> endpoint_of(std::string_view combination, const Lines& lines = {}) {
  return fleet_of(combination).front().endpoint(settings_of(lines));
}

// "12 A1 UPDATE n0=1": milliseconds, and what happened. Without the operations' beginnings, which are all at 0.
Story timed_story(const RunResult& run) {
  const std::vector<std::string> lines = StoryLines(run.trace, run.trace_rows).lines(true);
  Story story;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (run.trace[i].kind != TraceKind::operation_started &&
        run.trace[i].kind != TraceKind::request_sent) {
      EXPECT_EQ(run.trace[i].at.microseconds % 1'000, 0);
      story.push_back(std::to_string(run.trace[i].at.microseconds / 1'000) + " " + lines[i]);
    }
  }
  return story;
}

const Lines exact{{"latency", "1ms"}, {"latency-spread", "0%"}, {"attempts-max", "1"}};
const Lines one_worker{{"workers", "1"}, {"service-time", "10ms"}};

RunResult run_of(const std::vector<Lines>& lines, std::string_view fleet = "atomic-increment") {
  Settings settings = settings_of(exact);
  for (const Lines& more : lines) {
    settings = with(settings, more);
  }
  return run_once(settings, fleet, 1);
}

TEST(Workers, one_serves_the_next_waits_the_third_is_turned_away) {
  const RunResult run = run_of({one_worker, {{"clients", "3"}, {"queue-max", "1"}}});
  EXPECT_EQ(timed_story(run), (Story{"1 A1 arrives",             //
                                     "1 B1 waits for a worker",  //
                                     "1 C1 is turned away",      //
                                     "2 C1 hears unavailable",   //
                                     "2 C1 is told failed",      //
                                     "12 A1 UPDATE n0=1",        //
                                     "12 A1 replies ok",         //
                                     "12 B1 arrives",            // at once
                                     "13 A1 hears ok",           //
                                     "13 A1 is told ok",         //
                                     "23 B1 UPDATE n0=2",        //
                                     "23 B1 replies ok",         //
                                     "24 B1 hears ok",           //
                                     "24 B1 is told ok"}));
  const ServiceCounts& counts = run.counts.service;
  EXPECT_EQ(counts.deliveries, 3U);
  EXPECT_EQ(counts.handlers, 2U);
  EXPECT_EQ(counts.queued, 1U);
  EXPECT_EQ(counts.queue_wait_time, milliseconds(11));
  EXPECT_EQ(counts.queue_length_max, 1U);
  EXPECT_EQ(counts.shed, 1U);
  EXPECT_EQ(counts.expired, 0U);
  EXPECT_EQ(counts.work_time, milliseconds(22));
  EXPECT_EQ(counts.in_service_max, 1U);
  EXPECT_EQ(run.verdict, Verdict::holds);
}

// Without a limit everybody waits, and the order of arrival is kept.
TEST(Workers, the_queue_is_first_come_first_served) {
  const RunResult run = run_of({one_worker, {{"clients", "4"}}});
  Story served;
  for (const TraceEvent& event : run.trace) {
    if (event.kind == TraceKind::handler_started) {
      served.push_back(std::to_string(event.at.microseconds / 1'000) + " " +
                       client_name(event.operation.client));
    }
  }
  EXPECT_EQ(served, (Story{"1 A", "12 B", "23 C", "34 D"}));
  EXPECT_EQ(run.counts.service.queue_wait_time, milliseconds(11 + 22 + 33));
  EXPECT_EQ(run.counts.service.queue_length_max, 3U);
}

TEST(Workers, a_queue_of_none_turns_away_whoever_finds_no_free_worker) {
  const RunResult run =
      run_of({one_worker, {{"clients", "3"}, {"queue-max", "0"}, {"workers", "2"}}});
  EXPECT_EQ(run.counts.service.in_service_max, 2U);
  EXPECT_EQ(run.counts.service.queued, 0U);
  EXPECT_EQ(run.counts.service.shed, 1U);
}

// To be turned away is a definite failure: the client asks again, and is not in doubt.
TEST(Workers, who_was_turned_away_asks_again) {
  const RunResult run = run_of({one_worker,
                                {{"queue-max", "0"},
                                 {"attempts-max", "3"},
                                 {"backoff", "fixed"},
                                 {"backoff-base", "12ms"},
                                 {"jitter", "none"}}});
  EXPECT_EQ(timed_story(run), (Story{"1 A1 arrives",            //
                                     "1 B1 is turned away",     //
                                     "2 B1 hears unavailable",  //
                                     "12 A1 UPDATE n0=1",       //
                                     "12 A1 replies ok",        //
                                     "13 A1 hears ok",          //
                                     "13 A1 is told ok",        //
                                     "15 B2 arrives",           //
                                     "26 B2 UPDATE n0=2",       //
                                     "26 B2 replies ok",        //
                                     "27 B2 hears ok",          //
                                     "27 B2 is told ok"}));
}

// Both clients wait 8 ms. What was begun for A is done to its end, and so is what waited for B: abandoned work.
TEST(Workers, work_for_a_client_that_has_gone_is_done_all_the_same) {
  const RunResult run = run_of({one_worker, {{"timeout", "8ms"}}});
  EXPECT_EQ(timed_story(run), (Story{"1 A1 arrives",             //
                                     "1 B1 waits for a worker",  //
                                     "8 A1 times out",           //
                                     "8 A1 is told unknown",     //
                                     "8 B1 times out",           //
                                     "8 B1 is told unknown",     //
                                     "12 A1 UPDATE n0=1",        //
                                     "12 A1 replies ok",         //
                                     "12 B1 arrives",            //
                                     "13 A1 ignores ok",         //
                                     "23 B1 UPDATE n0=2",        //
                                     "23 B1 replies ok",         //
                                     "24 B1 ignores ok"}));
  EXPECT_EQ(run.judgement.ledger.unknown_applied, 2);
}

TEST(Workers, a_request_whose_client_has_gone_is_dropped_when_its_turn_comes) {
  const RunResult run = run_of({one_worker, {{"timeout", "8ms"}, {"expired", "drop"}}});
  EXPECT_EQ(timed_story(run), (Story{"1 A1 arrives",             //
                                     "1 B1 waits for a worker",  //
                                     "8 A1 times out",           //
                                     "8 A1 is told unknown",     //
                                     "8 B1 times out",           //
                                     "8 B1 is told unknown",     //
                                     "12 A1 UPDATE n0=1",        // begun is begun
                                     "12 A1 replies ok",         //
                                     "12 B1 is dropped",         // no work, no reply
                                     "13 A1 ignores ok"}));
  EXPECT_EQ(run.counts.service.expired, 1U);
  EXPECT_EQ(run.counts.service.queue_wait_time, milliseconds(11));
  EXPECT_EQ(run.counts.service.handlers, 1U);
  EXPECT_EQ(run.judgement.ledger.unknown_applied, 1);
}

// The first delivery was answered: of the second nobody wants to know.
TEST(Workers, a_second_delivery_is_dropped_when_the_first_was_answered) {
  ServiceSettings settings;
  settings.workers = 1;
  settings.drops_expired = true;
  const auto endpoint = endpoint_of("atomic-increment");
  Replay order({.turns = {}, .strikes = {{.fault = Fault::duplicate_delivery, .client = 0}}});
  Front front(order, settings, {0});
  front.send(request_of(0), *endpoint);
  ASSERT_TRUE(front.step());
  ASSERT_TRUE(front.step());
  front.stop_waiting({0, 0});
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 is doubled", "A1 arrives", "A1' waits for a worker",
                                  "A1 UPDATE n0=1", "A1 replies ok", "A1' is dropped"}));
  EXPECT_EQ(front.owed(), 0);  // one more for the second delivery, one fewer for its end
}

// The process is started again at once; its session is not: it keeps its lock, and the next handler waits for that.
TEST(Workers, a_handler_that_dies_frees_its_worker_but_not_its_locks) {
  ServiceSettings settings;
  settings.workers = 1;
  settings.session_timeout = milliseconds(30);
  const auto endpoint = endpoint_of("pessimistic-lock");
  Replay order({.turns = {}, .strikes = {{.fault = Fault::crash, .client = 0, .statement = 1}}});
  Front front(order, settings, {0});
  front.send(request_of(0), *endpoint);
  front.send(request_of(1), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "B1 waits for a worker", "A1 BEGIN", "A1 LOCK n0=0", "A1 crashes",
                   "B1 arrives", "B1 BEGIN", "B1 waits for A", "A1 is noticed dead", "B1 LOCK n0=0",
                   "B1 UPDATE n0=1", "B1 COMMIT", "B1 replies ok"}));
  EXPECT_EQ(front.counts().wasted, 1U);
  EXPECT_EQ(front.counts().writes, 1U);
}

TEST(Workers, a_request_still_waits_when_the_run_is_given_up) {
  const RunResult run = run_of({one_worker, {{"clients", "5"}, {"events-max", "6"}}});
  EXPECT_EQ(run.end, World::End::gave_up);
  EXPECT_EQ(run.counts.service.queued, 4U);
}

// ---- work

// A: 1 + 1, B: 1 + 2, C: 1 + 3 ms.
TEST(Work, takes_longer_the_more_handlers_are_at_it) {
  const RunResult run =
      run_of({{{"clients", "3"}, {"service-time", "1ms"}, {"service-time-per-call", "1ms"}}});
  Story updates;
  for (const std::string& line : timed_story(run)) {
    if (line.find("UPDATE") != std::string::npos) {
      updates.push_back(line);
    }
  }
  EXPECT_EQ(updates, (Story{"4 A1 UPDATE n0=1", "5 B1 UPDATE n0=2", "6 C1 UPDATE n0=3"}));
  EXPECT_EQ(run.counts.service.work_time, milliseconds(3 + 4 + 5));
  EXPECT_EQ(run.counts.service.in_service_max, 3U);
  EXPECT_EQ(run.counts.service.overlaps, 2U);
}

Task<Reply> asks_for_nothing(Session& /*db*/, const Request& /*request*/) {
  co_return Reply::refused();
}

TEST(Work, is_done_by_a_handler_that_asks_for_no_statement_too) {
  ServiceSettings settings;
  settings.latency = Delay::exactly(milliseconds(1));
  settings.service_time = milliseconds(5);
  settings.workers = 1;
  const Endpoint endpoint(asks_for_nothing, {});
  Timed clock(1, {});
  Front front(clock, settings, {0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "B1 waits for a worker", "A1 replies refused",
                                  "B1 arrives", "B1 replies refused"}));
  EXPECT_EQ(front.events().back().at, Instant{11'000});
  EXPECT_EQ(front.counts().work_time, milliseconds(10));
}

TEST(Work, may_be_cut_off_by_the_end_of_the_run) {
  const RunResult run = run_of({one_worker, {{"clients", "1"}, {"events-max", "1"}}});
  EXPECT_EQ(run.end, World::End::gave_up);
  EXPECT_EQ(run.counts.service.handlers, 1U);
  EXPECT_EQ(run.counts.service.statements, 0U);
}

// ---- answers that take their time

TEST(Answers, take_their_time_and_the_lock_is_free_as_soon_as_the_store_has_committed) {
  const RunResult run =
      run_of({{{"statement-latency", "2ms"}, {"answer-latency", "3ms"}, {"timeout", "none"}}},
             "pessimistic-lock");
  EXPECT_EQ(timed_story(run), (Story{"1 A1 arrives",       //
                                     "1 B1 arrives",       //
                                     "3 A1 BEGIN",         //
                                     "3 A1 LOCK n0=0",     //
                                     "3 B1 BEGIN",         //
                                     "3 B1 waits for A",   //
                                     "8 A1 UPDATE n0=1",   // 3 back, 2 there
                                     "13 A1 COMMIT",       //
                                     "13 B1 LOCK n0=1",    //
                                     "16 A1 replies ok",   //
                                     "17 A1 hears ok",     //
                                     "17 A1 is told ok",   //
                                     "18 B1 UPDATE n0=2",  //
                                     "23 B1 COMMIT",       //
                                     "26 B1 replies ok",   //
                                     "27 B1 hears ok",     //
                                     "27 B1 is told ok"}));
  EXPECT_EQ(run.counts.service.lock_wait_time, milliseconds(10));
}

TEST(Answers, of_statements_that_failed_travel_too) {
  const RunResult run =
      run_of({{{"lock-timeout", "4ms"}, {"statement-latency", "2ms"}, {"answer-latency", "3ms"}}},
             "pessimistic-lock");
  const Story story = timed_story(run);
  const auto failed = std::find(story.begin(), story.end(), "7 B1 LOCK n0 none fails 55P03");
  ASSERT_NE(failed, story.end());
  EXPECT_EQ(*(failed + 2), "10 B1 replies conflict");
  EXPECT_EQ(run.counts.service.lock_wait_time, milliseconds(4));
}

// ---- the fault

TEST(FailCall, is_answered_with_an_error_and_does_nothing) {
  const auto endpoint = endpoint_of("atomic-increment");
  Replay order({.turns = {}, .strikes = {{.fault = Fault::fail_call, .client = 0}}});
  Front front(order, {}, {0});
  front.send(request_of(0), *endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 is answered with an error"}));
  EXPECT_EQ(front.heard(), (Story{"A1 unavailable"}));
  EXPECT_EQ(front.counts().deliveries, 1U);
  EXPECT_EQ(front.counts().handlers, 0U);
  EXPECT_EQ(front.owed(), 0);
}

TEST(FailCall, leaves_the_client_certain_that_nothing_was_done) {
  const Lines faults{{"clients", "1"}, {"fail-call.rate", "100%"}, {"attempts-max", "3"}};
  const RunResult every_time = run_of({faults});
  EXPECT_EQ(every_time.judgement.told[static_cast<std::size_t>(Told::failed)][0], 1U);
  EXPECT_EQ(struck(every_time, FaultKind::fail_call), 3U);
  const RunResult once = run_of({faults, {{"fail-call.max", "1"}}});
  EXPECT_EQ(once.judgement.told[static_cast<std::size_t>(Told::ok)][1], 1U);
  EXPECT_EQ(once.counts.clients.attempts, 2U);
}

// ---- counts of statements

// Two tries at one row: the first is in vain. UPDATE of no row reached the store all the same.
TEST(Counts, tell_what_was_written_and_what_was_wasted) {
  const auto endpoint = endpoint_of("optimistic-version");
  Replay order(order_of("ABBA"));
  Front front(order, {}, {0});
  front.send(request_of(0), *endpoint);
  front.send(request_of(1), *endpoint);
  front.run();
  EXPECT_EQ(front.heard(), (Story{"B1 ok", "A1 ok"}));
  EXPECT_EQ(front.counts().statements, 6U);
  EXPECT_EQ(front.counts().writes, 3U);
  EXPECT_EQ(front.counts().wasted, 2U);
}

}  // namespace
}  // namespace racelab::lab::workers_test
