// What every explanation must keep, whatever went wrong: it fits the page, every step is drawn, doom is where the chance
// becomes 1, the swap and every fix really hold, and the same order under its own strategy is itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <string>

#include "sim/kernel/fault_rules.h"
#include "sim/report/order_steps.h"
#include "sim/report/sequence.h"
#include "sim/report/words.h"
#include "tests/report/explain_of.h"

namespace racelab::lab::explain_property_test {
namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

void expect_to_fit(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("racelab ") == std::string::npos) {
      EXPECT_LE(line.size(), text_width) << line << '\n' << text;
    }
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

// Every step has a line, and the statement it issued is written on one of its arrows.
void expect_every_step_drawn(const OrderReport& order) {
  const Sequence sequence = sequence_of(order);
  const std::vector<OrderStep> steps = order_steps(order);
  ASSERT_EQ(sequence.steps.size(), steps.size() + 1);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Sequence::Step& drawn = sequence.steps[i + 1];
    EXPECT_EQ(drawn.number, i + 1);
    EXPECT_FALSE(drawn.lines.empty()) << "step " << i + 1;
    const Move& move = order.order.moves[i];
    const bool died = move.step.statement_fault == Fault::crash ||
                      move.step.statement_fault == Fault::lose_session_before ||
                      move.step.statement_fault == Fault::slow_call;
    if (move.step.kind == Step::Kind::lock_timeout || move.step.kind == Step::Kind::session_end ||
        !move.issues || died) {
      continue;
    }
    EXPECT_TRUE(std::any_of(drawn.lines.begin(), drawn.lines.end(),
                            [&](const auto& line) {
                              return line.kind == Sequence::Line::Kind::ask &&
                                     line.text == steps[i].statement;
                            }))
        << "step " << i + 1 << ": " << steps[i].statement;
  }
}

void expect_doom_where_it_is(const OrderReport& order) {
  const Sequence sequence = sequence_of(order);
  const std::vector<double>& chances = order.order.chances;
  ASSERT_EQ(chances.size(), sequence.steps.size());
  const auto first = std::find(chances.begin(), chances.end(), 1.0);
  EXPECT_NE(first, chances.end()) << "an order that violates is doomed in the end";
  for (std::size_t i = 0; i < chances.size(); ++i) {
    EXPECT_EQ(sequence.steps[i].doomed, chances.begin() + static_cast<std::ptrdiff_t>(i) == first);
  }
  EXPECT_EQ(count_of(sequence_text(sequence, {}), "DOOMED HERE"), 1U);
}

TEST(ExplainProperty, fits_and_is_whole_and_what_it_offers_holds) {
  int explained = 0;
  int swaps = 0;
  int fixes = 0;
  for_each_experiment([&](const Experiment& experiment) {
    const std::optional<ExplainReport> report = explanation_of(experiment);
    if (!report) {
      return;
    }
    ++explained;
    const OrderReport& order = report->order;
    EXPECT_EQ(order.result.verdict, Verdict::violated);
    expect_to_fit(explain_text(*report, {}));
    expect_every_step_drawn(order);
    expect_doom_where_it_is(order);
    EXPECT_FALSE(reasons_of(order).empty());
    if (report->swap) {
      ++swaps;
      EXPECT_EQ(report->swap_result.verdict, Verdict::holds);
      EXPECT_EQ(report->swap->order.moves.size(), order.order.moves.size());
    }
    for (const SameOrderReport& fix : report->fixes) {
      ++fixes;
      EXPECT_EQ(fix.result.verdict, Verdict::holds) << name_of(fix.fleet);
      EXPECT_EQ(explore(fix.settings, fix.fleet, {}).verdict, Verdict::holds) << name_of(fix.fleet);
    }
  });
  EXPECT_GT(explained, 100 / static_cast<int>(fewer));
  EXPECT_GT(swaps, 10 / static_cast<int>(fewer));
  EXPECT_GT(fixes, 200 / static_cast<int>(fewer));
}

TEST(ExplainProperty, the_same_order_under_its_own_strategy_is_itself) {
  for_each_experiment([&](const Experiment& experiment) {
    const Exploration exploration = explore(experiment.settings, experiment.fleet, {});
    if (!exploration.counterexample) {
      return;
    }
    const WalkedOrder& order = *exploration.counterexample;
    const SameOrder same =
        same_order(experiment.settings, experiment.fleet, order.issued, order.moves, 1'000);
    EXPECT_TRUE(same.exactly()) << word_of(order.moves) << " became " << word_of(same.moves);
    EXPECT_EQ(word_of(same.moves), word_of(order.moves));
    const WalkedOrder told =
        walk_order(experiment.settings, experiment.fleet, order.issued, order.moves, {});
    EXPECT_EQ(told.chances, order.chances);
    EXPECT_EQ(told.outcome, order.outcome);
    EXPECT_EQ(told.switches, order.switches);
    EXPECT_EQ(told.faults, order.faults);
  });
}

// One order of an experiment, every alternative as likely as the others; with what a step's end makes possible.
std::vector<Move> some_order(const Experiment& experiment, std::mt19937& random) {
  Setup setup(experiment.settings, experiment.fleet);
  Model model(setup);
  std::vector<Move> moves;
  while (true) {
    std::vector<Step> steps;
    model.alternatives(steps);
    if (steps.empty()) {
      return moves;
    }
    Step step = steps[random() % steps.size()];
    Arena::Snapshot before;
    model.save(before);
    const Model::Effects effects = model.take(step);
    std::vector<Step> variants{step};
    model.variants(step, effects, variants);
    model.restore(before);
    step = variants[random() % variants.size()];
    moves.push_back(move_of(model, step));
    model.take(step);
    moves.back().unheard = model.unheard();
  }
}

TEST(ExplainProperty, any_order_becomes_a_whole_order_of_any_other_strategy) {
  std::mt19937 random(1);  // any order will do
  int moved = 0;
  int dropped = 0;
  int held = 0;
  for_each_experiment([&](const Experiment& experiment) {
    const std::vector<Move> order = some_order(experiment, random);
    const std::vector<std::uint32_t> issued(experiment.settings.clients,
                                            experiment.settings.operations);
    for (const std::string& other : all_combinations()) {
      if (random() % 5 != 0) {
        continue;
      }
      const Fleet fleet = parse_fleet(other).fleet;
      if (!problem_with(fleet.front(), experiment.settings).empty()) {
        continue;
      }
      SCOPED_TRACE(other + " in the order " + word_of(order));
      const SameOrder same = same_order(experiment.settings, fleet, issued, order, 1'000);
      ASSERT_TRUE(same.ended);
      ASSERT_EQ(same.letters.size(), same.moves.size());
      // Each letter ran once, or was dropped.
      std::vector<int> ran(order.size());
      for (const auto& letter : same.letters) {
        if (letter) {
          ++ran[*letter];
        }
      }
      for (const std::size_t letter : same.dropped) {
        ++ran[letter];
      }
      for (std::size_t i = 0; i < order.size(); ++i) {
        const bool lost = ends_call(order[i].step.request_fault);
        EXPECT_TRUE(ran[i] == 1 || (lost && ran[i] == 0)) << "letter " << i + 1;
      }
      // The world agrees with the model on how it ends.
      const RunResult result = replay(experiment.settings, fleet, issued, same.moves);
      EXPECT_EQ(result.verdict == Verdict::violated, same.outcome.violated());
      std::vector<std::int64_t> final;
      for (const HistoryRow& row : result.history.rows) {
        final.push_back(row.final);
      }
      EXPECT_EQ(final, same.outcome.final);
      std::size_t struck = 0;
      for (const Move& move : same.moves) {
        struck += move.step.faults();
      }
      EXPECT_EQ(struck, static_cast<std::size_t>(
                            std::count_if(same.faults.begin(), same.faults.end(),
                                          [](const auto& fault) { return !fault.dropped(); })));
      for (const SameOrder::Struck& fault : same.faults) {
        moved += fault.moved() ? 1 : 0;
        dropped += fault.dropped() ? 1 : 0;
      }
      held += same.held.empty() ? 0 : 1;
    }
  });
  EXPECT_GT(moved, 20 / static_cast<int>(fewer));
  EXPECT_GT(dropped, 5 / static_cast<int>(fewer));
  EXPECT_GT(held, 20 / static_cast<int>(fewer));
}

}  // namespace
}  // namespace racelab::lab::explain_property_test
