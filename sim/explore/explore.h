// Every order of one experiment: a verdict that is a proof, exact odds, every outcome, the smallest counterexample.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/counterexample.h"
#include "sim/explore/odds.h"
#include "sim/scenario/run.h"

namespace racelab {

struct Exploration {
  Verdict verdict = Verdict::holds;
  StateGraph::Stopped stopped = StateGraph::Stopped::no;  // no: every order was followed
  std::vector<Outcome> outcomes;                          // sorted
  Odds odds;
  std::optional<Odds> odds_without_faults;  // when there are faults to strike
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint64_t bytes = 0;  // that the graph took
  std::optional<Counterexample> counterexample;

  [[nodiscard]] bool complete() const { return stopped == StateGraph::Stopped::no; }
};

struct ExploreOptions {
  Limits limits;
  bool symmetry = true;
  bool counterexample = true;  // look for the smallest one
};

/// Why an experiment cannot be explored; empty when it can.
std::string problem_with_exploring(const Settings& settings, const Fleet& fleet);

Exploration explore(const Settings& settings, const Fleet& fleet, const ExploreOptions& options);

/// The same order in a real world, with every event kept. `issued`: operations of each client, empty for all.
RunResult replay(const Settings& settings, const Fleet& fleet,
                 const std::vector<std::uint32_t>& issued, const std::vector<Move>& moves);

}  // namespace racelab
