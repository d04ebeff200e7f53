// What of an experiment needs no number of orders: the verdict, every outcome, the smallest counterexample. Of orders that differ only
// by steps that cannot meet, one is followed (reduction.h).
#pragma once

#include <optional>

#include "sim/explore/explore.h"

namespace racelab {

/// The verdict, the outcomes and, if wanted, the counterexample of explore(); no odds and no near misses. The order is the same
/// smallest one, without its chances.
Exploration explore_without_odds(const Settings& settings, const Fleet& fleet,
                                 const ExploreOptions& options);

/// The verdict alone, which the first violation settles; with it how many states that took.
struct QuickVerdict {
  Verdict verdict = Verdict::holds;
  std::uint64_t states = 0;
};
QuickVerdict quick_verdict(const Settings& settings, const Fleet& fleet, const Limits& limits);

}  // namespace racelab
