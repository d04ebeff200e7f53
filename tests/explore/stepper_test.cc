// The stepper against the engines that it stands on: what it says of a point must be what exploration, the word language
// and a real world say of it, in every kind of place and on many ways.
#include "sim/explore/stepper.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "sim/explore/explore.h"
#include "tests/report/stepping.h"

namespace racelab::lab::stepper_test {
namespace {

constexpr std::uint64_t seeds = 12;
constexpr std::size_t steps_max = 200;

// Calls `walk` in every place, under every seed.
template <class Walk>
void everywhere(const Walk& walk) {
  for (const SteppingPlace& place : stepping_places()) {
    const Experiment experiment = experiment_of(place);
    Stepper stepper(experiment.settings, experiment.fleet);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      SCOPED_TRACE(place.scenario + " " + place.strategy + " seed " + std::to_string(seed));
      stepper.go_to({});
      walk(experiment, stepper, seed);
      if (testing::Test::HasFailure()) {
        return;
      }
    }
  }
}

std::vector<std::int64_t> finals_of(const RunResult& real) {
  std::vector<std::int64_t> finals;
  for (const HistoryRow& row : real.history.rows) {
    finals.push_back(row.final);
  }
  return finals;
}

TEST(Stepper, a_letter_is_read_as_in_a_word) {
  const std::vector<std::pair<std::string, std::string>> letters{
      {"A", "A"},     {"A1", "A"},   {"A2", "A2"},   {"A'", "A2"},   {"A''", "A3"},
      {"A'r", "A2r"}, {"A1r", "Ar"}, {"A10", "A10"}, {"A12", "A12"}, {"Ar3", "Ar3"}};
  for (const auto& [typed, plain] : letters) {
    EXPECT_EQ(plain_letter(typed), plain);
  }
}

TEST(Stepper, what_is_not_possible_changes_nothing) {
  const Experiment experiment = experiment_of({"two-writers", "pessimistic-lock", {}});
  Stepper stepper(experiment.settings, experiment.fleet);
  for (const char* letter : {"C", "Z", "Ar", "At", "Ae", "A2", "A'", "A0", "A99999999999", "Ax", "",
                             "a", "AB", " ", "A''''''''"}) {
    EXPECT_FALSE(stepper.take(letter)) << letter;
  }
  EXPECT_FALSE(stepper.undo());
  EXPECT_FALSE(stepper.redo());
  EXPECT_TRUE(stepper.moves().empty());
  EXPECT_TRUE(stepper.take("A"));
  EXPECT_TRUE(stepper.take("B"));
  EXPECT_FALSE(stepper.take("B"));  // it waits
  EXPECT_EQ(word_of(stepper.moves()), "AB");
}

TEST(Stepper, a_waiting_handler_says_for_whom_and_the_row_who_waits) {
  const Experiment experiment =
      experiment_of({"two-writers", "pessimistic-lock", {{"clients", "3"}}});
  Stepper stepper(experiment.settings, experiment.fleet);
  for (const char* letter : {"B", "C", "A", "B"}) {
    ASSERT_TRUE(stepper.take(letter));
  }
  const Standing& standing = stepper.standing();
  ASSERT_EQ(standing.handlers.size(), 3U);
  EXPECT_EQ(standing.handlers[0].blocker, 1U);
  EXPECT_EQ(standing.handlers[1].blocker, std::nullopt);
  EXPECT_EQ(standing.handlers[2].blocker, 1U);
  EXPECT_EQ(standing.handlers[1].statement->verb, Verb::commit);
  ASSERT_EQ(standing.rows.size(), 1U);
  const Standing::Row& row = standing.rows[0];
  EXPECT_EQ(row.committed, 0);
  EXPECT_EQ(row.in_flight, 1);
  EXPECT_EQ(row.version, 0U);
  EXPECT_EQ(row.holder, 1U);
  EXPECT_EQ(row.queue, (std::vector<std::size_t>{2, 0}));
}

TEST(Stepper, the_odds_at_the_start_are_those_of_explore) {
  for (const SteppingPlace& place : stepping_places()) {
    SCOPED_TRACE(place.scenario + " " + place.strategy);
    const Experiment experiment = experiment_of(place);
    Stepper stepper(experiment.settings, experiment.fleet);
    ExploreOptions options;
    options.examples = false;
    const Exploration exploration = explore(experiment.settings, experiment.fleet, options);
    ASSERT_TRUE(exploration.complete());
    ASSERT_NE(stepper.outlook(), nullptr);
    EXPECT_EQ(stepper.outlook()->here.chance, exploration.odds.scheduler_low);
    EXPECT_EQ(stepper.outlook()->here.steps != Outlook::never,
              exploration.verdict == Verdict::violated);
  }
}

TEST(Stepper, two_writers_have_known_odds) {
  // Whoever reads first: the other reading too dooms (1), the first one writing saves (0).
  const Experiment experiment = experiment_of({"two-writers", "read-modify-write", {}});
  Stepper stepper(experiment.settings, experiment.fleet);
  EXPECT_DOUBLE_EQ(stepper.outlook()->here.chance, 0.5);
  ASSERT_TRUE(stepper.take("A"));
  const Outlook* outlook = stepper.outlook();
  EXPECT_DOUBLE_EQ(outlook->here.chance, 0.5);
  EXPECT_EQ(outlook->here.steps, 3U);
  EXPECT_EQ(outlook->next.at(0).chance, 0);
  EXPECT_EQ(outlook->next.at(0).steps, Outlook::never);
  EXPECT_EQ(outlook->next.at(1).chance, 1);
  EXPECT_EQ(outlook->next.at(1).steps, 2U);
}

TEST(Stepper, each_step_leads_to_the_odds_that_were_told) {
  everywhere([](const Experiment&, Stepper& stepper, std::uint64_t seed) {
    std::optional<Outlook::Way> told;
    wander(stepper, seed, 12, [&](const std::string& letter, std::size_t chosen) {
      const Outlook* outlook = stepper.outlook();
      ASSERT_NE(outlook, nullptr);
      ASSERT_EQ(outlook->next.size(), stepper.standing().next.size());
      double sum = 0;
      std::uint32_t nearest = Outlook::never;
      for (const Outlook::Way& way : outlook->next) {
        sum += way.chance;
        nearest = std::min(nearest, way.steps == Outlook::never ? way.steps : way.steps + 1);
      }
      EXPECT_NEAR(outlook->here.chance, sum / static_cast<double>(outlook->next.size()), 1e-12);
      EXPECT_EQ(outlook->here.steps, nearest);
      if (told) {
        EXPECT_NEAR(outlook->here.chance, told->chance, 1e-12) << letter;
        EXPECT_EQ(outlook->here.chance == 1, told->chance == 1) << letter;
        EXPECT_EQ(outlook->here.steps, told->steps) << letter;
      }
      told = outlook->next[chosen];
    });
  });
}

TEST(Stepper, following_the_hint_reaches_a_violation_in_as_many_steps_as_it_says) {
  for (const SteppingPlace& place : stepping_places()) {
    SCOPED_TRACE(place.scenario + " " + place.strategy);
    const Experiment experiment = experiment_of(place);
    Stepper stepper(experiment.settings, experiment.fleet);
    const std::uint32_t promised = stepper.outlook()->here.steps;
    if (promised == Outlook::never) {
      continue;
    }
    for (std::uint32_t left = promised; left > 0; --left) {
      const Outlook* outlook = stepper.outlook();
      std::size_t best = 0;
      while (outlook->next[best].steps != left - 1) {
        ASSERT_LT(++best, outlook->next.size());
      }
      ASSERT_TRUE(stepper.take(word_of(stepper.standing().next[best])));
    }
    ASSERT_TRUE(stepper.ended());
    EXPECT_TRUE(stepper.outcome().violated());
  }
}

TEST(Stepper, too_many_states_are_too_large_to_know) {
  const Experiment experiment = experiment_of({"two-writers", "read-modify-write", {}});
  Stepper small(experiment.settings, experiment.fleet, 3);
  EXPECT_EQ(small.outlook(), nullptr);
  EXPECT_EQ(small.outlook(), nullptr);
  ASSERT_TRUE(small.take("A"));  // asking has moved nothing
  ASSERT_TRUE(small.take("A"));
  ASSERT_TRUE(small.take("B"));
  EXPECT_NE(small.outlook(), nullptr);  // two states are left
}

TEST(Stepper, a_walk_is_a_word_and_a_real_world_ends_it_alike) {
  everywhere([](const Experiment& experiment, Stepper& stepper, std::uint64_t seed) {
    wander(stepper, seed, steps_max, [&](const std::string&, std::size_t) {
      std::set<std::string> words;
      for (const Move& move : stepper.standing().next) {
        EXPECT_TRUE(words.insert(word_of(move)).second) << word_of(move) << " twice";
      }
    });
    ASSERT_TRUE(stepper.ended());
    const std::vector<Move> moves = stepper.moves();
    const racelab::Setup setup(experiment.settings, experiment.fleet);
    Model model(setup);
    const Followed followed = follow(model, word_of(moves));
    EXPECT_EQ(followed.problem, "");
    EXPECT_TRUE(followed.ended);
    EXPECT_EQ(model.outcome(), stepper.outcome());
    const RunResult real = replay(experiment.settings, experiment.fleet, {}, moves);
    EXPECT_EQ(real.verdict == Verdict::violated, stepper.outcome().violated()) << word_of(moves);
    EXPECT_EQ(finals_of(real), stepper.outcome().final) << word_of(moves);
  });
}

TEST(Stepper, in_a_real_world_too_a_dead_handler_is_not_counted) {
  // A's session is lost after its UPDATE, at autocommit, so nothing of it remains. From then on the letter A is its next attempt.
  const Experiment experiment = experiment_of(
      {"two-writers", "read-modify-write", {{"lose-session.max", "1"}, {"attempts-max", "2"}}});
  Stepper stepper(experiment.settings, experiment.fleet);
  for (const char* letter : {"A", "Aa", "B", "A", "A", "B"}) {
    ASSERT_TRUE(stepper.take(letter));
  }
  ASSERT_TRUE(stepper.ended());
  EXPECT_EQ(stepper.outcome().final, std::vector<std::int64_t>{2});
  EXPECT_EQ(finals_of(replay(experiment.settings, experiment.fleet, {}, stepper.moves())),
            std::vector<std::int64_t>{2});
}

TEST(Stepper, undo_restores_everything_and_redo_takes_it_again) {
  everywhere([](const Experiment& experiment, Stepper& stepper, std::uint64_t seed) {
    std::vector<std::string> screens;
    wander(stepper, seed, steps_max, [&](const std::string&, std::size_t) {
      screens.push_back(screen_of(experiment, stepper));
    });
    const std::string end = screen_of(experiment, stepper);
    const Outcome outcome = stepper.outcome();
    const Stepper::Place place = stepper.place();
    for (auto screen = screens.rbegin(); screen != screens.rend(); ++screen) {
      ASSERT_TRUE(stepper.undo());
      ASSERT_EQ(screen_of(experiment, stepper), *screen);
    }
    EXPECT_FALSE(stepper.undo());
    for (std::size_t step = 1; step < screens.size(); ++step) {
      ASSERT_TRUE(stepper.redo());
      ASSERT_EQ(screen_of(experiment, stepper), screens[step]);
    }
    ASSERT_TRUE(stepper.redo());
    EXPECT_FALSE(stepper.redo());
    EXPECT_EQ(screen_of(experiment, stepper), end);
    stepper.go_to({});
    EXPECT_EQ(screen_of(experiment, stepper), screens.front());
    stepper.go_to(place);
    EXPECT_EQ(screen_of(experiment, stepper), end);
    EXPECT_EQ(stepper.outcome(), outcome);
  });
}

TEST(Stepper, another_way_forgets_what_could_be_taken_again) {
  const Experiment experiment = experiment_of({"two-writers", "read-modify-write", {}});
  Stepper stepper(experiment.settings, experiment.fleet);
  ASSERT_TRUE(stepper.take("A"));
  ASSERT_TRUE(stepper.take("B"));
  ASSERT_TRUE(stepper.undo());
  ASSERT_TRUE(stepper.take("A"));
  EXPECT_FALSE(stepper.redo());
  EXPECT_EQ(word_of(stepper.moves()), "AA");
}

}  // namespace
}  // namespace racelab::lab::stepper_test
