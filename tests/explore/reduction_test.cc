// The reduced search against the graph of states and against every order: the same verdict, the same outcomes, the same smallest
// counterexample, of fewer states.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "sim/explore/independence.h"
#include "tests/explore/oracle.h"
#include "tests/explore/random_programs.h"

namespace racelab::lab::reduction_test {
namespace {

Exploration reduced(const Settings& settings, const Fleet& fleet, bool symmetry, bool examples) {
  ExploreOptions options;
  options.odds = false;
  options.symmetry = symmetry;
  options.examples = examples;
  return explore(settings, fleet, options);
}

std::string lines_of(const std::vector<Outcome>& outcomes) {
  std::string text;
  for (const Outcome& outcome : outcomes) {
    text += lab::to_text(outcome) + '\n';
  }
  return text;
}

std::string to_text(const std::optional<WalkedOrder>& order) {
  if (!order) {
    return "none";
  }
  std::string issued;
  for (const std::uint32_t operations : order->issued) {
    issued += std::to_string(operations) + ' ';
  }
  return issued + word_of(order->moves) + ", faults " + std::to_string(order->faults) +
         ", switches " + std::to_string(order->switches) + "; " + lab::to_text(order->outcome);
}

struct Compared {
  std::uint64_t experiments = 0;
  std::uint64_t fewer_states = 0;  // of them, those that took fewer
  std::uint64_t violating = 0;
};

// Every `seed` whose graph is small enough: both engines, with and without symmetry, and the odometer where it has few orders.
void compare(Compared& compared, std::uint64_t seed, bool wide, std::uint64_t states_max) {
  const RandomExperiment experiment(seed, wide);
  const std::string what = "seed " + std::to_string(seed) + ": " + experiment.text;
  ExploreOptions options;
  options.limits.states = states_max;
  options.symmetry = false;
  options.apart = false;
  options.examples = false;
  const Exploration graph = explore(experiment.settings, experiment.fleet, options);
  if (!graph.complete()) {
    return;
  }
  for (const bool symmetry : {false, true}) {
    const Exploration found = reduced(experiment.settings, experiment.fleet, symmetry, false);
    EXPECT_TRUE(found.complete()) << what;
    EXPECT_EQ(found.verdict, graph.verdict) << what;
    EXPECT_EQ(lines_of(found.outcomes), lines_of(graph.outcomes)) << what;
    EXPECT_LE(found.states, graph.states) << what;
    compared.fewer_states += !symmetry && found.states < graph.states ? 1 : 0;
  }
  if (graph.odds.orders <= 300) {
    OrderLimits limits;
    limits.orders = 1'000;
    const OrdersResult orders = run_every_order(experiment.settings, experiment.fleet, limits);
    EXPECT_EQ(lines_of(graph.outcomes), lines_of(orders.outcomes)) << what;
  }
  ++compared.experiments;
  compared.violating += graph.verdict == Verdict::violated ? 1 : 0;
}

// A long run: REDUCTION_SEEDS=100000 racelab_tests --gtest_filter='Reduction.*'
std::uint64_t seeds() {
  const char* wanted = std::getenv("REDUCTION_SEEDS");  // NOLINT: no other thread changes it
  return (wanted == nullptr ? 400 : std::strtoull(wanted, nullptr, 10)) / fewer;
}

TEST(Reduction, has_the_verdict_and_the_outcomes_of_the_graph_on_random_programs) {
  Compared compared;
  for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
    compare(compared, seed, false, 2'000);
    compare(compared, seed, true, 5'000);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(compared.experiments, seeds());
  EXPECT_GT(compared.fewer_states, seeds() / 5);
  EXPECT_GT(compared.violating, seeds() / 5);
  RecordProperty("experiments", std::to_string(compared.experiments));
}

TEST(Reduction, finds_the_smallest_counterexample_of_the_graph) {
  std::uint64_t violating = 0;
  for (std::uint64_t seed = 0; seed < seeds() / 5; ++seed) {
    const RandomExperiment experiment(seed, seed % 2 == 0);
    const std::string what = "seed " + std::to_string(seed) + ": " + experiment.text;
    ExploreOptions options;
    options.limits.states = 2'000;
    const Exploration graph = explore(experiment.settings, experiment.fleet, options);
    if (!graph.complete() || graph.verdict != Verdict::violated) {
      continue;
    }
    const Exploration found = reduced(experiment.settings, experiment.fleet, true, true);
    ASSERT_EQ(to_text(found.counterexample), to_text(graph.counterexample)) << what;
    EXPECT_TRUE(found.counterexample->chances.empty());
    ++violating;
  }
  EXPECT_GT(violating, seeds() / 20);
}

// One order is enough: the start, and two steps of each client, SELECT and UPDATE: 1 + 12 * 2 states. The graph has 3^12.
TEST(Reduction, of_clients_that_never_meet_takes_one_order) {
  const Settings settings = settings_of({{"clients", "12"}, {"rows", "12"}});
  const Exploration found = reduced(settings, fleet_of("read-modify-write"), true, true);
  EXPECT_EQ(found.verdict, Verdict::holds);
  EXPECT_TRUE(found.complete());
  EXPECT_EQ(found.states, 25U);
  EXPECT_EQ(found.transitions, 24U);
  ASSERT_EQ(found.outcomes.size(), 1U);
  EXPECT_EQ(found.outcomes[0].final, std::vector<std::int64_t>(12, 1));
}

// Whichever client loses its reply, it tries again: no fault ends at 1 on each row, one at 2 on one of them.
TEST(Reduction, does_not_join_clients_that_share_nothing_but_a_budget_for_faults) {
  const Settings settings = settings_of(
      {{"clients", "3"}, {"rows", "3"}, {"attempts-max", "2"}, {"lose-reply.max", "1"}});
  const Exploration found = reduced(settings, fleet_of("atomic-increment"), true, true);
  const Exploration graph = explored(settings, fleet_of("atomic-increment"), false);
  EXPECT_EQ(found.verdict, Verdict::violated);
  EXPECT_EQ(lines_of(found.outcomes), lines_of(graph.outcomes));
  EXPECT_EQ(found.outcomes.size(), 4U);
  ASSERT_TRUE(found.counterexample);
  EXPECT_EQ(word_of(found.counterexample->moves), "ArA");
}

// Nothing is left out where everybody writes one row: the verdict needs all (3!)^2 = 36 classes of the 90 orders.
TEST(Reduction, of_one_hot_row_leaves_no_outcome_out) {
  const Settings settings = settings_of({{"clients", "3"}});
  const Exploration found = reduced(settings, fleet_of("read-modify-write"), true, true);
  EXPECT_EQ(found.verdict, Verdict::violated);
  ASSERT_EQ(found.outcomes.size(), 3U);  // n = 1, 2, 3
  ASSERT_TRUE(found.counterexample);
  EXPECT_EQ(word_of(found.counterexample->moves), "ABBA");
}

TEST(Independence, statements_touch_the_rows_that_they_name) {
  const auto key = [](std::uint32_t client) { return RowKey::idempotency(client, 0, 0); };
  const auto touches = [](Verb verb, RowKeys keys, Locking locking = Locking::none) {
    Statement statement;
    statement.verb = verb;
    statement.locking = locking;
    statement.keys = std::move(keys);
    return touches_of(statement, 1);
  };
  constexpr std::uint64_t everything = ~std::uint64_t{0};
  EXPECT_EQ(touches(Verb::select, {RowKey::row(0), RowKey::row(3)}), (Touches{.reads = 0b1001}));
  EXPECT_EQ(touches(Verb::select, {RowKey::row(3)}, Locking::for_update),
            (Touches{.writes = 0b1000}));
  EXPECT_EQ(touches(Verb::update_add, {RowKey::row(1)}), (Touches{.writes = 0b10}));
  EXPECT_EQ(touches(Verb::insert, {key(1)}), Touches{});                        // its own
  EXPECT_EQ(touches(Verb::insert, {key(2)}), (Touches{.writes = everything}));  // another's
  EXPECT_EQ(touches(Verb::scan, {}), (Touches{.reads = everything}));
  EXPECT_EQ(touches(Verb::commit, {}), Touches{});
  Statement begin;
  begin.verb = Verb::begin;
  begin.isolation = Isolation::repeatable_read;
  EXPECT_EQ(touches_of(begin, 1), (Touches{.snapshot = true}));
}

TEST(Independence, two_that_only_read_do_not_meet) {
  const Touches reads{.reads = 1};
  const Touches writes{.writes = 1};
  EXPECT_FALSE(reads.meet(reads));
  EXPECT_TRUE(reads.meet(writes));
  EXPECT_TRUE(writes.meet(reads));
  EXPECT_TRUE(writes.meet(writes));
  EXPECT_FALSE(writes.meet(Touches{.writes = 2}));
}

// A meets B, B meets C, C meets nobody: C alone is enough. Without C's alternatives it takes all of them from A.
TEST(Independence, enough_is_a_set_that_meets_nobody_outside) {
  EXPECT_EQ(enough_clients(std::vector<Meetings>{{0b010, 1}, {0b100, 1}, {0, 2}}), 0b100U);
  EXPECT_EQ(enough_clients(std::vector<Meetings>{{0b010, 1}, {0b100, 0}, {0, 0}}), 0b111U);
  EXPECT_EQ(enough_clients(std::vector<Meetings>{{0b010, 1}, {0b001, 1}, {0, 9}}), 0b011U);
  EXPECT_EQ(enough_clients(std::vector<Meetings>{{0, 0}, {0, 0}}), 0U);
}

}  // namespace
}  // namespace racelab::lab::reduction_test
