// The smallest counterexample is one, is the smallest, and happens in a real world.
//
// "Removing any of its faults or merging any two of its turns does not violate" is meant so: a turn is a run of steps by one
// handler. Without one of its faults the order is replayed as it stands (what cannot happen is dropped, what is left runs
// to its end). Two turns of one handler are merged by moving the later one's steps up to the earlier one, or the earlier one's down; the
// merged order is judged where it is possible step by step: a step that must wait is no merging.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "tests/explore/oracle.h"
#include "tests/explore/random_programs.h"

namespace racelab::lab::counterexample_test {
namespace {

std::vector<std::string> letters_of(const std::vector<Move>& moves) {
  std::vector<std::string> letters;
  for (const Move& move : moves) {
    letters.push_back(word_of(move));
  }
  return letters;
}

// Clients, operations, faults, switches, steps, the word.
using Size = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::size_t,
                        std::vector<std::string>>;

Size size_of(const std::vector<std::uint32_t>& issued, const std::vector<Move>& moves) {
  std::uint32_t clients = 0;
  std::uint32_t operations = 0;
  for (const std::uint32_t each : issued) {
    clients += each > 0 ? 1 : 0;
    operations += each;
  }
  std::uint32_t faults = 0;
  std::uint32_t switches = 0;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    faults += moves[i].step.faults();
    switches += i > 0 && moves[i].who != moves[i - 1].who ? 1 : 0;
  }
  return {clients, operations, faults, switches, moves.size(), letters_of(moves)};
}

std::string size_text(const std::optional<Size>& size) {
  if (!size) {
    return "none";
  }
  const auto& [clients, operations, faults, switches, steps, letters] = *size;
  std::string text = std::to_string(clients) + " clients, " + std::to_string(operations) +
                     " operations, " + std::to_string(faults) + " faults, " +
                     std::to_string(switches) + " switches, " + std::to_string(steps) + " steps:";
  for (const std::string& letter : letters) {
    text += ' ' + letter;
  }
  return text;
}

// All ways to let clients issue some of their operations.
std::vector<std::vector<std::uint32_t>> all_shares(const Settings& settings) {
  std::vector<std::vector<std::uint32_t>> all{{}};
  for (std::uint32_t client = 0; client < settings.clients; ++client) {
    std::vector<std::vector<std::uint32_t>> longer;
    for (const auto& shares : all) {
      for (std::uint32_t mine = 0; mine <= settings.operations; ++mine) {
        longer.push_back(shares);
        longer.back().push_back(mine);
      }
    }
    all = std::move(longer);
  }
  return all;
}

// The smallest violating order of all that the odometer runs, whoever issues what.
std::optional<Size> smallest_by_looking_at_all(const Settings& settings, const Fleet& fleet) {
  std::optional<Size> smallest;
  for (const auto& issued : all_shares(settings)) {
    Setup setup(settings, fleet);
    setup.world.clients.issued = issued;
    Setup of_runner(settings, fleet);
    of_runner.world.clients.issued = issued;
    Runner runner(std::move(of_runner));
    Model model(setup);
    Arena::Snapshot start;
    model.save(start);
    Odometer odometer(settings.faults, 1'000);
    while (odometer.next_order(false)) {
      if (outcome_of(runner.run_under(odometer)).violated()) {
        model.restore(start);
        const Size size = size_of(issued, moves_of(model, odometer.taken()));
        if (!smallest || size < *smallest) {
          smallest = size;
        }
      }
    }
  }
  return smallest;
}

Outcome outcome_without(const Settings& settings, const Fleet& fleet,
                        const WalkedOrder& counterexample, std::size_t strike) {
  Setup setup(settings, fleet);
  setup.world.clients.issued = counterexample.issued;
  Runner runner(std::move(setup));
  Order order = order_of(counterexample.moves);
  order.strikes.erase(order.strikes.begin() + static_cast<std::ptrdiff_t>(strike));
  Replay without(order);
  return outcome_of(runner.run_under(without));
}

using Turn = std::vector<Odometer::Taken>;  // of one handler

std::vector<Turn> turns_of(const std::vector<Move>& moves) {
  std::vector<Turn> turns;
  for (const Move& move : moves) {
    if (turns.empty() || turns.back().back().who != move.who) {
      turns.emplace_back();
    }
    turns.back().push_back({.who = move.who,
                            .kind = move.step.kind,
                            .request_fault = move.step.request_fault,
                            .statement_fault = move.step.statement_fault,
                            .replies_lost = move.step.replies_lost,
                            .replies_reset = move.step.replies_reset,
                            .ways = move.step.ways.list()});
  }
  return turns;
}

Turn joined(const std::vector<Turn>& turns) {
  Turn all;
  for (const Turn& turn : turns) {
    all.insert(all.end(), turn.begin(), turn.end());
  }
  return all;
}

// Every way to merge two turns of one handler.
std::vector<Turn> merged(const std::vector<Turn>& turns) {
  std::vector<Turn> all;
  for (std::size_t first = 0; first < turns.size(); ++first) {
    for (std::size_t second = first + 1; second < turns.size(); ++second) {
      if (turns[first].front().who != turns[second].front().who) {
        continue;
      }
      std::vector<Turn> up = turns;
      std::vector<Turn> down = turns;
      up[first] = down[second] = joined({turns[first], turns[second]});
      up.erase(up.begin() + static_cast<std::ptrdiff_t>(second));
      down.erase(down.begin() + static_cast<std::ptrdiff_t>(first));
      all.push_back(joined(up));
      all.push_back(joined(down));
    }
  }
  return all;
}

struct Looked {
  std::uint64_t violated = 0;
  std::uint64_t faults = 0;  // that were taken away
  std::uint64_t merged = 0;  // orders that were possible
};

void expect_smallest(const Settings& settings, const Fleet& fleet, const std::string& what,
                     Looked& looked) {
  const std::optional<WalkedOrder> found = find_smallest(settings, fleet, Limits{});
  const std::optional<Size> expected = smallest_by_looking_at_all(settings, fleet);
  const std::optional<Size> size =
      found ? std::optional<Size>(size_of(found->issued, found->moves)) : std::nullopt;
  EXPECT_EQ(size_text(size), size_text(expected)) << what;
  if (!found) {
    return;
  }
  ++looked.violated;
  const std::string where = what + ": " + word_of(found->moves);
  EXPECT_EQ(
      std::tuple(found->clients, found->operations, found->faults, found->switches),
      std::tuple(std::get<0>(*size), std::get<1>(*size), std::get<2>(*size), std::get<3>(*size)))
      << where;
  ASSERT_EQ(found->chances.size(), found->moves.size() + 1) << where;
  EXPECT_EQ(found->chances.back(), 1.0) << where;
  EXPECT_GT(found->chances.front(), 0.0) << where;

  const RunResult run = replay(settings, fleet, found->issued, found->moves);
  EXPECT_EQ(to_text(outcome_of(run)), to_text(found->outcome)) << where;
  EXPECT_TRUE(found->outcome.violated()) << where;
  EXPECT_EQ(run.verdict, Verdict::violated) << where;
  Replay exact(order_of(found->moves));
  Setup setup(settings, fleet);
  setup.world.clients.issued = found->issued;
  Runner(std::move(setup)).run_under(exact);
  EXPECT_EQ(exact.unused(), 0U) << where;

  for (std::size_t strike = 0; strike < order_of(found->moves).strikes.size(); ++strike) {
    ++looked.faults;
    const Outcome without = outcome_without(settings, fleet, *found, strike);
    EXPECT_FALSE(without.violated())
        << where << " without strike " << strike << ": " << to_text(without);
  }
  Setup again(settings, fleet);
  again.world.clients.issued = found->issued;
  Model model(again);
  Arena::Snapshot start;
  model.save(start);
  for (const Turn& order : merged(turns_of(found->moves))) {
    model.restore(start);
    const std::vector<Move> moves = moves_of(model, order);
    model.restore(start);
    const Followed followed = follow(model, word_of(moves));
    if (moves.size() == order.size() && followed.problem.empty() && followed.ended) {
      ++looked.merged;
      EXPECT_FALSE(model.outcome().violated()) << where << " merged to " << word_of(moves);
    }
  }
}

TEST(Counterexamples, two_writers) {
  const Settings settings = settings_of({{"clients", "4"}, {"operations", "3"}});
  const std::optional<WalkedOrder> found =
      find_smallest(settings, fleet_of("read-modify-write"), Limits{});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(word_of(found->moves), "ABBA");
  EXPECT_EQ(found->issued, (std::vector<std::uint32_t>{1, 1, 0, 0}));
  // After A, the last of A's and B's choices decide: AB, then whoever writes first is lost.
  EXPECT_EQ(found->chances, (std::vector<double>{0.5, 0.5, 1, 1, 1}));
}

TEST(Counterexamples, a_client_that_no_fault_is_needed_for_comes_before_two) {
  Looked looked;
  const Settings settings = settings_of({{"lose-reply.max", "1"}, {"attempts-max", "2"}});
  const Fleet fleet = fleet_of("read-modify-write");
  expect_smallest(settings, fleet, "lost reply", looked);
  const std::optional<WalkedOrder> found = find_smallest(settings, fleet, Limits{});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(word_of(found->moves), "AArAA");  // one client with a fault, not two without
}

TEST(Counterexamples, are_the_smallest_of_all_orders) {
  Looked looked;
  const std::vector<Lines> faults{{},
                                  {{"lose-reply.max", "1"}},
                                  {{"duplicate-delivery.max", "1"}},
                                  {{"slow-call.max", "1"}},
                                  {{"crash.max", "1"}},
                                  {{"lose-session.max", "1"}},
                                  {{"lose-session.max", "1"}, {"crash.max", "1"}},
                                  {{"crash.max", "1"}, {"session-timeout", "none"}},
                                  {{"lose-request.max", "1"}, {"timeout", "none"}}};
  for (const std::string_view strategy : all_strategies) {
    for (const std::string_view wrap : all_wraps) {
      for (const Lines& fault : faults) {
        const std::string fleet = std::string(strategy) + std::string(wrap);
        std::string what = fleet;
        for (const auto& [key, value] : fault) {
          what += " " + key + "=" + value;
        }
        Lines lines = fault;
        lines.emplace_back("attempts-max", "2");
        lines.emplace_back("clients", "1");
        expect_smallest(settings_of(lines), fleet_of(fleet), what, looked);
      }
    }
  }
  for (const std::string_view fleet :
       {"read-modify-write", "atomic-increment", "optimistic-version",
        "read-modify-write,atomic-increment", "atomic-increment,read-modify-write",
        "pessimistic-lock,read-modify-write", "optimistic-version,read-modify-write",
        "read-modify-write+idempotency-key-before"}) {
    for (const Lines& shape : std::vector<Lines>{{},
                                                 {{"clients", "3"}},
                                                 {{"operations", "2"}},
                                                 {{"isolation", "read-committed"}},
                                                 {{"slow-call.max", "1"}, {"attempts-max", "1"}},
                                                 {{"amount-step", "1"}}}) {
      expect_smallest(settings_of(shape), fleet_of(fleet), std::string(fleet), looked);
    }
  }
  // Who is stuck: of what was to be issued.
  for (const std::string_view strategy : {"pessimistic-lock", "atomic-increment"}) {
    expect_smallest(settings_of({{"operations", "2"},
                                 {"isolation", "read-committed"},
                                 {"crash.max", "1"},
                                 {"session-timeout", "none"},
                                 {"timeout", "none"},
                                 {"attempts-max", "1"}}),
                    fleet_of(strategy), std::string(strategy) + " stuck", looked);
  }
  EXPECT_GT(looked.violated, 80U);
  EXPECT_GT(looked.faults, 80U);
  EXPECT_GT(looked.merged, 20U);
}

TEST(Counterexamples, of_random_little_strategies_are_the_smallest_too) {
  Looked looked;
  for (std::uint64_t seed = 0; seed < 2'500 / fewer; ++seed) {
    const RandomExperiment experiment(seed);
    const Exploration graph = explored(experiment.settings, experiment.fleet, true, 300);
    if (graph.complete() && graph.odds.orders < 150) {
      expect_smallest(experiment.settings, experiment.fleet,
                      "seed " + std::to_string(seed) + ": " + experiment.text, looked);
      ASSERT_FALSE(HasFailure());
    }
  }
  EXPECT_GT(looked.violated, 300U / fewer);
  if (fewer == 1) {
    EXPECT_GT(looked.faults, 20U);  // one in a hundred of them needs a fault
  }
}

}  // namespace
}  // namespace racelab::lab::counterexample_test
