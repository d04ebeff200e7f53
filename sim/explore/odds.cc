// Two passes: from the root to the ends, how many orders reach each state; from the ends to the root, how likely each is to end
// badly.
#include "sim/explore/odds.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "sim/explore/exact_sum.h"

namespace racelab {

namespace {

// The orders that go on from a node to each outcome, without those that have a near miss of the kind, when one is given; nothing:
// they do not fit into Count.
template <class Count>
std::vector<OrderCount> count_orders(const OrderGraph& graph, OrderGraph::Node from,
                                     std::optional<NearMiss> without) {
  std::vector<Count> reaching(from + std::size_t{1});
  std::vector<Count> ending(graph.violated().size());
  reaching[from] = 1;
  for (OrderGraph::Node node = from; node > OrderGraph::unexplored; --node) {
    bool fits = true;
    const auto next = graph.next(node);
    const auto near_misses = graph.near_misses(node);
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (!without || !near_misses[i].contain(*without)) {
        fits = add(reaching[next[i]], reaching[node]) && fits;
      }
    }
    if (graph.is_end(node)) {
      fits = add(ending[graph.outcome_of(node)], reaching[node]) && fits;
    }
    if (!fits) {
      return {};
    }
  }
  std::vector<OrderCount> counts;
  counts.reserve(ending.size());
  for (const Count& count : ending) {
    counts.push_back(exact(count));
  }
  return counts;
}

std::vector<OrderCount> count_exactly(const OrderGraph& graph, OrderGraph::Node from,
                                      std::optional<NearMiss> without) {
  std::vector<OrderCount> counts = count_orders<WideCount>(graph, from, without);
  return counts.empty() ? count_orders<OrderCount>(graph, from, without) : counts;
}

// By node, the orders from it on; those alone that violate, when asked. Nothing: they do not fit into Count.
template <class Count>
std::vector<Count> count_from_each(const OrderGraph& graph, bool violating_only) {
  std::vector<Count> from(graph.root() + std::size_t{1});
  for (OrderGraph::Node node = OrderGraph::unexplored + 1; node <= graph.root(); ++node) {
    if (graph.is_end(node)) {
      const bool counts = !violating_only || graph.violated()[graph.outcome_of(node)];
      from[node] = counts ? 1 : 0;
    }
    for (const OrderGraph::Node next : graph.next(node)) {
      if (!add(from[node], from[next])) {
        return {};
      }
    }
  }
  return from;
}

// The mean over the alternatives, from the ends on; `unexplored` as given. Sums of doubles round, so what is certain is kept
// apart from what is merely likely.
std::vector<double> chances(const OrderGraph& graph, double unexplored) {
  std::vector<double> chance(graph.root() + std::size_t{1});
  chance[OrderGraph::unexplored] = unexplored;
  for (OrderGraph::Node node = OrderGraph::unexplored + 1; node <= graph.root(); ++node) {
    if (graph.is_end(node)) {
      chance[node] = graph.violated()[graph.outcome_of(node)] ? 1 : 0;
      continue;
    }
    const auto next = graph.next(node);
    double sum = 0;
    bool certain = true;
    for (const OrderGraph::Node child : next) {
      sum += chance[child];
      certain = certain && chance[child] == 1;
    }
    chance[node] = certain ? 1 : std::min(sum / static_cast<double>(next.size()), almost_certain);
  }
  return chance;
}

}  // namespace

Odds odds_of(const OrderGraph& graph) {
  Odds odds;
  odds.by_outcome = count_exactly(graph, graph.root(), std::nullopt);
  for (std::size_t i = 0; i < odds.by_outcome.size(); ++i) {
    odds.orders += odds.by_outcome[i];
    if (graph.violated()[i]) {
      odds.orders_violating += odds.by_outcome[i];
    }
  }
  odds.scheduler_low = chances(graph, 0)[graph.root()];
  odds.scheduler_high = graph.complete() ? odds.scheduler_low : chances(graph, 1)[graph.root()];
  return odds;
}

std::array<OrderCount, near_miss_kinds> orders_with_near_misses(const OrderGraph& graph) {
  const auto all = [&graph](std::optional<NearMiss> without) {
    const std::vector<OrderCount> ending = count_exactly(graph, graph.root(), without);
    return std::accumulate(ending.begin(), ending.end(), OrderCount{});
  };
  std::array<OrderCount, near_miss_kinds> with;
  for (std::size_t kind = 0; kind < near_miss_kinds; ++kind) {
    with[kind] = all(std::nullopt) - all(static_cast<NearMiss>(kind));
  }
  return with;
}

std::vector<double> violation_chances(const OrderGraph& graph) { return chances(graph, 0); }

std::vector<OrderCount> orders_by_outcome(const OrderGraph& graph, OrderGraph::Node from) {
  return count_exactly(graph, from, std::nullopt);
}

OrdersOn::OrdersOn(const OrderGraph& graph) {
  const auto fill = [&graph](Counts& counts, bool violating_only) {
    for (const WideCount count : count_from_each<WideCount>(graph, violating_only)) {
      counts.small.push_back({.high = static_cast<std::uint64_t>(count >> 64U),
                              .low = static_cast<std::uint64_t>(count)});
    }
    if (counts.small.empty()) {
      counts.large = count_from_each<OrderCount>(graph, violating_only);
    }
  };
  fill(all_, false);
  fill(violating_, true);
}

}  // namespace racelab
