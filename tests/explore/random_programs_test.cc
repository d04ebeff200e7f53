// The graph of states against the odometer on random little strategies, and on some that were written to find states that look
// alike and are not.
#include <gtest/gtest.h>

#include <string>

#include "tests/explore/oracle.h"
#include "tests/explore/random_programs.h"

namespace racelab::lab::random_programs_test {
namespace {

TEST(RandomPrograms, both_engines_agree) {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 0; seed < 4'000 / fewer; ++seed) {
    const RandomExperiment experiment(seed);
    const std::string what = "seed " + std::to_string(seed) + ": " + experiment.text;
    compared += expect_agreement(experiment.settings, experiment.fleet, what, 300) > 0 ? 1 : 0;
    ASSERT_FALSE(HasFailure()) << what;
  }
  EXPECT_GT(compared, 1'200 / fewer);
}

TEST(RandomPrograms, every_word_is_followed_and_every_order_replayed) {
  std::uint64_t orders = 0;
  for (std::uint64_t seed = 0; seed < 1'000 / fewer; ++seed) {
    const RandomExperiment experiment(seed);
    const std::string what = "seed " + std::to_string(seed) + ": " + experiment.text;
    orders += expect_words_and_replays(experiment.settings, experiment.fleet, what, 40);
    ASSERT_FALSE(HasFailure()) << what;
  }
  EXPECT_GT(orders, 20'000 / fewer);
}

using Kind = Instruction::Kind;

// Fleets of strategies of one's own: each client runs the program of its number.
struct Written {
  std::array<Strategy, slots> strategies;
  Fleet fleet;

  void add(const Program& program, bool in_transaction) {
    constexpr std::array<StrategyFunction, slots> functions{run_program<0>, run_program<1>,
                                                            run_program<2>};
    const std::size_t slot = fleet.size();
    programs()[slot] = program;
    strategies[slot] = Strategy{.name = "program",
                                .sentence = "Some statements.",
                                .needs_transaction = in_transaction,
                                .handle = functions[slot]};
    Combination combination;
    combination.strategy = &strategies[slot];
    fleet.push_back(combination);
  }
};

// Under the lock nothing is lost, and still the store is wrong: it must not be called a proof. Each of the two orders of the two
// clients ends at 0 + 5 + 5.
TEST(WrittenPrograms, that_write_another_amount_than_theirs_violate_in_every_order) {
  Written written;
  written.add({{.kind = Kind::select_for_update}, {.kind = Kind::update, .amount = 5}}, true);
  const Settings settings = settings_of({{"clients", "2"}, {"attempts-max", "1"}});
  EXPECT_GT(expect_agreement(settings, written.fleet, "five for one", 1'000), 1U);
  const Exploration exploration = explored(settings, written.fleet, true);
  EXPECT_EQ(exploration.verdict, Verdict::violated);
  EXPECT_EQ(exploration.odds.orders_violating, exploration.odds.orders);
  ASSERT_EQ(exploration.outcomes.size(), 1U);
  EXPECT_EQ(exploration.outcomes[0].final, std::vector<std::int64_t>{10});
  EXPECT_FALSE(exploration.outcomes[0].ledger_adds_up);
}

// Two lock two rows, each beginning with the other's second; each a statement more than its COMMIT. Whoever begins (2) has both before
// the other comes, who then waits or comes after the COMMIT: 2 orders. Or each has one, one waits (2), the other closes the circle,
// either is ended (2), and its error ends its handler in that step: 4. 2 · (2 + 4) = 12. Where whoever closes it fails at once, the 4
// are 2: 8.
TEST(WrittenPrograms, of_which_any_may_be_ended_that_wait_in_a_circle) {
  Written written;
  written.add(
      {{.kind = Kind::select_for_update, .rows = 1}, {.kind = Kind::select_for_update, .rows = 2}},
      true);
  written.add(
      {{.kind = Kind::select_for_update, .rows = 2}, {.kind = Kind::select_for_update, .rows = 1}},
      true);
  const auto orders = [&](const char* grants) {
    const Settings settings = settings_of({{"clients", "2"},
                                           {"rows", "2"},
                                           {"attempts-max", "1"},
                                           {"tries-max", "1"},
                                           {"grants", grants}});
    const std::uint64_t words = expect_words_and_replays(settings, written.fleet, grants, 100);
    EXPECT_EQ(expect_agreement(settings, written.fleet, grants, 1'000), words);
    return words;
  };
  EXPECT_EQ(orders("any"), 12U);
  EXPECT_EQ(orders("first"), 8U);
}

// Each makes its change twice in one execution: every value is right by what it was computed from, and the sum is not.
TEST(WrittenPrograms, that_make_their_change_twice_violate_where_both_stay) {
  Written written;
  const Instruction again{.kind = Kind::update_in_place};
  written.add({again, again}, true);
  const Settings settings = settings_of({{"clients", "2"}, {"attempts-max", "1"}});
  EXPECT_GT(expect_agreement(settings, written.fleet, "twice", 1'000), 1U);
  const Exploration exploration = explored(settings, written.fleet, true);
  EXPECT_EQ(exploration.odds.orders_violating, exploration.odds.orders);
  ASSERT_EQ(exploration.outcomes.size(), 1U);
  EXPECT_EQ(exploration.outcomes[0].final, std::vector<std::int64_t>{4});
}

// What was wrong and is taken back has harmed nobody.
TEST(WrittenPrograms, that_roll_a_wrong_value_back_hold) {
  Written written;
  written.add({{.kind = Kind::update_in_place, .amount = 7},
               {.kind = Kind::select},
               {.kind = Kind::stop_if_odd, .reply = Reply::refused()}},
              true);
  const Settings settings = settings_of({{"clients", "2"}, {"attempts-max", "1"}});
  EXPECT_GT(expect_agreement(settings, written.fleet, "taken back", 1'000), 1U);
  EXPECT_EQ(explored(settings, written.fleet, true).verdict, Verdict::holds);
}

// A's two deliveries read 0 and each write 1: two versions alike in value and provenance. B has seen one of them, and C has
// another version in flight, which it rolls back: only if B has seen the second one is its row unchanged then.
TEST(WrittenPrograms, an_older_version_that_looks_like_the_newest_committed_one) {
  Written written;
  written.add({{.kind = Kind::select}, {.kind = Kind::update}}, false);
  written.add({{.kind = Kind::select},
               {.kind = Kind::update_if_unchanged},
               {.kind = Kind::stop_if_none, .reply = Reply::conflict()}},
              false);
  written.add({{.kind = Kind::update_in_place, .amount = 6},
               {.kind = Kind::select},
               {.kind = Kind::stop_if_odd, .reply = Reply::refused()}},
              true);
  const Settings settings =
      settings_of({{"clients", "3"}, {"attempts-max", "1"}, {"duplicate-delivery.max", "1"}});
  EXPECT_GT(expect_agreement(settings, written.fleet, "older version", 1'000'000), 1'000U);
}

// Two clients record a key each and fail if a snapshot is older than it. The store has the keys in the order of first use, and
// of a snapshot that lacks one it must be told whose it is: A's late attempt meets A's key, or only B's.
TEST(WrittenPrograms, a_snapshot_that_lacks_one_of_two_keys) {
  Written written;
  written.add({{.kind = Kind::select_for_update, .rows = 3},
               {.kind = Kind::select},
               {.kind = Kind::insert_key_if_absent, .reply = Reply::conflict()}},
              true);
  const Settings settings = settings_of({{"clients", "2"},
                                         {"rows", "2"},
                                         {"isolation", "repeatable-read"},
                                         {"attempts-max", "2"},
                                         {"backoff", "none"},
                                         {"slow-call.max", "1"}});
  EXPECT_GT(expect_agreement(settings, written.fleet, "snapshot of keys", 1'000), 50U);
}

// A writes twice in one execution, and is delivered twice; C overwrites what A wrote, but B has seen it and brings it back: whose
// execution that was decides whether A's second write adds one.
TEST(WrittenPrograms, an_execution_that_another_handler_has_seen) {
  Written written;
  written.add({{.kind = Kind::select},
               {.kind = Kind::update},
               {.kind = Kind::select, .rows = 2},
               {.kind = Kind::update_in_place}},
              false);
  written.add({{.kind = Kind::select}, {.kind = Kind::update}}, false);
  written.add({{.kind = Kind::select}, {.kind = Kind::update_blindly, .amount = 5}}, false);
  const Settings settings = settings_of(
      {{"clients", "3"}, {"rows", "2"}, {"attempts-max", "1"}, {"duplicate-delivery.max", "1"}});
  EXPECT_GT(expect_agreement(settings, written.fleet, "seen execution", 3'000'000), 1'000U);
}

// A's request is delivered twice, and the first delivery's reply is lost: the second copy is all that is left of A, which looks as if
// it had not begun. C, which does the same, has not.
TEST(WrittenPrograms, a_second_copy_that_looks_like_a_first_request) {
  Written written;
  written.add({{.kind = Kind::select_for_update, .amount = 2, .if_locked = IfLocked::fail},
               {.kind = Kind::insert_key, .reply = Reply::conflict()}},
              false);
  written.add({{.kind = Kind::select_for_update, .rows = 2, .if_locked = IfLocked::fail},
               {.kind = Kind::save_reply, .reply = Reply::refused()}},
              false);
  const Settings settings = settings_of({{"clients", "3"},
                                         {"rows", "2"},
                                         {"attempts-max", "1"},
                                         {"lose-reply.max", "1"},
                                         {"duplicate-delivery.max", "1"}});
  EXPECT_GT(expect_agreement(settings, written.fleet, "second copy", 100'000), 10'000U);
}

// A says ok and does nothing: a false success, in the very step in which its request arrives. Its reply can be lost there, it can
// be delivered twice, and each counts as a fault of its own.
TEST(WrittenPrograms, a_handler_that_asks_for_no_statement) {
  Written written;
  written.add({}, false);
  written.add({{.kind = Kind::select}, {.kind = Kind::update}}, false);
  const Settings settings = settings_of({{"attempts-max", "2"},
                                         {"lose-reply.max", "1"},
                                         {"duplicate-delivery.max", "1"},
                                         {"slow-call.max", "1"},
                                         {"lose-request.max", "1"}});
  EXPECT_GT(expect_agreement(settings, written.fleet, "no statement", 1'000'000), 100U);
  EXPECT_EQ(explored(settings, written.fleet, true).verdict, Verdict::violated);
}

// A's COMMIT ends the waits of nine others in the same step, and a step has bits for eight lost replies.
TEST(WrittenPrograms, more_replies_in_a_step_than_can_be_lost_are_no_proof) {
  std::string fleet = "pessimistic-lock";
  for (int i = 0; i < 9; ++i) {
    fleet += ",atomic-increment";
  }
  const Lines lines{{"clients", "10"}, {"attempts-max", "1"}};
  EXPECT_EQ(explored(settings_of(lines), fleet_of(fleet), true).verdict, Verdict::holds);
  Lines with_faults = lines;
  with_faults.emplace_back("lose-reply.max", "1");
  const Exploration found = explored(settings_of(with_faults), fleet_of(fleet), true, 20'000);
  EXPECT_FALSE(found.complete());
  EXPECT_NE(found.verdict, Verdict::holds);
}

}  // namespace
}  // namespace racelab::lab::random_programs_test
