// Parts explored apart, against the same world explored as one, and against the odometer: counts, chances, outcomes, examples.
#include <gtest/gtest.h>

#include <string>

#include "tests/explore/oracle.h"
#include "tests/explore/random_programs.h"

namespace racelab::lab::parts_test {
namespace {

Exploration found(const Settings& settings, const Fleet& fleet, bool apart, bool examples) {
  ExploreOptions options;
  options.apart = apart;
  options.examples = examples;
  options.limits.states = 5'000;
  return explore(settings, fleet, options);
}

Exploration found(const Lines& lines, const char* fleet, bool apart = true) {
  return found(settings_of(lines), fleet_of(fleet), apart, true);
}

// A and C on one row, B and D on another: each pair has 6 orders, 4 of which lose an update. Together C(8, 4) * 36 = 2,520 orders, and
// C(8, 4) * 2 * 2 = 280 of them lose none. A pair loses none with the chance 1/2: (1/2 * 1/2 for ABAB's like, twice) both do not with 1/4.
TEST(Parts, two_pairs_on_two_rows) {
  const Exploration all = found({{"clients", "4"}, {"rows", "2"}}, "read-modify-write");
  EXPECT_EQ(all.parts, 2U);
  EXPECT_EQ(all.odds.orders.str(), "2520");
  EXPECT_EQ(all.odds.orders_violating.str(), "2240");
  EXPECT_EQ(all.odds.scheduler_low, 0.75);
  EXPECT_EQ(all.outcomes.size(), 4U);
  ASSERT_TRUE(all.counterexample.has_value());
  EXPECT_EQ(word_of(all.counterexample->moves), "ACCA");
  EXPECT_EQ(all.counterexample->issued, (std::vector<std::uint32_t>{1, 0, 1, 0}));
}

// Twelve clients of two steps each, none of which meets another: 24! / 2^12 orders. Three states each.
TEST(Parts, twelve_clients_on_twelve_rows) {
  const Exploration all = found({{"clients", "12"}, {"rows", "12"}}, "read-modify-write");
  EXPECT_EQ(all.parts, 12U);
  EXPECT_EQ(all.odds.orders.str(), "151476660579404160000");
  EXPECT_EQ(all.odds.orders_violating, 0);
  EXPECT_EQ(all.states, 36U);
  EXPECT_EQ(all.verdict, Verdict::holds);
  EXPECT_EQ(all.outcomes.size(), 1U);
}

// Six pairs: 24! / 4!^6 ways to put six orders of four steps in between each other, of which there are 6^6, and 2^6 that lose nothing.
// 24! / 24^6 = 3,246,670,537,110,000; times 46,656 and times 64.
TEST(Parts, six_pairs_on_six_rows) {
  const Exploration all = found({{"clients", "12"}, {"rows", "6"}}, "read-modify-write");
  EXPECT_EQ(all.parts, 6U);
  EXPECT_EQ(all.odds.orders.str(), "151476660579404160000");
  EXPECT_EQ((all.odds.orders - all.odds.orders_violating).str(), "207786914375040000");
  EXPECT_EQ(all.odds.scheduler_low, 1 - 1.0 / 64);
  EXPECT_EQ(all.outcomes.size(), 64U);
}

// Fifteen pairs end in 2^15 ways, which are told pair by pair; their orders are counted all the same: (6^13 - 2^13) of 6^13 violate.
TEST(Parts, outcomes_that_are_too_many_are_told_part_by_part) {
  const Exploration all = found({{"clients", "26"}, {"rows", "13"}}, "read-modify-write");
  EXPECT_EQ(all.parts, 13U);
  EXPECT_TRUE(all.outcomes.empty());
  ASSERT_EQ(all.by_part.size(), 13U);
  EXPECT_EQ(all.by_part[3].clients, (std::vector<std::uint32_t>{3, 16}));
  ASSERT_EQ(all.by_part[3].orders.size(), 2U);
  EXPECT_EQ(all.by_part[3].orders[0].str(), "4");  // 1: one of two was lost
  EXPECT_EQ(all.by_part[3].orders[1].str(), "2");
  EXPECT_EQ(ratio(all.odds.orders_violating, all.odds.orders), 1 - 1.0 / 1594323);  // 3^13
}

// A reply of A's or of B's may be lost, not both: alone each has 2 orders with a fault (the lost reply, or not) more than the whole allows.
TEST(Parts, share_a_budget_of_faults) {
  const Lines lines{{"clients", "2"}, {"rows", "2"}, {"lose-reply.max", "1"}};
  const Exploration apart = found(lines, "read-modify-write");
  const Exploration joint = found(lines, "read-modify-write", false);
  EXPECT_EQ(apart.parts, 2U);
  EXPECT_EQ(joint.parts, 1U);
  // Without a fault C(4, 2) = 6 orders of 2 + 2 steps. With A's reply lost A asks again, 2 steps more: C(6, 2) = 15; so with B's.
  EXPECT_EQ(apart.odds.orders, 36);
  EXPECT_EQ(apart.odds.orders_violating, 30);
  EXPECT_EQ(joint.odds.orders, 36);
  EXPECT_EQ(joint.odds.orders_violating, 30);
  EXPECT_NEAR(apart.odds.scheduler_low, joint.odds.scheduler_low, 1e-12);
  EXPECT_TRUE(apart.odds.scheduler_known);
}

TEST(Parts, a_rule_over_the_rows_joins_them) {
  const Lines lines{{"workload", "transfer"}, {"clients", "2"}};
  EXPECT_EQ(found(lines, "read-modify-write").parts, 1U);
}

TEST(Parts, an_order_that_is_too_long_as_a_whole_is_no_proof) {
  ExploreOptions options;
  options.limits.steps = 4;  // each part's orders have two
  const Exploration all = explore(settings_of({{"clients", "3"}, {"rows", "3"}}),
                                  fleet_of("read-modify-write"), options);
  EXPECT_EQ(all.parts, 1U);
  EXPECT_FALSE(all.complete());
}

TEST(Parts, stop_with_what_they_have) {
  ExploreOptions options;
  options.limits.states = 5;  // three for A, and two of B's
  const Exploration all = explore(settings_of({{"clients", "2"}, {"rows", "2"}}),
                                  fleet_of("read-modify-write"), options);
  EXPECT_EQ(all.stopped, StateGraph::Stopped::states);
  EXPECT_EQ(all.verdict, Verdict::gave_up);
  EXPECT_EQ(all.odds.scheduler_low, 0);
  EXPECT_EQ(all.odds.scheduler_high, 1);
}

// A random experiment whose programs keep to a row each, mostly.
struct RandomParts {
  std::array<Strategy, slots> strategies;
  Settings settings;
  Fleet fleet;
  std::string text;

  explicit RandomParts(std::uint64_t seed) {
    Dice dice(seed);
    const auto one_of = [&dice](std::initializer_list<const char*> values) {
      return std::string(values.begin()[dice.roll(static_cast<std::uint32_t>(values.size()))]);
    };
    const std::uint32_t rows = 2 + dice.roll(2);
    Lines lines{{"rows", std::to_string(rows)}};
    lines.emplace_back("clients", one_of({"2", "3", "3", "4"}));
    lines.emplace_back("operations", one_of({"1", "1", "1", "2"}));
    lines.emplace_back("initial", one_of({"0", "1"}));
    lines.emplace_back("isolation", one_of({"autocommit", "read-committed", "repeatable-read"}));
    lines.emplace_back("attempts-max", one_of({"1", "2"}));
    lines.emplace_back("tries-max", one_of({"1", "2"}));
    lines.emplace_back("lock-timeout", one_of({"none", "none", "10ms"}));
    lines.emplace_back("session-timeout", one_of({"30ms", "30ms", "none"}));
    for (const FaultDescription& fault : fault_descriptions()) {
      if (fault.kind != FaultKind::fail_call && dice.chance(12)) {
        lines.emplace_back(std::string(fault.name) + ".max", one_of({"1", "1", "2"}));
      }
    }
    if (dice.chance(30)) {
      lines.emplace_back("faults-max", one_of({"1", "2"}));
    }
    settings = settings_of(lines);
    for (const auto& [key, value] : lines) {
      text += key + "=" + value + " ";
    }
    constexpr std::array<StrategyFunction, slots> functions{run_program<0>, run_program<1>,
                                                            run_program<2>};
    const bool strays = dice.chance(30);
    for (std::uint32_t slot = 0; slot < rows; ++slot) {
      Program& program = programs()[slot];
      program = random_program(dice, rows);
      program.resize(std::min<std::size_t>(program.size(), 3));
      for (Instruction& instruction : program) {
        if (!strays || !dice.chance(25)) {
          instruction.rows = 1U << slot;
        }
      }
      strategies[slot] = Strategy{.name = "program-" + std::to_string(slot),
                                  .sentence = "Random statements.",
                                  .needs_transaction = dice.chance(25),
                                  .handle = functions[slot]};
      Combination combination;
      combination.strategy = &strategies[slot];
      fleet.push_back(combination);
      text += "\n  " + combination.name() + "\n" + to_text(program);
    }
    while (fleet.size() > settings.clients) {
      fleet.pop_back();
    }
  }
  RandomParts(const RandomParts&) = delete;
  RandomParts& operator=(const RandomParts&) = delete;
};

void expect_same_odds(const Odds& apart, const Odds& joint, const std::string& what) {
  EXPECT_EQ(apart.orders, joint.orders) << what;
  EXPECT_EQ(apart.orders_violating, joint.orders_violating) << what;
  EXPECT_TRUE(apart.scheduler_known) << what;
  EXPECT_NEAR(apart.scheduler_low, joint.scheduler_low, 1e-12) << what;
  EXPECT_NEAR(apart.scheduler_high, joint.scheduler_high, 1e-12) << what;
}

void expect_same(const Exploration& apart, const Exploration& joint, const std::string& what) {
  EXPECT_EQ(apart.verdict, joint.verdict) << what;
  expect_same_odds(apart.odds, joint.odds, what);
  ASSERT_EQ(apart.odds_without_faults.has_value(), joint.odds_without_faults.has_value()) << what;
  if (apart.odds_without_faults) {
    expect_same_odds(*apart.odds_without_faults, *joint.odds_without_faults, what);
  }
  EXPECT_EQ(to_text(apart.outcomes, apart.odds.by_outcome),
            to_text(joint.outcomes, joint.odds.by_outcome))
      << what;
  ASSERT_EQ(apart.counterexample.has_value(), joint.counterexample.has_value()) << what;
  if (apart.counterexample) {
    EXPECT_EQ(word_of(apart.counterexample->moves), word_of(joint.counterexample->moves)) << what;
    EXPECT_EQ(apart.counterexample->issued, joint.counterexample->issued) << what;
  }
  ASSERT_EQ(apart.near_misses.size(), joint.near_misses.size()) << what;
  for (std::size_t i = 0; i < apart.near_misses.size(); ++i) {
    EXPECT_EQ(apart.near_misses[i].kind, joint.near_misses[i].kind) << what;
    EXPECT_EQ(apart.near_misses[i].orders, joint.near_misses[i].orders) << what;
  }
}

// With --gtest_shuffle --gtest_random_seed=N: other programs.
TEST(RandomParts, are_explored_apart_as_they_are_as_one) {
  const auto first = static_cast<std::uint64_t>(testing::UnitTest::GetInstance()->random_seed());
  std::uint64_t several = 0;
  std::uint64_t by_odometer = 0;
  constexpr std::uint64_t rounds = 1'000 / fewer;
  for (std::uint64_t seed = first * rounds; seed < (first + 1) * rounds; ++seed) {
    const RandomParts random(seed);
    const std::string what = "seed " + std::to_string(seed) + ": " + random.text;
    const bool examples = seed % 4 == 0;
    const Exploration apart = found(random.settings, random.fleet, true, examples);
    if (apart.parts == 1 || !apart.complete() || apart.odds.orders > 200'000) {
      continue;
    }
    const Exploration joint = found(random.settings, random.fleet, false, examples);
    if (!joint.complete()) {
      continue;
    }
    ++several;
    expect_same(apart, joint, what);
    if (apart.odds.orders < 100) {
      ++by_odometer;
      const OrdersResult orders = run_every_order(random.settings, random.fleet, {});
      std::vector<OrderCount> counts(orders.orders_by_outcome.begin(),
                                     orders.orders_by_outcome.end());
      EXPECT_EQ(to_text(apart.outcomes, apart.odds.by_outcome), to_text(orders.outcomes, counts))
          << what;
      EXPECT_NEAR(apart.odds.scheduler_low, orders.uniform_scheduler, 1e-12) << what;
    }
    ASSERT_FALSE(HasFailure()) << what;
  }
  EXPECT_GT(several, rounds / 4);
  EXPECT_GT(by_odometer, rounds / 20);
}

}  // namespace
}  // namespace racelab::lab::parts_test
