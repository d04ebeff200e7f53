// Sums over orders: in two machine words for as long as they fit, then as large as it takes; and chances, which round.
#pragma once

#include <cstdint>

#include "sim/explore/order_count.h"

namespace racelab {

__extension__ using WideCount = unsigned __int128;

/// Adds; false: it does not fit.
inline bool add(WideCount& sum, const WideCount& part) {
  sum += part;
  return sum >= part;
}
inline bool add(OrderCount& sum, const OrderCount& part) {
  sum += part;
  return true;
}

inline const OrderCount& exact(const OrderCount& count) { return count; }
inline OrderCount exact(WideCount count) {
  return OrderCount(
      {.high = static_cast<std::uint64_t>(count >> 64U), .low = static_cast<std::uint64_t>(count)});
}

/// The double before 1: what is likely beyond what a double can tell, and still not certain.
constexpr double almost_certain = 1 - 0x1p-53;

}  // namespace racelab
