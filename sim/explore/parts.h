// Clients of strategies that cannot meet, explored apart and put together again (combine.h says how the numbers go).
//
// Clients belong together when their changes name a row in common, when one of them writes or locks what another reads or writes, and
// when the scenario has a rule over its rows. What a handler touches is what its statements name: parts are first made of what the
// changes name, and where handlers are found to reach further, the parts that meet are explored again as one.
//
// Two operations of different parts may stand one before the other in time. That joins nothing: each is judged by the rows it changes,
// which are all of one part.
#pragma once

#include <vector>

#include "sim/explore/explore.h"
#include "sim/explore/partition.h"

namespace racelab {

struct Explored {
  /// Without a counterexample, and near misses without their smallest.
  Exploration exploration;
  std::vector<std::vector<std::uint32_t>> parts;  // the clients of each
  std::vector<bool> violating;                    // by part: some order of it violates
};

/// Leaves `setup` as it was given.
Explored explore_in_parts(Setup& setup, const ExploreOptions& options);

}  // namespace racelab
