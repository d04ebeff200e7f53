// A handler's life, told line by line: when it begins and ends transactions, what becomes of a statement that fails, and
// when it starts again. Strategies here are written for the purpose; each does one thing.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sim/service/service.h"
#include "tests/service/front.h"

namespace racelab::lab::handler_test {
namespace {

using Story = std::vector<std::string>;

// ---- strategies for the purpose

Task<Reply> answers_at_once(Session& /*db*/, const Request& /*request*/) { co_return Reply::ok(); }

Task<Reply> reads_only(Session& db, const Request& request) {
  co_await db.select(request.change.rows);
  co_return Reply::ok();
}

Task<Reply> adds(Session& db, const Request& request) {
  co_await db.update_in_place(*request.change.in_place);
  co_return Reply::ok();
}

Task<Reply> reads_and_writes(Session& db, const Request& request) {
  const Rows seen = co_await db.select(request.change.rows);
  co_await db.update(*request.change.apply(seen));
  co_return Reply::ok();
}

Task<Reply> adds_then_refuses(Session& db, const Request& request) {
  co_await db.update_in_place(*request.change.in_place);
  co_return Reply::refused();
}

Task<Reply> adds_then_conflicts(Session& db, const Request& request) {
  co_await db.update_in_place(*request.change.in_place);
  co_return Reply::conflict();
}

Task<Reply> adds_commits_and_adds(Session& db, const Request& request) {
  co_await db.update_in_place(*request.change.in_place);
  co_await db.commit();
  co_await db.update_in_place(*request.change.in_place);
  co_return Reply::ok();
}

Task<Reply> locks_or_fails(Session& db, const Request& request) {
  const Rows seen = co_await db.select_for_update(request.change.rows, IfLocked::fail);
  co_await db.update(*request.change.apply(seen));
  co_return Reply::ok();
}

std::vector<std::uint32_t> went_on;  // clients whose strategy got past its INSERT
int frames_alive = 0;

struct Frame {
  Frame() { ++frames_alive; }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() { --frames_alive; }
};

Task<Reply> inserts_the_key_below(Session& db, const Request& request) {
  const Frame frame;
  co_await db.insert_key(request, Reply::ok());
  went_on.push_back(request.operation.client);
  co_return Reply::ok();
}

Task<Reply> adds_and_inserts_the_key(Session& db, const Request& request, const Next& inner) {
  const Frame frame;
  co_await db.update_in_place(*request.change.in_place);
  const Reply reply = co_await inner.run(db, request);
  co_return reply;
}

// A's row first, then the other one: two of them with different clients close a circle.
Task<Reply> locks_both_rows(Session& db, const Request& request) {
  const std::uint32_t first = request.operation.client % 2;
  co_await db.update_in_place({.key = RowKey::row(first), .amount = 1, .where = {}});
  co_await db.update_in_place({.key = RowKey::row(1 - first), .amount = 1, .where = {}});
  co_return Reply::ok();
}

Endpoint& at(Endpoint& endpoint, Isolation isolation, Errors retry_on = {}) {
  endpoint.isolation = isolation;
  endpoint.retry_on = retry_on;
  return endpoint;
}

// ---- transactions

TEST(Handler, begins_with_its_first_statement_and_commits_after_ok) {
  Endpoint endpoint(reads_and_writes, {});
  Replay order({});
  Front front(order, {}, {10});
  front.send(request_of(0, 1, 5), at(endpoint, Isolation::read_committed));
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "A1 BEGIN", "A1 SELECT n0=10", "A1 UPDATE n0=15",
                                  "A1 COMMIT", "A1 replies ok"}));
  EXPECT_EQ(front.value(0), 15);
  EXPECT_EQ(front.heard(), (Story{"A1 ok"}));
  // BEGIN is no step of its own: SELECT, UPDATE and COMMIT are counted.
  EXPECT_EQ(front.counts().statements, 3U);
}

TEST(Handler, at_autocommit_there_is_no_begin_and_no_commit) {
  Endpoint endpoint(reads_and_writes, {});
  Replay order({});
  Front front(order, {}, {10});
  front.send(request_of(0, 1, 5), at(endpoint, Isolation::autocommit));
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "A1 SELECT n0=10", "A1 UPDATE n0=15", "A1 replies ok"}));
}

TEST(Handler, without_a_statement_there_is_no_transaction) {
  Endpoint endpoint(answers_at_once, {});
  Replay order({});
  Front front(order, {}, {0});
  front.send(request_of(0), at(endpoint, Isolation::read_committed));
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "A1 replies ok"}));
  EXPECT_EQ(front.counts().statements, 0U);
}

TEST(Handler, a_transaction_that_only_read_is_committed_too) {
  Endpoint endpoint(reads_only, {});
  Replay order({});
  Front front(order, {}, {0});
  front.send(request_of(0), at(endpoint, Isolation::repeatable_read));
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "A1 BEGIN", "A1 SELECT n0=0", "A1 COMMIT", "A1 replies ok"}));
}

TEST(Handler, rolls_back_after_a_refusal) {
  Endpoint endpoint(adds_then_refuses, {});
  Replay order({});
  Front front(order, {}, {10});
  front.send(request_of(0), at(endpoint, Isolation::read_committed));
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "A1 BEGIN", "A1 UPDATE n0=11", "A1 ROLLBACK",
                                  "A1 replies refused"}));
  EXPECT_EQ(front.value(0), 10);
}

TEST(Handler, rolls_back_after_a_conflict_and_starts_again_up_to_tries_max) {
  Endpoint endpoint(adds_then_conflicts, {});
  Replay order({});
  ServiceSettings settings;
  settings.tries_max = 3;
  Front front(order, settings, {10});
  front.send(request_of(0), at(endpoint, Isolation::read_committed, {Error::conflict}));
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives",  //
                   "A1 BEGIN", "A1 UPDATE n0=11", "A1 ROLLBACK", "A1 starts again after a conflict",
                   "A1 BEGIN", "A1 UPDATE n0=11", "A1 ROLLBACK", "A1 starts again after a conflict",
                   "A1 BEGIN", "A1 UPDATE n0=11", "A1 ROLLBACK", "A1 replies conflict"}));
  EXPECT_EQ(front.value(0), 10);
  EXPECT_EQ(front.counts().conflicts, 3U);
  // Three tries are three executions of one delivery.
  ASSERT_EQ(front.service().executions().size(), 3U);
  EXPECT_EQ(front.service().executions()[2].tries, 3);
  EXPECT_EQ(front.counts().deliveries, 1U);
}

TEST(Handler, a_conflict_that_is_not_listed_is_not_tried_again) {
  Endpoint endpoint(adds_then_conflicts, {});
  Replay order({});
  Front front(order, {}, {10});
  front.send(request_of(0),
             at(endpoint, Isolation::read_committed,
                {Error::serialization_failure, Error::deadlock, Error::lock_not_available}));
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "A1 BEGIN", "A1 UPDATE n0=11", "A1 ROLLBACK",
                                  "A1 replies conflict"}));
}

TEST(Handler, a_commit_in_the_middle_ends_one_transaction_and_the_next_statement_begins_another) {
  Endpoint endpoint(adds_commits_and_adds, {});
  Replay order({});
  Front front(order, {}, {0});
  front.send(request_of(0), at(endpoint, Isolation::read_committed));
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "A1 BEGIN", "A1 UPDATE n0=1", "A1 COMMIT",
                                  "A1 BEGIN", "A1 UPDATE n0=2", "A1 COMMIT", "A1 replies ok"}));
}

TEST(Handler, a_commit_in_the_middle_is_nothing_at_autocommit) {
  Endpoint endpoint(adds_commits_and_adds, {});
  Replay order({});
  Front front(order, {}, {0});
  front.send(request_of(0), at(endpoint, Isolation::autocommit));
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "A1 UPDATE n0=1", "A1 UPDATE n0=2", "A1 replies ok"}));
}

// ---- statements that fail

// 23505 in the strategy, one frame below the protection: neither goes on, both frames are destroyed, the first UPDATE is
// undone, and the service answers refused.
TEST(Handler, a_statement_error_never_returns_into_the_strategy) {
  went_on.clear();
  frames_alive = 0;
  Endpoint endpoint(inserts_the_key_below, {adds_and_inserts_the_key});
  at(endpoint, Isolation::read_committed, {Error::conflict, Error::serialization_failure});
  Replay order(order_of("AAAB"));
  Front front(order, {}, {0});
  front.send(request_of(0), endpoint);
  Request same_key = request_of(1);
  same_key.key = request_of(0).key;
  front.send(same_key, endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "B1 arrives",  //
                                  "A1 BEGIN", "A1 UPDATE n0=1", "A1 INSERT key=ok", "A1 COMMIT",
                                  "A1 replies ok", "B1 BEGIN", "B1 UPDATE n0=2",
                                  "B1 INSERT key none fails 23505", "B1 replies refused"}));
  EXPECT_EQ(front.value(0), 1);
  EXPECT_EQ(frames_alive, 0);
  EXPECT_EQ(went_on, (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(front.heard(), (Story{"A1 ok", "B1 refused"}));
}

// R_A R_B W_A C_A W_B: at REPEATABLE READ the second writer is refused with 40001, and may start over.
TEST(Handler, a_serialization_failure_starts_again_in_a_new_transaction) {
  Endpoint endpoint(reads_and_writes, {});
  at(endpoint, Isolation::repeatable_read, {Error::serialization_failure});
  Replay order(order_of("ABAAB"));
  Front front(order, {}, {0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "B1 arrives", "A1 BEGIN", "A1 SELECT n0=0", "B1 BEGIN",
                   "B1 SELECT n0=0", "A1 UPDATE n0=1", "A1 COMMIT", "A1 replies ok",
                   "B1 UPDATE n0 none fails 40001", "B1 starts again after 40001", "B1 BEGIN",
                   "B1 SELECT n0=1", "B1 UPDATE n0=2", "B1 COMMIT", "B1 replies ok"}));
  EXPECT_EQ(front.counts().conflicts, 1U);
}

TEST(Handler, a_serialization_failure_that_is_not_listed_answers_conflict) {
  Endpoint endpoint(reads_and_writes, {});
  at(endpoint, Isolation::repeatable_read);
  Replay order(order_of("ABAAB"));
  Front front(order, {}, {0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  EXPECT_EQ(front.heard(), (Story{"A1 ok", "B1 conflict"}));
  EXPECT_EQ(front.value(0), 1);
}

// A holds n0, B holds n1; A waits for B; B closes the circle and dies of it, and A goes on within the same step.
TEST(Handler, a_deadlock_kills_the_one_who_closes_it) {
  Endpoint endpoint(locks_both_rows, {});
  at(endpoint, Isolation::read_committed);
  Replay order(order_of("ABAB"));
  Front front(order, {}, {0, 0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "B1 arrives", "A1 BEGIN", "A1 UPDATE n0=1", "B1 BEGIN",
                   "B1 UPDATE n1=1", "A1 waits for B", "B1 UPDATE n0 none fails 40P01",
                   "B1 replies conflict", "A1 UPDATE n1=1", "A1 COMMIT", "A1 replies ok"}));
  EXPECT_EQ(front.counts().deadlocks, 1U);
  EXPECT_EQ(front.counts().conflicts, 0U);  // counted apart
  EXPECT_EQ(front.counts().lock_waits, 1U);
}

TEST(Handler, a_deadlock_that_is_listed_starts_again) {
  Endpoint endpoint(locks_both_rows, {});
  at(endpoint, Isolation::read_committed, {Error::deadlock});
  Replay order(order_of("ABAB"));
  Front front(order, {}, {0, 0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  EXPECT_EQ(front.heard(), (Story{"A1 ok", "B1 ok"}));
  EXPECT_EQ(front.value(0), 2);
  EXPECT_EQ(front.value(1), 2);
}

TEST(Handler, nowait_on_a_locked_row_answers_conflict) {
  Endpoint endpoint(locks_or_fails, {});
  at(endpoint, Isolation::read_committed);
  Replay order(order_of("ABAA"));
  Front front(order, {}, {0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "B1 arrives", "A1 BEGIN", "A1 LOCK n0=0",
                                  "B1 BEGIN", "B1 LOCK n0 none fails 55P03", "B1 replies conflict",
                                  "A1 UPDATE n0=1", "A1 COMMIT", "A1 replies ok"}));
  EXPECT_EQ(front.counts().lock_waits, 0U);
}

// ---- lock timeouts, on the clock

// Every hop takes 1 ms: A's UPDATE at 2 ms holds n0 until A's COMMIT at 3 ms; B's UPDATE, which arrives a moment later in
// the same millisecond, waits. With a lock timeout shorter than that it gives up.
TEST(Handler, a_lock_timeout_answers_conflict) {
  Endpoint endpoint(adds, {});
  at(endpoint, Isolation::read_committed);
  ServiceSettings settings;
  settings.latency = Delay::exactly(milliseconds(1));
  settings.lock_timeout = microseconds(400);
  Timed clock(1, {});
  Front front(clock, settings, {0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "B1 arrives", "A1 BEGIN", "A1 UPDATE n0=1",
                                  "B1 BEGIN", "B1 waits for A", "B1 UPDATE n0 none fails 55P03",
                                  "B1 replies conflict", "A1 COMMIT", "A1 replies ok"}));
  EXPECT_EQ(front.heard(), (Story{"B1 conflict", "A1 ok"}));
  EXPECT_EQ(front.events()[6].at, Instant{2'400});
  EXPECT_EQ(front.counts().conflicts, 1U);
}

// The same a little more patient: the lock comes first, and the timeout is cancelled.
TEST(Handler, a_lock_that_comes_in_time_cancels_the_timeout) {
  Endpoint endpoint(adds, {});
  at(endpoint, Isolation::read_committed);
  ServiceSettings settings;
  settings.latency = Delay::exactly(milliseconds(1));
  settings.lock_timeout = microseconds(1'001);
  Timed clock(1, {});
  Front front(clock, settings, {0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  EXPECT_EQ(front.heard(), (Story{"A1 ok", "B1 ok"}));
  EXPECT_EQ(front.value(0), 2);
  EXPECT_EQ(front.counts().conflicts, 0U);
}

TEST(Handler, a_lock_timeout_that_is_listed_starts_again) {
  Endpoint endpoint(adds, {});
  at(endpoint, Isolation::read_committed, {Error::lock_not_available});
  ServiceSettings settings;
  settings.latency = Delay::exactly(milliseconds(1));
  settings.lock_timeout = microseconds(400);
  Timed clock(1, {});
  Front front(clock, settings, {0});
  front.send(request_of(0), endpoint);
  front.send(request_of(1), endpoint);
  front.run();
  // It gives up at 2.4 ms; its next UPDATE arrives at 3.4 ms, when A has gone.
  EXPECT_EQ(front.heard(), (Story{"A1 ok", "B1 ok"}));
  EXPECT_EQ(front.value(0), 2);
  EXPECT_EQ(front.counts().conflicts, 1U);
}

// Three waiters are granted in the order they came, each when the one before it commits.
TEST(Handler, waiters_are_granted_first_come_first_served) {
  Endpoint endpoint(adds, {});
  at(endpoint, Isolation::read_committed);
  Replay order(order_of("BDCA"));
  Front front(order, {}, {0});
  for (std::uint32_t client = 0; client < 4; ++client) {
    front.send(request_of(client), endpoint);
  }
  front.run();
  EXPECT_EQ(front.heard(), (Story{"B1 ok", "D1 ok", "C1 ok", "A1 ok"}));
  EXPECT_EQ(front.value(0), 4);
  EXPECT_EQ(front.counts().lock_waits, 3U);
  EXPECT_EQ(front.counts().overlaps, 3U);
  EXPECT_EQ(front.counts().self_overlaps, 0U);
}

}  // namespace
}  // namespace racelab::lab::handler_test
