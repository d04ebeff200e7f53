// Several databases at once: racelab explore SCENARIO --on postgresql --on sqlite.
#pragma once

#include "sim/cli/commands.h"
#include "sim/cli/script_commands.h"

namespace racelab {

/// Every strategy that the arguments name on every database that they name; "store" is the simulated one. Throws UsageError.
CommandResult explore_on_several(const LoadedScripts& scripts, const Arguments& arguments,
                                 const Environment& environment);

}  // namespace racelab
