// The reason in plain words: what went wrong with the operation that ended first, of those that were hurt. Every clause comes from a recorded
// event; where an event is missing, so is the clause.
#pragma once

#include <functional>
#include <string>

#include "sim/report/report.h"

namespace racelab {

/// The headline's sentence: "1 lost update: A was told ok, and its +1 is gone".
std::string headline(const ExperimentRun& report);

/// How to say when something was, after "at": "2.3 ms", "step 3".
using TimeWords = std::function<std::string(Instant)>;

/// The reason; empty when nothing went wrong.
std::string why(const ExperimentRun& report, const TimeWords& time = nullptr);

/// What the scenario's own rule is, and how it is broken.
std::string broken_invariant(const ExperimentRun& report);

}  // namespace racelab
