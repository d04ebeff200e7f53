// What would have to be another strategy of the scenario, or a stricter isolation level, for no order of endpoints in SQL to go
// wrong: the smallest changes that exploration finds to hold, each shown in the same order.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/cli/script_token.h"

namespace racelab {

struct ScriptFixes {
  std::vector<ScriptSameReport> fixes;
  std::size_t unexplored = 0;  // candidates that the limits did not allow to be decided
};

/// A change is another endpoint in place of one, wherever it stands in the fleet, or another level. Those with the fewest
/// changes that hold.
ScriptFixes find_fixes(const LoadedScripts& scripts, const ScriptOrderReport& order,
                       const Limits& limits);

}  // namespace racelab
