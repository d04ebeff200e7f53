// What a run and an exploration are judged by, in one place: the scenario's own rule, and the verdict.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/scenario/checked_workload.h"
#include "sim/scenario/run.h"

namespace racelab {

/// Whether the rows, at rest, break the scenario's own rule.
inline bool breaks_invariant(const Setup& setup, const std::vector<std::int64_t>& final) {
  return setup.entry->keeps_invariant != nullptr &&
         !keeps_invariant(*setup.entry, setup.world.initial_values, final);
}

/// What was found.
struct Findings {
  bool violated = false;
  bool complete = true;  // false: a limit was reached
};

/// A violation that was found counts, whatever was not looked at.
constexpr Verdict verdict_of(const Findings& found) {
  return found.violated ? Verdict::violated : found.complete ? Verdict::holds : Verdict::gave_up;
}

}  // namespace racelab
