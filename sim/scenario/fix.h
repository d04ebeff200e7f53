// What would have held: another fleet for a run that was violated, found by its derived verdict and then tried.
#pragma once

#include <cstdint>
#include <string>

#include "sim/scenario/registry.h"
#include "sim/scenario/settings.h"

namespace racelab {

/// The hazards of a scenario, and those that its faults and the ways of its clients make.
Hazards hazards_at_work(const Settings& settings);

/// The name of the first combination that withstands all the hazards of the settings and really holds under the same seed:
/// what a part of a mixed fleet runs already, then each strategy alone, then each with one protection; of each, the fleet's
/// own strategies first. Empty when none does. A candidate that takes ten times as long as the run itself (`happenings`) is
/// no fix, and after a very long run none is tried.
std::string find_fix(const Settings& settings, const Fleet& fleet, std::uint64_t seed,
                     std::uint64_t happenings);

}  // namespace racelab
