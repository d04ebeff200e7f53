// The graphs of parts that cannot touch each other, walked one after another within common limits, and what they say of the whole.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sim/explore/combine.h"

namespace racelab {

template <class World>
class PartGraphs {
 public:
  using Outcome = typename World::Outcome;

  /// `parts`: how many there will be; of a single one this is its graph. The limits must outlive this.
  PartGraphs(const Limits& limits, const FaultBudget& budget, std::size_t parts)
      : limits_(limits), budget_(budget), several_(parts > 1) {}

  /// Walks the next part, from where its model stands.
  void walk(World& model, bool symmetry) {
    const bool shared = several_ && budget_.is_shared();
    graphs_.push_back(
        std::make_unique<const GraphOf<World>>(model, what_is_left(), symmetry, shared));
    const GraphOf<World>& graph = *graphs_.back();
    states_ += graph.root();  // numbered from 1
    transitions_ += graph.transitions();
    bytes_ += graph.bytes();
    stopped_ = stopped_ == OrderGraph::Stopped::no ? graph.stopped() : stopped_;
    if (several_) {
      parts_.push_back(orders_of_part(graph, shared));
    }
  }

  [[nodiscard]] const GraphOf<World>& graph(std::size_t part) const { return *graphs_[part]; }
  [[nodiscard]] std::size_t size() const { return graphs_.size(); }
  [[nodiscard]] const std::vector<PartOrders>& orders() const { return parts_; }
  [[nodiscard]] const FaultBudget& budget() const { return budget_; }

  [[nodiscard]] OrderGraph::Stopped stopped() const { return stopped_; }
  [[nodiscard]] std::uint64_t states() const { return states_; }
  [[nodiscard]] std::uint64_t transitions() const { return transitions_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  /// Whether the orders of several parts may be longer, one part after another, than an order of the whole can be.
  [[nodiscard]] bool too_long() const {
    return several_ &&
           (stopped_ == OrderGraph::Stopped::steps || longest_order(parts_) >= limits_.steps);
  }

  /// By part: whether some order of it violates.
  [[nodiscard]] std::vector<bool> violating() const {
    std::vector<bool> all;
    for (const auto& graph : graphs_) {
      const std::vector<bool>& violated = graph->violated();
      all.push_back(std::find(violated.begin(), violated.end(), true) != violated.end());
    }
    return all;
  }

  /// Of several parts without `by_outcome`.
  [[nodiscard]] Odds odds() const {
    return several_ ? odds_together(parts_, budget_, places_max) : odds_of(*graphs_.front());
  }

  [[nodiscard]] std::array<OrderCount, near_miss_kinds> near_misses() const {
    return several_ ? near_misses_together(parts_, budget_)
                    : orders_with_near_misses(*graphs_.front());
  }

  /// At most so many outcomes of the whole are listed, else those of each part.
  static constexpr std::size_t outcomes_max = 4096;

 private:
  static constexpr std::size_t places_max = 4'000'000;  // of parts side by side, for the chance

  [[nodiscard]] Limits what_is_left() const {
    Limits left = limits_;
    left.states -= std::min(left.states, states_);
    left.bytes -= std::min(left.bytes, bytes_);
    if (limits_.go_on) {
      left.go_on = [this](std::uint64_t states, std::uint64_t transitions) {
        return limits_.go_on(states_ + states, transitions_ + transitions);
      };
    }
    return left;
  }

  const Limits& limits_;
  FaultBudget budget_;
  bool several_;
  std::vector<std::unique_ptr<const GraphOf<World>>> graphs_;
  std::vector<PartOrders> parts_;
  OrderGraph::Stopped stopped_ = OrderGraph::Stopped::no;
  std::uint64_t states_ = 0;
  std::uint64_t transitions_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace racelab
