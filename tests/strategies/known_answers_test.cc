// Every order of the small cases, counted. The numbers come from outside (combinatorics, and two sessions of a real
// database stepped through all their orders), so they test the whole core at once: kernel, store, service, clients, judge.
//
// N clients, each a read and a write, have (2N)! / 2^N orders. One loses nothing only if no read stands between another
// client's read and write on the row, that is when the clients run one after the other: N! of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/explore/odometer.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::known_answers_test {
namespace {

// A letter for each step, A for client 0.
std::string word_of(const Odometer& odometer) {
  std::string word;
  for (const Odometer::Taken& step : odometer.taken()) {
    word += static_cast<char>('A' + static_cast<char>(step.who.client));
  }
  return word;
}

// The turns of an order without faults in which no client has two handlers at once.
Order order_of(const Odometer& odometer) {
  Order order;
  for (const Odometer::Taken& step : odometer.taken()) {
    order.turns.push_back(
        {.client = step.who.client, .handler = 0, .happening = Happening::statement});
  }
  return order;
}

// Runs every order: `look(run, odometer)` after each.
template <class Look>
void for_every_order(const Settings& settings, const Fleet& fleet, const Look& look) {
  Runner runner(settings, fleet);
  Odometer odometer(settings.faults, 1'000);
  while (odometer.next_order(false)) {
    look(runner.run_under(odometer), odometer);
    ASSERT_FALSE(odometer.cut());
  }
}

struct Found {
  std::uint64_t orders = 0;
  std::uint64_t losing = 0;    // orders with a lost update
  std::uint64_t other = 0;     // orders with any other finding, or a defect, or that do not finish
  std::uint64_t waiting = 0;   // orders in which some statement waited for a lock
  std::uint64_t aborting = 0;  // orders in which some try ended in a conflict or a deadlock
  std::map<std::int64_t, std::uint64_t> finals;  // value of the first row -> orders
  std::set<std::string> words;
};

Found explore(const Lines& lines, std::string_view name) {
  Found found;
  const Settings settings = settings_of(lines);
  const Fleet fleet = fleet_of(name);
  Runner again(settings, fleet);
  for_every_order(settings, fleet, [&](const RunResult& run, const Odometer& odometer) {
    const std::string word = word_of(odometer);
    ++found.orders;
    const std::uint64_t losses = run.judgement.count(Anomaly::lost_update);
    found.losing += losses > 0 ? 1 : 0;
    const bool sound = run.end == World::End::finished && run.judgement.defects.empty() &&
                       run.judgement.findings.size() == losses;
    found.other += sound ? 0 : 1;
    found.waiting += run.counts.service.lock_waits > 0 ? 1 : 0;
    found.aborting += run.counts.service.conflicts + run.counts.service.deadlocks > 0 ? 1 : 0;
    ++found.finals[run.history.rows.front().final];
    found.words.insert(word);

    // The order, handed to Replay, ends the same.
    Replay replay(order_of(odometer));
    EXPECT_EQ(outcome_of(again.run_under(replay)), outcome_of(run)) << word;
    EXPECT_EQ(replay.unused(), 0U) << word;
  });
  EXPECT_EQ(found.words.size(), found.orders) << "two orders spell the same word";
  return found;
}

using Finals = std::map<std::int64_t, std::uint64_t>;

TEST(KnownAnswers, two_read_modify_writes_lose_in_4_of_6_orders) {
  const Found found = explore({}, "read-modify-write");
  EXPECT_EQ(found.words, (std::set<std::string>{"AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"}));
  EXPECT_EQ(found.losing, 4U);  // all but AABB and BBAA
  EXPECT_EQ(found.finals, (Finals{{1, 4}, {2, 2}}));
  EXPECT_EQ(found.other, 0U);
}

TEST(KnownAnswers, each_of_the_6_orders_replayed_by_its_word) {
  const std::map<std::string, std::int64_t> finals{{"AABB", 2}, {"BBAA", 2}, {"ABAB", 1},
                                                   {"ABBA", 1}, {"BABA", 1}, {"BAAB", 1}};
  Runner runner(settings_of({}), fleet_of("read-modify-write"));
  for (const auto& [word, final] : finals) {
    Order order;
    for (const char letter : word) {
      order.turns.push_back({.client = static_cast<std::uint32_t>(letter - 'A'),
                             .handler = 0,
                             .happening = Happening::statement});
    }
    Replay replay(order);
    const RunResult run = runner.run_under(replay);
    EXPECT_EQ(run.history.rows.front().final, final) << word;
    EXPECT_EQ(replay.unused(), 0U) << word;
    if (final == 2) {
      EXPECT_TRUE(run.judgement.findings.empty()) << word;
      continue;
    }
    // Who writes last wins; the one lost is who wrote first.
    ASSERT_EQ(run.judgement.findings.size(), 1U) << word;
    const std::uint32_t last = word.back() == 'A' ? 0U : 1U;
    EXPECT_EQ(run.judgement.findings.front().operation, 1 - last) << word;
    EXPECT_EQ(run.judgement.findings.front().anomaly, Anomaly::lost_update) << word;
  }
}

TEST(KnownAnswers, three_read_modify_writes_have_90_orders) {
  const Found found = explore({{"clients", "3"}}, "read-modify-write");
  EXPECT_EQ(found.orders, 90U);  // 6! / 2^3
  EXPECT_EQ(found.losing, 84U);  // all but 3!
  EXPECT_EQ(found.finals, (Finals{{1, 48}, {2, 36}, {3, 6}}));
  EXPECT_EQ(found.other, 0U);
}

TEST(KnownAnswers, four_read_modify_writes_have_2520_orders) {
  const Found found = explore({{"clients", "4"}}, "read-modify-write");
  EXPECT_EQ(found.orders, 2520U);  // 8! / 2^4
  EXPECT_EQ(found.losing, 2496U);  // all but 4!
  EXPECT_EQ(found.finals, (Finals{{1, 1152}, {2, 1056}, {3, 288}, {4, 24}}));
  EXPECT_EQ(found.other, 0U);
}

TEST(KnownAnswers, two_clients_with_two_operations_each_have_70_orders) {
  const Found found = explore({{"operations", "2"}}, "read-modify-write");
  EXPECT_EQ(found.orders, 70U);  // 8! / (4! 4!)
  EXPECT_EQ(found.finals, (Finals{{2, 32}, {3, 32}, {4, 6}}));
  EXPECT_EQ(found.losing, 64U);  // all that do not end at 4: 4! / (2! 2!) = 6 keep the pairs whole
  EXPECT_EQ(found.other, 0U);
}

TEST(KnownAnswers, atomic_increments_have_one_order_per_permutation_and_lose_in_none) {
  const std::vector<std::uint64_t> factorials{1, 2, 6, 24, 120};
  for (std::size_t clients = 1; clients <= factorials.size(); ++clients) {
    const Found found = explore({{"clients", std::to_string(clients)}}, "atomic-increment");
    EXPECT_EQ(found.orders, factorials[clients - 1]);
    EXPECT_EQ(found.losing + found.other, 0U);
    EXPECT_EQ(found.finals,
              (Finals{{static_cast<std::int64_t>(clients), factorials[clients - 1]}}));
  }
}

// Half-migrated fleet: C(3, 1) = 3 places for B's one statement among A's two; between them it is overwritten.
TEST(KnownAnswers, one_atomic_increment_beside_a_read_modify_write_is_lost_in_1_of_3_orders) {
  const Found found = explore({}, "read-modify-write,atomic-increment");
  EXPECT_EQ(found.words, (std::set<std::string>{"AAB", "ABA", "BAA"}));
  EXPECT_EQ(found.losing, 1U);
  EXPECT_EQ(found.finals, (Finals{{1, 1}, {2, 2}}));
}

// Steps are SELECT, UPDATE, COMMIT. Of the 20 words over AAABBB, a client whose UPDATE waits for the other's COMMIT has
// its UPDATE done within that step, so words that differ only there are one: 14 are left, and only the two in which one
// client ends before the other reads lose nothing.
TEST(KnownAnswers, read_modify_write_in_read_committed_transactions_loses_in_12_of_14_orders) {
  const Found found = explore({{"isolation", "read-committed"}}, "read-modify-write");
  EXPECT_EQ(found.orders, 14U);
  EXPECT_EQ(found.losing, 12U);
  EXPECT_EQ(found.waiting, 6U);
  EXPECT_EQ(found.finals, (Finals{{1, 12}, {2, 2}}));
  EXPECT_EQ(found.other, 0U);
}

// At REPEATABLE READ the same orders, but whoever comes second is refused with 40001 and starts over: none loses.
TEST(KnownAnswers, read_modify_write_at_repeatable_read_never_loses) {
  const Found found = explore({{"isolation", "repeatable-read"}}, "read-modify-write");
  EXPECT_EQ(found.losing + found.other, 0U);
  EXPECT_EQ(found.aborting, found.orders - 2);  // all but the two that run one after the other
  EXPECT_EQ(found.finals, (Finals{{2, found.orders}}));
}

// The second SELECT … FOR UPDATE is either issued after the first COMMIT, or waits after one or two of the first one's
// statements: 3 orders for each client that can come first.
TEST(KnownAnswers, for_update_has_6_orders_and_loses_in_none) {
  const Found found = explore({}, "pessimistic-lock");
  EXPECT_EQ(found.orders, 6U);
  EXPECT_EQ(found.waiting, 4U);
  EXPECT_EQ(found.losing + found.other, 0U);
  EXPECT_EQ(found.finals, (Finals{{2, 6}}));
}

TEST(KnownAnswers, three_optimistic_clients_with_three_tries_have_498_orders_and_all_end_at_3) {
  const Found found = explore({{"clients", "3"}, {"tries-max", "3"}}, "optimistic-version");
  EXPECT_EQ(found.orders, 498U);
  EXPECT_EQ(found.losing + found.other, 0U);
  EXPECT_EQ(found.finals, (Finals{{3, 498}}));
}

// Two lockers that take a and b in key order cannot deadlock; those that update in place of the other's order could. Here
// every order of two transfers at READ COMMITTED ends with the money conserved.
TEST(KnownAnswers, two_transfers_under_locks_conserve_the_money_in_every_order) {
  std::uint64_t orders = 0;
  for_every_order(settings_of({{"workload", "transfer"}, {"initial", "100"}, {"amount", "10"}}),
                  fleet_of("pessimistic-lock"),
                  [&](const RunResult& run, const Odometer& odometer) {
                    ++orders;
                    const std::string word = word_of(odometer);
                    EXPECT_EQ(run.verdict, Verdict::holds) << word;
                    EXPECT_EQ(run.counts.service.deadlocks, 0U) << word;
                    EXPECT_EQ(run.history.rows[0].final, 100) << word;  // 10 there, 10 back
                    EXPECT_EQ(run.history.rows[1].final, 100) << word;
                  });
  // SELECT FOR UPDATE, two UPDATEs, COMMIT: the second client's SELECT waits after 1, 2 or 3 of the first one's
  // statements, or comes after all 4; twice, for either client may be first.
  EXPECT_EQ(orders, 8U);
}

// Two clients at once, one attempt each: whoever is refused starts over within its handler, and a second try meets nobody
// any more. So in every order, at every level, a strategy that withstands the race has both clients told ok.
TEST(KnownAnswers, a_second_try_is_all_that_two_clients_need) {
  for (const std::string_view strategy : all_strategies) {
    for (const std::string_view isolation : all_isolations) {
      const Settings settings = settings_of({{"isolation", std::string(isolation)},
                                             {"hazards", "race"},
                                             {"tries-max", "2"},
                                             {"attempts-max", "1"}});
      const Fleet fleet = fleet_of(strategy);
      if (!settings.hazards.within(fleet.front().withstands(settings))) {
        continue;
      }
      for_every_order(settings, fleet, [&](const RunResult& run, const Odometer& odometer) {
        EXPECT_EQ(run.judgement.told[0][1], 2U)
            << strategy << " at " << isolation << ' ' << word_of(odometer);
        EXPECT_EQ(run.verdict, Verdict::holds);
      });
    }
  }
}

}  // namespace
}  // namespace racelab::lab::known_answers_test
