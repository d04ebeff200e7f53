// Derived verdicts against explored ones. A scenario states its hazards, a strategy what it withstands, and neither
// mentions the other: if all hazards are withstood, exploration must find nothing; otherwise each hazard that is not must bite
// by itself. Whoever claims too much is refuted by a counterexample, whoever claims too little by a proof.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/explore/explore.h"

namespace racelab {

/// The settings with one hazard alone: without the faults of the others, and, unless it is the race, with one client.
Settings with_hazard_alone(const Settings& settings, Hazard hazard);

/// One strategy in one scenario.
struct Cell {
  bool applies =
      true;  // false: the change cannot be expressed by the strategy, or the scenario is timed only
  std::string why_not;
  Hazards not_withstood;  // derived: empty means that it holds
  Verdict explored = Verdict::holds;
  OrderCount orders;
  OrderCount orders_violating;
  std::uint64_t states = 0;
  /// How an explored verdict differs from the derived one, at whatever isolation level; empty when none does.
  std::string problem;
  bool gave_up = false;  // only a limit was in the way: nothing differs as far as was seen
};

/// Explores at the scenario's own isolation level, and checks the verdicts at every level.
Cell verify(const Settings& settings, const Combination& combination, const Limits& limits);

/// Every strategy, bare, with each protection, and with each protection under each habit of clients that could undo it; in the
/// order of their names.
std::vector<Combination> every_combination();

}  // namespace racelab
