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
  /// False: parts that share a budget of faults are too many to say, and the two above only bound it.
  bool scheduler_known = true;

  [[nodiscard]] double uniform_orders() const { return ratio(orders_violating, orders); }
};

Odds odds_of(const OrderGraph& graph);

/// How many of the orders that were followed to their end have at least one near miss, by kind.
std::array<OrderCount, near_miss_kinds> orders_with_near_misses(const OrderGraph& graph);

/// The chance of a violation from each node on, by node; exactly 1 when the node is doomed. Unexplored counts as no violation.
std::vector<double> violation_chances(const OrderGraph& graph);

/// How many orders go on from a node to each outcome, like the graph's outcomes.
std::vector<OrderCount> orders_by_outcome(const OrderGraph& graph, OrderGraph::Node from);

/// How many orders go on from each node of a graph, and how many of them violate.
class OrdersOn {
 public:
  explicit OrdersOn(const OrderGraph& graph);
  [[nodiscard]] OrderCount all(OrderGraph::Node node) const { return count(all_, node); }
  [[nodiscard]] OrderCount violating(OrderGraph::Node node) const {
    return count(violating_, node);
  }

 private:
  // By node: in two words, or, when there are more than those can count, as they are.
  struct Counts {
    std::vector<OrderCount::Halves> small;
    std::vector<OrderCount> large;
  };
  static OrderCount count(const Counts& counts, OrderGraph::Node node) {
    return counts.large.empty() ? OrderCount(counts.small[node]) : counts.large[node];
  }
  Counts all_;
  Counts violating_;
};

}  // namespace racelab
