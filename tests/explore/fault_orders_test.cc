// Faults, counted by hand. Words as in sim/explore/schedule.h: A's steps, q request lost, d delivered twice, c crash, b and a
// session lost before and after, r reply lost, s slow, t lock timeout, e session ended.
#include <gtest/gtest.h>

#include <string>

#include "tests/explore/oracle.h"

namespace racelab::lab::fault_orders_test {
namespace {

struct Expected {
  std::uint64_t orders = 0;
  std::uint64_t violating = 0;
  double scheduler = 0;
};

void expect_orders(const Settings& settings, std::string_view fleet, const Expected& expected) {
  for (const bool symmetry : {true, false}) {
    const Exploration found = explored(settings, fleet_of(fleet), symmetry);
    EXPECT_TRUE(found.complete());
    EXPECT_EQ(found.odds.orders, expected.orders) << fleet << '\n'
                                                  << to_text(found.outcomes, found.odds.by_outcome);
    EXPECT_EQ(found.odds.orders_violating, expected.violating)
        << fleet << '\n'
        << to_text(found.outcomes, found.odds.by_outcome);
    EXPECT_NEAR(found.odds.scheduler_low, expected.scheduler, 1e-15) << fleet;
  }
  EXPECT_EQ(expect_agreement(settings, fleet_of(fleet), std::string(fleet), 1'000),
            expected.orders);
}

// The reply to the charge is lost or not, and is asked for again, once: AA, and AArAA, which charges twice.
TEST(FaultOrders, a_retried_payment) {
  const Settings settings = scenario_settings("retried-payment");
  expect_orders(settings, "read-modify-write", {2, 1, 0.5});
  expect_orders(settings, "atomic-increment", {2, 1, 0.5});
  expect_orders(settings, "optimistic-version", {2, 1, 0.5});
  expect_orders(settings, "pessimistic-lock", {2, 1, 0.5});
  expect_orders(settings, "read-modify-write+idempotency-key", {2, 0, 0});
}

// One client, two attempts.
Settings alone(const Lines& lines) {
  return with(settings_of({{"clients", "1"}, {"attempts-max", "2"}}), lines);
}

// AA; AqAA; with a second one: AqAq, after which the client gives up, and nothing is done.
TEST(FaultOrders, a_lost_request) {
  expect_orders(alone({{"lose-request.max", "1"}}), "read-modify-write", {2, 0, 0});
  expect_orders(alone({{"lose-request.max", "2"}}), "read-modify-write", {3, 0, 0});
}

// AA; AcAA; AAcAA. A crash comes before its statement, so nothing is done twice.
TEST(FaultOrders, a_crash) {
  expect_orders(alone({{"crash.max", "1"}}), "read-modify-write", {3, 0, 0});
}

// AA; AaAA; AAaAA, which does it twice. The latter has chance 1/2 · 1/2.
// Before its statement, the loss is as harmless as a crash; either way there are AA, AbAA, AaAA, AAbAA, AAaAA: 1/3 · 1/3.
TEST(FaultOrders, a_lost_session) {
  const Lines once{{"lose-session.max", "1"}, {"lose-session.side", "after"}};
  expect_orders(alone(once), "read-modify-write", {3, 1, 0.25});
  expect_orders(with(alone(once), {{"lose-session.side", "before"}}), "read-modify-write",
                {3, 0, 0});
  expect_orders(with(alone(once), {{"lose-session.side", "either"}}), "read-modify-write",
                {5, 1, 1.0 / 9});
}

// AA; and after Ad (the first delivery has read), its write among the read and the write of the second one: 3 ways. Only
// AdAAA applies both; otherwise one overwrites the other, of the same operation, and the client has what it wanted.
TEST(FaultOrders, a_request_delivered_twice) {
  expect_orders(alone({{"duplicate-delivery.max", "1"}}), "read-modify-write", {4, 1, 0.25});
}

// AA; and after AAs (the client waits no longer, the write is still to come) that write among the read and the write of the
// second attempt: 3 ways, the same as above.
TEST(FaultOrders, a_slow_call) {
  expect_orders(alone({{"slow-call.max", "1"}}), "read-modify-write", {4, 1, 0.25});
  // Nothing is slower than slow: a second budget reaches only the second attempt, where no third one follows. From AAs on,
  // with W the late write and R, V the second attempt's read and write: W R V, R W V, R V W each with V or sV; and where s
  // comes before W, W may follow s too: WRV WRsV RWV RWsV RVW RsVW RsWV. 1 + 7 orders; W before R applies both, 2 of them.
  expect_orders(alone({{"slow-call.max", "2"}}), "read-modify-write", {8, 2, 0.25});
}

// No timeout: the client waits for ever for what was lost. AA; AqA… never comes.
TEST(FaultOrders, a_lost_request_without_a_timeout) {
  expect_orders(alone({{"lose-request.max", "1"}, {"timeout", "none"}}), "read-modify-write",
                {2, 1, 0.5});
}

// Each of the 6 orders of two writers with no reply lost, the first one, or the second: 18. In 4 of the 6 one is overwritten;
// its client must have been told ok for it to be a lost update: in 2 of the 3 ways.
// At the last step of each client there are two alternatives, but the second has only one if the first lost its reply.
// AABB and BBAA aside (chance 1/2 without faults, 1/2 with), the one overwritten is the first that writes. Let it write first
// with the other at its write: 2 alternatives of 3 lead there (its own write with and without reply; the other's are
// 2 more, of 4 in all): by symmetry each client writes first alike, and its reply is lost in half: 1/2 · 1/2.
TEST(FaultOrders, two_writers_and_a_lost_reply) {
  const Settings settings = settings_of({{"lose-reply.max", "1"}, {"attempts-max", "1"}});
  for (const bool symmetry : {true, false}) {
    const Exploration found = explored(settings, fleet_of("read-modify-write"), symmetry);
    EXPECT_EQ(found.odds.orders, 18U);
    EXPECT_EQ(found.odds.orders_violating, 8U);
    ASSERT_TRUE(found.odds_without_faults.has_value());
    EXPECT_EQ(found.odds_without_faults->orders, 6U);
    EXPECT_EQ(found.odds_without_faults->orders_violating, 4U);
  }
  expect_agreement(settings, fleet_of("read-modify-write"), "two writers", 100);
}

// SELECT FOR UPDATE, UPDATE, COMMIT. A crash before the first leaves no lock: AcAAA. After one or two statements the dead session
// keeps the lock: the store notices before the second attempt asks, or while it waits: 2 orders for each. 1 + 1 + 2 + 2.
// If it never notices, the second attempt waits for ever: 1 + 1 + 1 + 1, of which 2 are stuck: with chance 1/2 · (1/2 + 1/2 · 1/2).
TEST(FaultOrders, a_crash_that_keeps_a_lock) {
  expect_orders(alone({{"crash.max", "1"}}), "pessimistic-lock", {6, 0, 0});
  expect_orders(alone({{"crash.max", "1"}, {"session-timeout", "none"}}), "pessimistic-lock",
                {4, 2, 0.375});
}

// The second SELECT FOR UPDATE comes after 1, 2 or 3 of the first client's statements. After 1 it may time out before the UPDATE or before the COMMIT,
// or not: 3 orders; after 2: 2 orders; after 3 it need not wait: 1. Twice, for either client may be first.
// Whoever times out is told that it failed, and it did.
TEST(FaultOrders, a_lock_timeout) {
  expect_orders(settings_of({{"lock-timeout", "10ms"}, {"attempts-max", "1"}}), "pessimistic-lock",
                {12, 0, 0});
}

// At REPEATABLE READ a waiting SELECT FOR UPDATE fails with the other's COMMIT, in the same step: two replies, which can be lost singly or
// both: ABAA AABA AAABBB, each with 4 ways to lose of two replies, and twice, for either may be first.
TEST(FaultOrders, two_replies_in_one_step) {
  expect_orders(settings_of({{"lose-reply.max", "2"},
                             {"attempts-max", "1"},
                             {"tries-max", "1"},
                             {"isolation", "repeatable-read"}}),
                "pessimistic-lock", {24, 0, 0});
}

// A budget for all faults together: none, one request lost, or one reply lost of AA: 3 orders, and not both. With AqAA and AArAA.
TEST(FaultOrders, a_budget_for_all_faults_together) {
  const Lines both{{"lose-request.max", "1"}, {"lose-reply.max", "1"}};
  expect_orders(with(alone(both), {{"faults-max", "1"}}), "read-modify-write", {3, 1, 0.25});
  // Without it also AqAAr and AArAq, each of which uses up both attempts: 5 orders; AArAA is done twice: 1/2 · 1/2 · 1/2.
  expect_orders(alone(both), "read-modify-write", {5, 1, 0.125});
}

}  // namespace
}  // namespace racelab::lab::fault_orders_test
