// Every order of one experiment: a verdict that is a proof, exact odds, every outcome, the smallest counterexample.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/counterexample.h"
#include "sim/explore/odds.h"
#include "sim/explore/odometer.h"
#include "sim/scenario/run.h"

namespace racelab {

/// What a strategy was saved from, in how many orders, and the smallest of them.
struct NearMissOrders {
  NearMiss kind = NearMiss::wait;
  OrderCount orders;
  std::optional<WalkedOrder> smallest;
};

/// How the orders of one part end, when its outcomes together with those of the others are too many to be listed.
struct PartEndings {
  std::vector<std::uint32_t> clients;
  std::vector<Outcome> outcomes;   // sorted
  std::vector<OrderCount> orders;  // of the part alone, by outcome
};

struct Exploration {
  Verdict verdict = Verdict::holds;
  StateGraph::Stopped stopped = StateGraph::Stopped::no;  // no: every order was followed
  std::vector<Outcome> outcomes;                          // sorted; none: told part by part
  std::vector<PartEndings> by_part;                       // of several parts, when they are
  Odds odds;
  std::optional<Odds> odds_without_faults;  // when there are faults to strike
  std::size_t parts = 1;                    // that cannot touch each other, explored apart
  std::uint64_t states = 0;  // of all parts; 0: no states, every order was run by itself
  std::uint64_t transitions = 0;
  std::uint64_t bytes = 0;  // that the graphs took
  std::optional<WalkedOrder> counterexample;
  std::vector<NearMissOrders> near_misses;  // of a strategy that holds

  [[nodiscard]] bool complete() const { return stopped == StateGraph::Stopped::no; }
  /// The outcomes, or those of each part.
  [[nodiscard]] std::vector<Outcome> every_outcome() const;
};

struct ExploreOptions {
  Limits limits;
  bool symmetry = true;
  bool apart = true;     // parts that cannot touch each other are explored apart
  bool examples = true;  // look for the smallest counterexample or, when it holds, near misses
};

/// Why an experiment cannot be explored; empty when it can.
std::string problem_with_exploring(const Settings& settings, const Fleet& fleet);
/// Of that, what makes sense in timed runs alone: budgets, breakers, spikes, workers, fail-call.
std::string problem_with_timed_settings(const Settings& settings);

Exploration explore(const Settings& settings, const Fleet& fleet, const ExploreOptions& options);

/// The same from running every order by itself (odometer.h), without examples: slow, and as plain as can be.
Exploration explore_by_orders(const Settings& settings, const Fleet& fleet,
                              const OrderLimits& limits);

/// The same order in a real world, with every event kept. `issued`: operations of each client, empty for all.
RunResult replay(const Settings& settings, const Fleet& fleet,
                 const std::vector<std::uint32_t>& issued, const std::vector<Move>& moves);

}  // namespace racelab
