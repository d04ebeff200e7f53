// By trying, the shortest first.
#include "sim/explore/order_swap.h"

#include <algorithm>

namespace racelab {

std::optional<Swap> find_swap(const Settings& settings, const Fleet& fleet,
                              const WalkedOrder& order) {
  constexpr std::size_t moves_max = 100;  // what is longer teaches nothing by a swap
  const std::size_t size = order.moves.size();
  if (size > moves_max) {
    return std::nullopt;
  }
  const auto one_handler = [&](std::size_t begin, std::size_t end) {
    return std::all_of(
        order.moves.begin() + static_cast<std::ptrdiff_t>(begin),
        order.moves.begin() + static_cast<std::ptrdiff_t>(end),
        [&](const Move& move) { return move.who == order.moves[begin].who && move.issues; });
  };
  for (std::size_t length = 2; length <= size; ++length) {
    for (std::size_t first = 0; first + length <= size; ++first) {
      for (std::size_t second = first + 1; second < first + length; ++second) {
        const std::size_t end = first + length;
        if (order.moves[first].who == order.moves[second].who || !one_handler(first, second) ||
            !one_handler(second, end)) {
          continue;
        }
        std::vector<Move> swapped = order.moves;
        std::rotate(swapped.begin() + static_cast<std::ptrdiff_t>(first),
                    swapped.begin() + static_cast<std::ptrdiff_t>(second),
                    swapped.begin() + static_cast<std::ptrdiff_t>(end));
        SameOrder tried = same_order(settings, fleet, order.issued, swapped, size + 1);
        if (tried.exactly() && !tried.outcome.violated()) {
          return Swap{first, second, end, std::move(tried)};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace racelab
