// Two neighbouring pieces of an order that, had they come the other way round, would have done no harm: the race in one sentence.
#pragma once

#include <cstddef>
#include <optional>

#include "sim/explore/counterexample.h"
#include "sim/explore/same_order.h"

namespace racelab {

/// Two neighbouring runs of steps of an order, each by one handler; had they changed places, nothing would have gone wrong.
template <class World>
struct SwapOf {
  std::size_t first = 0;     // the first step of the first run
  std::size_t second = 0;    // … of the second
  std::size_t end = 0;       // after its last
  SameOrderOf<World> order;  // that holds
};

using Swap = SwapOf<Model>;

/// The shortest such swap, two single steps where there is one, found by trying; nothing when none helps.
std::optional<Swap> find_swap(const Settings& settings, const Fleet& fleet,
                              const WalkedOrder& order);

}  // namespace racelab
