// The same known answers as in tests/strategies, from the graph of states: exact counts, both probabilities, and numbers of
// orders that nobody could run one by one. With symmetry and without it, always the same.
//
// N clients, each a read and a write, have (2N)! / 2^N orders; N! lose nothing. Taking at each point every alternative alike, a
// loss-free order is one where, whoever has read goes on until it has written: of 2N choices, N have N, N-1, …, 1 clients
// that have not begun and must be taken freely, and after each read one of k remaining clients must be the same again:
// 1/N · 1/(N-1) · … = 1/N!.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "tests/explore/oracle.h"

namespace racelab::lab::known_orders_test {
namespace {

using Finals = std::map<std::int64_t, std::uint64_t>;

Finals finals_of(const Exploration& found) {
  Finals finals;
  for (std::size_t i = 0; i < found.outcomes.size(); ++i) {
    finals[found.outcomes[i].final.front()] += std::stoull(found.odds.by_outcome[i].str());
  }
  return finals;
}

struct Expected {
  std::uint64_t orders = 0;
  std::uint64_t violating = 0;
  Finals finals;
};

void expect_orders(const Lines& lines, std::string_view fleet, const Expected& expected) {
  for (const bool symmetry : {true, false}) {
    const Exploration found = explored(settings_of(lines), fleet_of(fleet), symmetry);
    EXPECT_TRUE(found.complete());
    EXPECT_EQ(found.odds.orders, expected.orders) << fleet;
    EXPECT_EQ(found.odds.orders_violating, expected.violating) << fleet;
    EXPECT_EQ(finals_of(found), expected.finals) << fleet;
    EXPECT_EQ(found.verdict, expected.violating > 0 ? Verdict::violated : Verdict::holds) << fleet;
  }
}

TEST(KnownOrders, read_modify_writes) {
  expect_orders({}, "read-modify-write", {6, 4, {{1, 4}, {2, 2}}});
  expect_orders({{"clients", "3"}}, "read-modify-write", {90, 84, {{1, 48}, {2, 36}, {3, 6}}});
  expect_orders({{"clients", "4"}}, "read-modify-write",
                {2520, 2496, {{1, 1152}, {2, 1056}, {3, 288}, {4, 24}}});
}

TEST(KnownOrders, both_probabilities) {
  struct Case {
    std::string clients;
    double orders;     // (2N-1)!!
    double scheduler;  // N!
  };
  for (const Case& it : {Case{"2", 3, 2}, Case{"3", 15, 6}, Case{"4", 105, 24}}) {
    for (const bool symmetry : {true, false}) {
      const Exploration found =
          explored(settings_of({{"clients", it.clients}}), fleet_of("read-modify-write"), symmetry);
      EXPECT_NEAR(found.odds.uniform_orders(), 1 - (1 / it.orders), 1e-15);
      EXPECT_NEAR(found.odds.scheduler_low, 1 - (1 / it.scheduler), 1e-15);
      EXPECT_EQ(found.odds.scheduler_low, found.odds.scheduler_high);
    }
  }
}

// Clients on rows of their own know nothing of one another, so their states multiply, unless they are explored apart: one alone has 3
// (nothing done, read, written), two on one row 12, of which 8 differ by more than who is who.
TEST(KnownOrders, only_clients_that_are_alike_change_places) {
  ExploreOptions options;
  options.apart = false;
  const auto states = [&options](const char* clients, const char* rows, bool symmetry) {
    options.symmetry = symmetry;
    return explore(settings_of({{"clients", clients}, {"rows", rows}}),
                   fleet_of("read-modify-write"), options)
        .states;
  };
  EXPECT_EQ(states("2", "1", true), 8U);
  EXPECT_EQ(states("2", "1", false), 12U);
  EXPECT_EQ(states("3", "2", true), 8U * 3);
  EXPECT_EQ(states("3", "2", false), 12U * 3);
  EXPECT_EQ(states("3", "3", true), 3U * 3 * 3);
  EXPECT_EQ(states("3", "3", false), 3U * 3 * 3);
  options.apart = true;
  EXPECT_EQ(states("3", "2", true), 8U + 3);
  EXPECT_EQ(states("3", "2", false), 12U + 3);
  EXPECT_EQ(states("3", "3", true), 3U + 3 + 3);
}

TEST(KnownOrders, atomic_increments_have_one_order_per_permutation) {
  std::uint64_t factorial = 1;
  for (std::uint64_t clients = 1; clients <= 6; ++clients) {
    factorial *= clients;
    expect_orders({{"clients", std::to_string(clients)}}, "atomic-increment",
                  {factorial, 0, {{static_cast<std::int64_t>(clients), factorial}}});
  }
}

TEST(KnownOrders, two_clients_with_two_operations_each) {
  expect_orders({{"operations", "2"}}, "read-modify-write", {70, 64, {{2, 32}, {3, 32}, {4, 6}}});
}

TEST(KnownOrders, three_optimistic_clients) {
  expect_orders({{"clients", "3"}, {"tries-max", "3"}}, "optimistic-version", {498, 0, {{3, 498}}});
}

TEST(KnownOrders, in_transactions) {
  expect_orders({{"isolation", "read-committed"}}, "read-modify-write",
                {14, 12, {{1, 12}, {2, 2}}});
  expect_orders({}, "pessimistic-lock", {6, 0, {{2, 6}}});
}

// Transactions of an UPDATE and a COMMIT. Whoever begins (3) has those who wait when it commits: both, come in either order, and
// either is next: 2 · 2; one of them (2), and the third comes before or after that one's COMMIT: 2 · 2; none, and two
// transactions are left, 4 orders. 3 · (4 + 4 + 4) = 36. As a queue the first is 2, not 4: 30.
TEST(KnownOrders, whoever_waits_may_be_next_once_the_row_has_changed) {
  const Lines three{{"clients", "3"}, {"isolation", "read-committed"}};
  Lines queued = three;
  queued.emplace_back("grants", "first");
  expect_orders(three, "atomic-increment", {36, 0, {{3, 36}}});
  expect_orders(queued, "atomic-increment", {30, 0, {{3, 30}}});
  // SELECT FOR UPDATE, UPDATE, COMMIT: two gaps. Both come within them, in either order (6 ways), and either is next: 6 · 2; one
  // does (2 · 2), and the third comes within the two gaps of that one, or later: 3; none: two transactions are left, 6 orders.
  // 3 · (12 + 12 + 6) = 90; as a queue the first is 6: 72.
  expect_orders(three, "pessimistic-lock", {90, 0, {{3, 90}}});
  expect_orders(queued, "pessimistic-lock", {72, 0, {{3, 72}}});
  // Six of them are one after another, and lose nothing.
  expect_orders(three, "read-modify-write", {726, 720, {{1, 540}, {2, 180}, {3, 6}}});
}

// Who is next changes how many orders there are, and not how they can end.
TEST(KnownOrders, a_queue_has_fewer_orders_and_the_same_ends) {
  const Lines odd{
      {"clients", "3"}, {"isolation", "read-committed"}, {"crash.max", "1"}, {"attempts-max", "1"}};
  Lines queued = odd;
  queued.emplace_back("grants", "first");
  const Exploration open = explored(settings_of(odd), fleet_of("atomic-increment"), true);
  const Exploration first = explored(settings_of(queued), fleet_of("atomic-increment"), true);
  EXPECT_GT(open.odds.orders, first.odds.orders);
  EXPECT_EQ(open.outcomes, first.outcomes);
}

// A's read and write, B's one statement: only in the middle is it overwritten.
TEST(KnownOrders, a_fleet_that_is_half_migrated) {
  expect_orders({}, "read-modify-write,atomic-increment", {3, 1, {{1, 1}, {2, 2}}});
}

TEST(KnownOrders, seven_clients_have_681080400_orders) {
  const Exploration found =
      explored(settings_of({{"clients", "7"}}), fleet_of("read-modify-write"), true);
  EXPECT_EQ(found.odds.orders, 681'080'400U);                         // 14! / 2^7
  EXPECT_EQ(found.odds.orders - found.odds.orders_violating, 5040U);  // 7!
}

TEST(KnownOrders, ten_clients_have_more_orders_than_anyone_could_run) {
  const Exploration found =
      explored(settings_of({{"clients", "10"}}), fleet_of("read-modify-write"), true);
  EXPECT_TRUE(found.complete());
  EXPECT_EQ(found.odds.orders, OrderCount("2375880867360000"));            // 20! / 2^10
  EXPECT_EQ(found.odds.orders - found.odds.orders_violating, 3'628'800U);  // 10!
  EXPECT_NEAR(1 - found.odds.scheduler_low, 1 / 3'628'800.0, 1e-15);
}

TEST(KnownOrders, the_odometer_stops_where_it_is_told_to) {
  const Settings settings = settings_of({{"clients", "3"}});
  const Fleet fleet = fleet_of("read-modify-write");
  OrderLimits limits;
  limits.orders = 90;
  EXPECT_TRUE(run_every_order(settings, fleet, limits).complete());
  limits.orders = 89;
  const OrdersResult stopped = run_every_order(settings, fleet, limits);
  EXPECT_EQ(stopped.stopped, OrdersResult::Stopped::orders);
  EXPECT_EQ(stopped.orders, 89U);
  limits.steps = 5;  // every order has 6
  const OrdersResult cut = run_every_order(settings, fleet, limits);
  EXPECT_EQ(cut.stopped, OrdersResult::Stopped::steps);
  EXPECT_EQ(cut.orders, 0U);
  EXPECT_EQ(cut.verdict(), Verdict::gave_up);
  limits = {};
  limits.go_on = [](std::uint64_t /*orders*/) { return false; };
  EXPECT_EQ(run_every_order(settings, fleet, limits).stopped, OrdersResult::Stopped::asked);
}

}  // namespace
}  // namespace racelab::lab::known_orders_test
