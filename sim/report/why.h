// The reason in plain words: what went wrong with the operation that was hurt first. Every clause comes from a recorded
// event; where an event is missing, so is the clause.
#pragma once

#include <string>

#include "sim/report/report.h"

namespace racelab {

/// The headline's sentence: "1 lost update: A was told ok, and its +1 is gone".
std::string headline(const RunReport& report);

/// The reason; empty when nothing went wrong.
std::string why(const RunReport& report);

}  // namespace racelab
