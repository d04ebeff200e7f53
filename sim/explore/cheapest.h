// Shortest paths, backwards from the ends: what remains to be paid from a state on depends on whose step led there, because
// going on with another handler costs a switch.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "sim/explore/graph.h"

namespace racelab {

/// What an order costs: the fewest faults, then the fewest switches between handlers, then the fewest steps.
struct Price {
  std::uint32_t faults = UINT32_MAX;
  std::uint32_t switches = 0;
  std::uint32_t steps = 0;
  friend constexpr auto operator<=>(const Price&, const Price&) = default;
};
inline constexpr Price impossible{};

template <class World>
class Cheapest {
 public:
  /// The ways to a violating end or, given one, to whatever end by a near miss.
  Cheapest(const GraphOf<World>& graph, std::optional<NearMiss> by)
      : graph_(graph), by_(by), first_(graph.root() + std::size_t{2}) {
    if (by_) {
      after_ = std::make_unique<const Cheapest>(graph);
    }
    find();
  }
  /// To whatever end.
  explicit Cheapest(const GraphOf<World>& graph)
      : graph_(graph), any_end_(true), first_(graph.root() + std::size_t{2}) {
    find();
  }

  /// How to go on after an alternative has been taken.
  [[nodiscard]] const Cheapest& after(OrderGraph::Node node, std::size_t edge) const {
    return by_ && graph_.near_misses(node)[edge].contain(*by_) ? *after_ : *this;
  }

  /// What the way from a node to such an end costs, the step before having been somebody's.
  [[nodiscard]] Price from(OrderGraph::Node node,
                           const std::optional<typename World::Who>& last) const {
    if (node == OrderGraph::unexplored) {
      return impossible;
    }
    if (graph_.is_end(node)) {
      const bool wanted = any_end_ || (!by_ && graph_.violated()[graph_.outcome_of(node)]);
      return wanted ? Price{0, 0, 0} : impossible;
    }
    Price best = impossible;
    for (std::size_t i = 0; i < graph_.next(node).size(); ++i) {
      best = std::min(best, with_switch(node, i, last));
    }
    return best;
  }

  /// The alternatives that are cheapest.
  [[nodiscard]] std::vector<std::size_t> cheapest_edges(
      OrderGraph::Node node, const std::optional<typename World::Who>& last) const {
    const Price best = from(node, last);
    std::vector<std::size_t> edges;
    for (std::size_t i = 0; i < graph_.next(node).size(); ++i) {
      if (with_switch(node, i, last) == best) {
        edges.push_back(i);
      }
    }
    return edges;
  }

 private:
  void find() {
    for (OrderGraph::Node node = 1; node <= graph_.root(); ++node) {
      first_[node] = prices_.size();
      const auto next = graph_.next(node);
      const auto labels = graph_.labels(node);
      for (std::size_t i = 0; i < next.size(); ++i) {
        Price price = after(node, i).from(next[i], labels[i].who);
        if (price != impossible) {
          price.faults += labels[i].step.faults();
          ++price.steps;
        }
        prices_.push_back(price);
      }
    }
    first_[graph_.root() + std::size_t{1}] = prices_.size();
  }

  [[nodiscard]] Price with_switch(OrderGraph::Node node, std::size_t edge,
                                  const std::optional<typename World::Who>& last) const {
    Price price = prices_[first_[node] + edge];
    if (price != impossible && last && graph_.labels(node)[edge].who != *last) {
      ++price.switches;
    }
    return price;
  }

  const GraphOf<World>& graph_;
  std::optional<NearMiss> by_;
  bool any_end_ = false;
  std::vector<std::size_t> first_;         // by node
  std::vector<Price> prices_;              // of each alternative, the switch to it apart
  std::unique_ptr<const Cheapest> after_;  // once the near miss has been met
};

}  // namespace racelab
