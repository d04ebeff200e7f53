// Every order of endpoints in SQL: a verdict that is a proof, exact odds, every outcome, the smallest counterexample.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/check/dependencies.h"
#include "sim/explore/explore.h"
#include "sim/explore/one_at_a_time.h"
#include "sim/explore/script_model.h"

namespace racelab {

using ScriptGraph = GraphOf<ScriptModel>;

/// An order, step by step, for whoever draws it.
struct ScriptOrder {
  struct Taken {
    ScriptStep step;
    ScriptWho who;
    std::string word;  // its letter, with marks
    std::vector<ScriptModel::Happened> happened;
    double chance = 0;  // of a violation from there on
  };
  std::vector<std::uint32_t> issued;  // operations of each client
  std::uint32_t clients = 0;
  std::uint32_t operations = 0;
  std::uint32_t faults = 0;
  std::uint32_t switches = 0;
  double chance = 0;  // at the start
  std::vector<Taken> steps;
  ScriptOutcome outcome;
  Circle circle;                        // of what depended on what; no name: there is none
  std::vector<std::size_t> done_twice;  // operations of which several executions were committed

  [[nodiscard]] std::string word() const;
};

struct ScriptNearMiss {
  NearMiss kind = NearMiss::wait;
  OrderCount orders;
};

struct ScriptExploration {
  Verdict verdict = Verdict::holds;
  OrderGraph::Stopped stopped = OrderGraph::Stopped::no;
  std::vector<ScriptOutcome> outcomes;
  Odds odds;
  OrderCount orders_answers_only;  // of those that violate: the contents are explained
  OrderCount orders_failing;       // in which somebody was told failed or unknown
  std::optional<Odds> odds_without_faults;
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint64_t bytes = 0;
  std::optional<ScriptOrder> counterexample;
  std::vector<ScriptNearMiss> near_misses;  // of what holds

  [[nodiscard]] bool complete() const { return stopped == OrderGraph::Stopped::no; }
};

/// One order by its word, drawn. What is unfinished behind the word runs to its end, client by client.
struct FollowedScriptOrder {
  std::optional<ScriptOrder> order;
  std::string problem;  // a sentence: at which letter, and what could come there
};
FollowedScriptOrder follow_order(const ScriptSetup& setup, const std::string& word,
                                 const Limits& limits);

/// Why it cannot be explored; empty when it can.
std::string problem_with_exploring(const ScriptSetup& setup);

ScriptExploration explore(const ScriptSetup& setup, const ExploreOptions& options);

}  // namespace racelab
