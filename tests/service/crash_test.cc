// Handlers that die and sessions that break, before each statement in turn until one run is clean. A dead handler's locks
// stay until the store notices; then its transaction is rolled back and whoever waited goes on.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/scenario/experiment.h"
#include "tests/service/front.h"

namespace racelab::lab::crash_test {
namespace {

using Story = std::vector<std::string>;

std::unique_ptr<Endpoint> endpoint_of(std::string_view combination, const Lines& lines = {}) {
  return fleet_of(combination).front().endpoint(settings_of(lines));
}

ServiceSettings noticing() {
  ServiceSettings settings;
  settings.session_timeout = milliseconds(30);
  return settings;
}

Order::Strike strike_at(Fault fault, std::uint32_t statement, std::uint16_t attempt = 1) {
  return {.fault = fault, .client = 0, .operation = 0, .attempt = attempt, .statement = statement};
}

// What each combination does for one request, statement by statement; the last one makes it permanent.
struct Program {
  std::string combination;
  Lines settings;
  std::uint32_t statements;
  std::uint32_t
      permanent_after;  // a session lost after that many statements leaves the change done
};

const std::vector<Program> programs{
    // SELECT, UPDATE
    {"read-modify-write", {}, 2, 2},
    {"optimistic-version", {}, 2, 2},
    // UPDATE
    {"atomic-increment", {}, 1, 1},
    // SELECT, UPDATE, COMMIT
    {"read-modify-write", {{"isolation", "read-committed"}}, 3, 3},
    {"optimistic-version", {{"isolation", "repeatable-read"}}, 3, 3},
    {"pessimistic-lock", {}, 3, 3},
    // UPDATE, COMMIT
    {"atomic-increment", {{"isolation", "read-committed"}}, 2, 2},
    // INSERT key, UPDATE, UPDATE key, COMMIT
    {"atomic-increment+idempotency-key", {}, 4, 4},
    // INSERT key, SELECT, UPDATE, UPDATE key, COMMIT
    {"pessimistic-lock+idempotency-key", {}, 5, 5},
    // SELECT key, UPDATE, INSERT key
    {"atomic-increment+idempotency-key-after", {}, 3, 2},
    // SELECT key, UPDATE, COMMIT, INSERT key, COMMIT
    {"atomic-increment+idempotency-key-after", {{"isolation", "read-committed"}}, 5, 3},
    // INSERT key, UPDATE
    {"atomic-increment+idempotency-key-before", {}, 2, 2},
    // INSERT key, COMMIT, UPDATE, COMMIT
    {"atomic-increment+idempotency-key-before", {{"isolation", "read-committed"}}, 4, 4},
};

class Dying : public ::testing::TestWithParam<Program> {};

// Crash before statement 0, 1, 2, …: nothing is answered, and the change is there exactly if it was permanent before. One
// statement past the last, nothing strikes and all is well.
TEST_P(Dying, before_each_statement_until_clean) {
  for (const Fault fault : {Fault::crash, Fault::lose_session_before}) {
    for (std::uint32_t k = 0; k <= GetParam().statements; ++k) {
      SCOPED_TRACE("before statement " + std::to_string(k));
      const auto endpoint = endpoint_of(GetParam().combination, GetParam().settings);
      Replay order(order_of("", {strike_at(fault, k)}));
      Front front(order, noticing(), {10});
      front.send(request_of(0), *endpoint);
      front.run();
      const bool clean = k == GetParam().statements;
      EXPECT_EQ(order.unused(), clean ? 1U : 0U);
      EXPECT_EQ(front.counts().statements, k);
      EXPECT_EQ(front.heard(), clean ? Story{"A1 ok"} : Story{});
      EXPECT_EQ(front.owed(), clean ? 0 : -1);
      EXPECT_EQ(front.value(0), k >= GetParam().permanent_after ? 11 : 10);
      const auto kind = static_cast<std::size_t>(kind_of(fault));
      EXPECT_EQ(front.counts().faults[kind], clean ? 0U : 1U);

      // Nothing is left behind: the next request finds every lock free.
      const auto plain = endpoint_of("pessimistic-lock");
      const std::int64_t before = front.value(0);
      front.send(request_of(1), *plain);
      front.run();
      EXPECT_EQ(front.heard().back(), "B1 ok");
      EXPECT_EQ(front.value(0), before + 1);
      EXPECT_EQ(front.counts().lock_waits, 0U);
    }
  }
}

// The session is lost after statement k ran: no answer either, but the statement counts. After the last one (a COMMIT, or
// at autocommit the UPDATE itself) the change is done though nobody will ever say so.
TEST_P(Dying, after_each_statement_until_clean) {
  for (std::uint32_t k = 0; k <= GetParam().statements; ++k) {
    SCOPED_TRACE("after statement " + std::to_string(k));
    const auto endpoint = endpoint_of(GetParam().combination, GetParam().settings);
    Replay order(order_of("", {strike_at(Fault::lose_session_after, k)}));
    Front front(order, noticing(), {10});
    front.send(request_of(0), *endpoint);
    front.run();
    const bool clean = k == GetParam().statements;
    EXPECT_EQ(order.unused(), clean ? 1U : 0U);
    EXPECT_EQ(front.counts().statements, clean ? k : k + 1);
    EXPECT_EQ(front.heard(), clean ? Story{"A1 ok"} : Story{});
    EXPECT_EQ(front.value(0), k + 1 >= GetParam().permanent_after ? 11 : 10);
  }
}

INSTANTIATE_TEST_SUITE_P(Programs, Dying, ::testing::ValuesIn(programs), [](const auto& cell) {
  std::string name = cell.param.combination;
  for (const auto& [key, value] : cell.param.settings) {
    name += "_at_" + value;
  }
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '+'; }, '_');
  return name;
});

// ---- what the others see of it

TEST(Crash, a_dead_handler_keeps_its_locks_until_the_store_notices) {
  const auto endpoint = endpoint_of("atomic-increment", {{"isolation", "read-committed"}});
  // A updates; B waits for it; A dies before its COMMIT.
  Replay order(order_of("ABA", {strike_at(Fault::crash, 1)}));
  Front front(order, noticing(), {0});
  front.send(request_of(0), *endpoint);
  front.send(request_of(1), *endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "B1 arrives", "A1 BEGIN", "A1 UPDATE n0=1",
                                  "B1 BEGIN", "B1 waits for A", "A1 crashes", "A1 is noticed dead",
                                  "B1 UPDATE n0=1",  // on the value that A's rollback left
                                  "B1 COMMIT", "B1 replies ok"}));
  EXPECT_EQ(front.value(0), 1);
}

TEST(Crash, the_store_notices_after_session_timeout) {
  const auto endpoint = endpoint_of("atomic-increment", {{"isolation", "read-committed"}});
  ServiceSettings settings;
  settings.latency = Delay::exactly(milliseconds(1));
  settings.session_timeout = microseconds(7'500);
  FaultPlan faults;
  faults[FaultKind::crash] = {1'000'000'000, 1};
  // The first statement is struck: the UPDATE, before BEGIN. Nothing was open, so nothing is left to notice.
  Timed clock(1, faults);
  Front front(clock, settings, {0});
  front.send(request_of(0), *endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "A1 crashes"}));

  // Half the statements: of four seeds one spares the UPDATE and strikes the COMMIT.
  faults[FaultKind::crash] = {500'000'000, 1};
  bool struck_the_commit = false;
  for (std::uint64_t seed = 1; seed <= 50 && !struck_the_commit; ++seed) {
    Timed other_clock(seed, faults);
    Front other(other_clock, settings, {0});
    other.send(request_of(0), *endpoint);
    other.run();
    struck_the_commit = other.story() == Story{"A1 arrives", "A1 BEGIN", "A1 UPDATE n0=1",
                                               "A1 crashes", "A1 is noticed dead"};
    if (struck_the_commit) {
      EXPECT_EQ(other.events()[3].at, Instant{3'000});
      EXPECT_EQ(other.events()[4].at, Instant{10'500});
    }
  }
  EXPECT_TRUE(struck_the_commit);
}

// Lost at the COMMIT, after it ran: the ambiguous one. Its locks go with the commit, not with the session.
TEST(Crash, an_ambiguous_commit_releases_its_locks_at_once) {
  const auto endpoint = endpoint_of("atomic-increment", {{"isolation", "read-committed"}});
  Replay order(order_of("ABA", {strike_at(Fault::lose_session_after, 1)}));
  Front front(order, noticing(), {0});
  front.send(request_of(0), *endpoint);
  front.send(request_of(1), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "B1 arrives", "A1 BEGIN", "A1 UPDATE n0=1", "B1 BEGIN",
                   "B1 waits for A", "A1 COMMIT", "A1 loses its session after", "B1 UPDATE n0=2",
                   "B1 COMMIT", "B1 replies ok"}));
}

// The statement had to wait, ran when its lock came, and only then was the session found broken.
TEST(Crash, a_session_lost_after_a_statement_that_waited) {
  const auto endpoint = endpoint_of("atomic-increment", {{"isolation", "read-committed"}});
  Order turns = order_of("BAB", {strike_at(Fault::lose_session_after, 0)});
  Replay order(turns);
  Front front(order, noticing(), {0});
  front.send(request_of(0), *endpoint);
  front.send(request_of(1), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "B1 arrives", "B1 BEGIN", "B1 UPDATE n0=1", "A1 BEGIN",
                   "A1 waits for B", "B1 COMMIT", "B1 replies ok", "A1 UPDATE n0=2",
                   "A1 loses its session after", "A1 is noticed dead"}));
  EXPECT_EQ(front.value(0), 1);  // A's update was never committed
}

// The same, and the wait ends by the lock timeout: the broken session is not answered with a conflict.
TEST(Crash, a_session_lost_after_a_statement_whose_wait_timed_out_answers_nothing) {
  const auto endpoint = endpoint_of("atomic-increment", {{"isolation", "read-committed"}});
  ServiceSettings settings = noticing();
  settings.lock_timeout = milliseconds(1);
  Order turns = order_of("BA", {strike_at(Fault::lose_session_after, 0)});
  turns.turns.push_back({.client = 0, .handler = 0, .happening = Happening::lock_timeout});
  Replay order(turns);
  Front front(order, settings, {0});
  front.send(request_of(0), *endpoint);
  front.send(request_of(1), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "B1 arrives", "B1 BEGIN", "B1 UPDATE n0=1", "A1 BEGIN",
                   "A1 waits for B", "A1 UPDATE n0 none fails 55P03", "A1 loses its session after",
                   "B1 COMMIT", "B1 replies ok", "A1 is noticed dead"}));
  EXPECT_EQ(front.heard(), (Story{"B1 ok"}));
}

}  // namespace
}  // namespace racelab::lab::crash_test
