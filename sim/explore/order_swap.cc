// The search is that of every world.
#include "sim/explore/order_swap.h"

#include "sim/explore/order_swap_search.h"

namespace racelab {

std::optional<Swap> find_swap(const Settings& settings, const Fleet& fleet,
                              const WalkedOrder& order) {
  return shortest_swap<Model>(order.moves, [&](const std::vector<Move>& moves) {
    SameOrder tried = same_order(settings, fleet, order.issued, moves, moves.size() + 1);
    const bool right = tried.exactly() && !tried.outcome.violated();
    return right ? std::optional(std::move(tried)) : std::nullopt;
  });
}

}  // namespace racelab
