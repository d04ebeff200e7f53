// Every order of endpoints in SQL: a verdict that is a proof, exact odds, every outcome, the smallest counterexample.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/explore.h"
#include "sim/explore/script_order.h"

namespace racelab {

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
  /// On a server: orders that end a session by a deadlock, where it cannot be told whom to end.
  std::uint64_t not_taken = 0;
  std::optional<ScriptOrder> counterexample;
  std::vector<ScriptNearMiss> near_misses;  // of what holds
  /// By file and line: what of a statement hangs on an order of rows that SQL does not promise, in words.
  std::map<std::pair<std::string, std::uint32_t>, std::string_view> open_orders;

  [[nodiscard]] bool complete() const {
    return stopped == OrderGraph::Stopped::no && not_taken == 0;
  }
};

/// Why it cannot be explored; empty when it can.
std::string problem_with_exploring(const ScriptSetup& setup);

ScriptExploration explore(const ScriptSetup& setup, const ExploreOptions& options);

/// Of outcomes and odds that are known: in how many orders only answers are wrong, in how many somebody was told failed or unknown.
void count_what_was_told(ScriptExploration& made);
/// Whether anything was done in any order.
bool any_done(const ScriptExploration& made);

}  // namespace racelab
