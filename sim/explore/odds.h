// Sums over every order, read off the graph of states: how many orders end how, and how likely a violation is.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/explore/graph.h"
#include "sim/explore/order_count.h"

namespace racelab {

struct Odds {
  OrderCount orders;  // those that were followed to their end
  OrderCount orders_violating;
  std::vector<OrderCount> by_outcome;  // like the graph's outcomes
  /// The chance of a violation when at each point every alternative is as likely as the others; exactly 0 or 1 only when no or every
  /// order violates. What is unexplored may go either way: at least `low`, at most `high`; the same when nothing is.
  double scheduler_low = 0;
  double scheduler_high = 0;

  [[nodiscard]] double uniform_orders() const { return ratio(orders_violating, orders); }
};

Odds odds_of(const OrderGraph& graph);

/// How many of the orders that were followed to their end have at least one near miss, by kind.
std::array<OrderCount, near_miss_kinds> orders_with_near_misses(const OrderGraph& graph);

/// The chance of a violation from each node on, by node; exactly 1 when the node is doomed. Unexplored counts as no violation.
std::vector<double> violation_chances(const OrderGraph& graph);

}  // namespace racelab
