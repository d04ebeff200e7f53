// Refusals for a key that another has: reads of a kind. Whoever looked, found nothing, and is then told that the key is there, has
// seen two states; but what is wrong with that is the answer.
#pragma once

#include <vector>

#include "sim/check/dependencies.h"

namespace racelab {

/// Whether what was read was met as a key that is taken (23505), and ended the operation that met it.
bool is_refusal(const DependencyEdge& edge, const std::vector<ScriptOperation>& operations);

/// A read skew that only such a refusal makes is called "false refusal".
void name_refusals(const std::vector<ScriptOperation>& operations, Circle& circle);

}  // namespace racelab
