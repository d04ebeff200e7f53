// What would have to be another strategy, protection or isolation level for no order to go wrong: the smallest changes that
// exploration itself finds to hold, each shown in the same order.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/explore/counterexample.h"
#include "sim/explore/same_order.h"

namespace racelab {

/// Another fleet or isolation level that holds in every order of the same experiment, and the same order under it.
struct OrderFix {
  Settings settings;
  Fleet fleet;
  SameOrder order;
};

struct OrderFixes {
  std::vector<OrderFix> fixes;
  std::size_t unexplored = 0;  // candidates that the limits did not allow to be decided
};

/// The smallest changes that hold: of strategy, protection or isolation level one; where no such change does, two; then all.
OrderFixes find_order_fixes(const Settings& settings, const Fleet& fleet, const WalkedOrder& order,
                            const Limits& limits);

}  // namespace racelab
