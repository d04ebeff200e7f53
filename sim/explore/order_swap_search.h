// By trying, the shortest first. Included where a world's find_swap() is defined.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "sim/explore/order_swap.h"

namespace racelab {

/// `right(moves)` runs the moves, in their new sequence, as the same order; nothing when it is another one, or ends no better.
template <class World, class Right>
std::optional<SwapOf<World>> shortest_swap(const std::vector<MoveOf<World>>& moves, Right right) {
  constexpr std::size_t moves_max = 100;  // what is longer teaches nothing by a swap
  const std::size_t size = moves.size();
  if (size > moves_max) {
    return std::nullopt;
  }
  const auto at = [](auto& all, std::size_t place) {
    return all.begin() + static_cast<std::ptrdiff_t>(place);
  };
  const auto one_handler = [&](std::size_t begin, std::size_t end) {
    return std::all_of(at(moves, begin), at(moves, end), [&](const MoveOf<World>& move) {
      return move.who == moves[begin].who && move.issues;
    });
  };
  for (std::size_t length = 2; length <= size; ++length) {
    for (std::size_t first = 0; first + length <= size; ++first) {
      for (std::size_t second = first + 1; second < first + length; ++second) {
        const std::size_t end = first + length;
        if (moves[first].who == moves[second].who || !one_handler(first, second) ||
            !one_handler(second, end)) {
          continue;
        }
        std::vector<MoveOf<World>> swapped = moves;
        std::rotate(at(swapped, first), at(swapped, second), at(swapped, end));
        if (std::optional<SameOrderOf<World>> found = right(swapped)) {
          return SwapOf<World>{first, second, end, std::move(*found)};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace racelab
