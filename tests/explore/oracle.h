// Two engines that share no code but the world itself: the graph of states, and the odometer that runs every order. On
// everything small they must say the same.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/explore.h"
#include "sim/explore/odometer.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab {

/// One line for each outcome: told, survivors and anomalies; for messages.
inline std::string to_text(const Outcome& outcome) {
  std::string text = "final";
  for (const std::int64_t value : outcome.final) {
    text += ' ' + std::to_string(value);
  }
  text += ", told";
  for (const auto& row : outcome.told) {
    text += " |";
    for (const std::uint32_t count : row) {
      text += ' ' + std::to_string(count);
    }
  }
  text += ", anomalies";
  for (const std::uint32_t count : outcome.anomalies) {
    text += ' ' + std::to_string(count);
  }
  return text + (outcome.stuck > 0 ? ", stuck " + std::to_string(outcome.stuck) : "") +
         (outcome.invariant_broken ? ", invariant broken" : "") +
         (outcome.ledger_adds_up ? "" : ", ledger does not add up");
}

inline std::string to_text(const std::vector<Outcome>& outcomes,
                           const std::vector<OrderCount>& orders) {
  std::string text;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    text += orders[i].str() + "  " + to_text(outcomes[i]) + '\n';
  }
  return text;
}

inline Exploration explored(const Settings& settings, const Fleet& fleet, bool symmetry,
                            std::uint64_t states_max = 100'000) {
  ExploreOptions options;
  options.symmetry = symmetry;
  options.examples = false;
  options.limits.states = states_max;
  return explore(settings, fleet, options);
}

/// Runs every order and compares; how many there were. More than `orders_max` are not run: 0.
inline std::uint64_t expect_agreement(const Settings& settings, const Fleet& fleet,
                                      const std::string& what, std::uint64_t orders_max) {
  const Exploration graph = explored(settings, fleet, true, orders_max * 3);
  if (!graph.complete() || graph.odds.orders > orders_max) {
    return 0;
  }
  OrderLimits limits;
  limits.orders = orders_max * 2;
  const OrdersResult orders = run_every_order(settings, fleet, limits);
  std::vector<OrderCount> by_outcome(orders.orders_by_outcome.begin(),
                                     orders.orders_by_outcome.end());
  const std::string expected = to_text(orders.outcomes, by_outcome);
  for (const bool symmetry : {true, false}) {
    const Exploration found = symmetry ? graph : explored(settings, fleet, symmetry);
    const std::string where = what + (symmetry ? " (symmetry)" : " (no symmetry)");
    EXPECT_EQ(found.complete(), orders.complete()) << where;
    EXPECT_EQ(found.odds.orders, orders.orders) << where;
    EXPECT_EQ(found.odds.orders_violating, orders.orders_violating) << where;
    EXPECT_EQ(to_text(found.outcomes, found.odds.by_outcome), expected) << where;
    EXPECT_EQ(found.verdict, orders.verdict()) << where;
    EXPECT_NEAR(found.odds.scheduler_low, orders.uniform_scheduler, 1e-12) << where;
  }
  return orders.orders;
}

/// The moves of an order that the odometer took, in a model that stands at its start. Fewer when the model does not offer one of them.
inline std::vector<Move> moves_of(Model& model, const std::vector<Odometer::Taken>& taken) {
  std::vector<Move> moves;
  for (const Odometer::Taken& it : taken) {
    std::vector<Step> steps;
    model.alternatives(steps);
    const auto found = std::find_if(steps.begin(), steps.end(), [&](const Step& step) {
      const bool slow = it.statement_fault == Fault::slow_call;
      return step.kind == it.kind && model.who(step) == it.who &&
             step.request_fault == it.request_fault &&
             step.statement_fault == (slow ? Fault::none : it.statement_fault);
    });
    if (found == steps.end()) {
      return moves;
    }
    Step step = *found;
    step.statement_fault = it.statement_fault;
    step.replies_lost = static_cast<std::uint8_t>(it.replies_lost);
    step.replies_reset = static_cast<std::uint8_t>(it.replies_reset);
    for (const std::uint8_t way : it.ways) {
      step.ways.push_back(way);
    }
    moves.push_back(move_of(model, step));
    model.take(step);
    moves.back().unheard = model.unheard();
    moves.back().went_on = model.went_on();
  }
  return moves;
}

inline bool same(const Move& a, const Move& b) {
  return a.step == b.step && a.who == b.who && a.ordinal == b.ordinal &&
         a.statement == b.statement && a.unheard == b.unheard && a.went_on == b.went_on &&
         a.issues == b.issues;
}

/// Takes every order of the odometer in the model, by its word, and in Replay, and compares how it ends; how many there were. No more
/// than `orders_max` are looked at.
inline std::uint64_t expect_words_and_replays(const Settings& settings, const Fleet& fleet,
                                              const std::string& what, std::uint64_t orders_max) {
  const Setup setup(settings, fleet);
  Model model(setup);
  Arena::Snapshot start;
  model.save(start);
  Runner runner(settings, fleet);
  Runner again(settings, fleet);
  Odometer odometer(settings.faults, 1'000);
  std::set<std::string> words;
  std::uint64_t orders = 0;
  while (odometer.next_order(false) && orders < orders_max) {
    const Outcome outcome = outcome_of(runner.run_under(odometer));
    ++orders;
    model.restore(start);
    const std::vector<Move> moves = moves_of(model, odometer.taken());
    const std::string word = word_of(moves);
    const std::string where = what + "\nafter " + word;
    words.insert(word);
    EXPECT_EQ(moves.size(), odometer.taken().size()) << where;
    EXPECT_EQ(to_text(model.outcome()), to_text(outcome)) << where;

    model.restore(start);
    const Followed followed = follow(model, word);
    EXPECT_EQ(followed.problem, "") << where;
    EXPECT_TRUE(followed.ended) << where;
    EXPECT_TRUE(
        std::equal(moves.begin(), moves.end(), followed.moves.begin(), followed.moves.end(), same))
        << where;

    Replay replay(order_of(moves));
    EXPECT_EQ(to_text(outcome_of(again.run_under(replay))), to_text(outcome)) << where;
    EXPECT_EQ(replay.unused(), 0U) << where;
    if (testing::Test::HasFailure()) {
      break;
    }
  }
  EXPECT_EQ(words.size(), orders) << what << "two orders spell the same word";
  return orders;
}

}  // namespace racelab::lab
