// Generators whose numbers nobody looks at: who draws first shows in nothing but the numbers, and two who draw do not meet.
#pragma once

#include <cstdint>
#include <set>

#include "sim/scenario/script_setup.h"

namespace racelab {

/// Those that only fill columns by DEFAULT which no statement of an endpoint names, no constraint is about and nothing refers to; by
/// their place among the schema's sequences.
std::set<std::int64_t> unread_generators(const ScriptSetup& setup);

}  // namespace racelab
