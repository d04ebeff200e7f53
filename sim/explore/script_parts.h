// Clients of endpoints in SQL that cannot meet, explored apart and put together again (combine.h says how the numbers go).
//
// At first every client is a part of its own, but for those that a check over the tables they write joins, and all of them where time
// passes. Each part is walked, and what its clients touch is kept (script_reach.h says who meets); parts that meet are walked again as
// one, from the start, until none do.
//
// The rule that an operation answered before another was issued stands before it joins no parts, though it speaks of both: each
// operation lies in one part, and if every part has a sequence that explains it and keeps to that rule, so has the whole. (Real time
// orders operations like intervals: a circle of "stands before", through several parts, would need an operation that was answered
// before one issued earlier. Strict serializability of parts is that of the whole, as linearizability is local: Herlihy and Wing,
// "Linearizability: A Correctness Condition for Concurrent Objects", TOPLAS 1990, theorem 1.)
#pragma once

#include <vector>

#include "sim/explore/script_explore.h"

namespace racelab {

struct ScriptExplored {
  /// Without a counterexample.
  ScriptExploration exploration;
  std::vector<std::vector<std::uint32_t>> parts;  // the clients of each
  std::vector<bool> violating;                    // by part: some order of it violates
};

ScriptExplored explore_in_parts(const ScriptSetup& setup, const ExploreOptions& options);

}  // namespace racelab
