// The same order of endpoints in SQL elsewhere: under another strategy, at another isolation level, or with two of its pieces
// changed round. same_order.h says what "the same" means; where the store is free, the way that was taken is taken again if it
// is there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/explore/order_swap.h"
#include "sim/explore/script_order.h"

namespace racelab {

using ScriptSameOrder = SameOrderOf<ScriptModel>;

/// `issued`: operations of each client of the order; one that has fewer here issues those.
ScriptSameOrder same_order(const ScriptSetup& setup, OneAtATime& rule,
                           const std::vector<std::uint32_t>& issued,
                           const std::vector<ScriptMove>& order, std::uint64_t steps_max);

/// Whether no request of a client is under way and no handler of it is there; or no time is left to pass.
bool nothing_left(const ScriptModel& model, std::uint32_t client);

using ScriptSwap = SwapOf<ScriptModel>;

/// The shortest swap after which all is right; nothing when none helps. A client may finish sooner in it.
std::optional<ScriptSwap> find_swap(const ScriptSetup& setup, OneAtATime& rule,
                                    const ScriptOrder& order);

}  // namespace racelab
