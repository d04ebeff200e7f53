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

/// How the orders of one part end, when its outcomes together with those of the others are too many to be listed.
struct ScriptPartEndings {
  std::vector<std::uint32_t> clients;
  std::vector<ScriptOutcome> outcomes;
  std::vector<OrderCount> orders;  // of the part alone, by outcome
};

struct ScriptExploration {
  Verdict verdict = Verdict::holds;
  OrderGraph::Stopped stopped = OrderGraph::Stopped::no;
  std::vector<ScriptOutcome> outcomes;     // none: told part by part
  std::vector<ScriptPartEndings> by_part;  // of several parts, when they are
  Odds odds;
  OrderCount orders_answers_only;  // of those that violate: the contents are explained
  OrderCount orders_failing;       // in which somebody was told failed or unknown
  std::optional<Odds> odds_without_faults;
  std::size_t parts = 1;     // that cannot touch each other, explored apart
  std::uint64_t states = 0;  // of all parts
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
  /// The outcomes, or those of each part.
  [[nodiscard]] std::vector<ScriptOutcome> every_outcome() const;
};

/// Why it cannot be explored; empty when it can.
std::string problem_with_exploring(const ScriptSetup& setup);

ScriptExploration explore(const ScriptSetup& setup, const ExploreOptions& options);

/// Of outcomes and odds that are known: in how many orders only answers are wrong, in how many somebody was told failed or unknown.
void count_what_was_told(ScriptExploration& made);
/// Whether anything was done in any order.
bool any_done(const ScriptExploration& made);

}  // namespace racelab
