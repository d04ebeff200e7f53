// How the operations of endpoints in SQL end one at a time: each client's in their order, every way to put the clients in turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/explore/script_order.h"

namespace racelab {

struct SerialEnding {
  std::vector<std::size_t> operations;  // by their places among all
  ScriptOutcome outcome;
};

/// Without faults, from the start; none when there are more ways than `ways_max`.
std::vector<SerialEnding> serial_endings(const ScriptSetup& setup, OneAtATime& rule,
                                         const std::vector<std::uint32_t>& issued,
                                         std::size_t ways_max);

}  // namespace racelab
