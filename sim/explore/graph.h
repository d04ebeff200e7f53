// The graph of states: every state that some order reaches, once, with an edge for each alternative. It has no cycles, because
// what processes have observed only grows; so sums over all orders are sums over the graph.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "sim/explore/model.h"

namespace racelab {

/// Where exploration stops at the latest.
struct Limits {
  std::uint64_t states = 20'000'000;
  std::uint64_t steps = 10'000;  // of one order
  std::uint64_t bytes =
      UINT64_MAX;  // that the graph takes; looked at every few thousand transitions
  /// Asked every few thousand transitions, with how many states and transitions there are; false: stop.
  std::function<bool(std::uint64_t states, std::uint64_t transitions)> go_on;
};

/// What can be read off a graph without knowing what its states and steps are.
class OrderGraph {
 public:
  using Node = std::uint32_t;

  /// What was not explored; a leaf.
  static constexpr Node unexplored = 0;

  /// From 1 on, every node after all those that it leads to; the root is the last one.
  [[nodiscard]] Node root() const { return root_; }
  [[nodiscard]] std::size_t size() const { return first_edge_.size() - 1; }
  [[nodiscard]] std::uint64_t transitions() const { return edges_.size(); }
  /// Whether nothing is unexplored.
  [[nodiscard]] bool complete() const { return complete_; }
  enum class Stopped : std::uint8_t { no, states, steps, executions, memory, asked };
  /// Why not.
  [[nodiscard]] Stopped stopped() const { return stopped_; }

  /// Where the alternatives lead, in their order; none: an end (or unexplored).
  [[nodiscard]] std::span<const Node> next(Node node) const {
    return {edges_.data() + first_edge_[node],
            static_cast<std::size_t>(first_edge_[node + 1] - first_edge_[node])};
  }
  /// Of each of them, what its answers tell of.
  [[nodiscard]] std::span<const NearMisses> near_misses(Node node) const {
    return {near_misses_.data() + first_edge_[node], next(node).size()};
  }
  [[nodiscard]] bool is_end(Node node) const {
    return node != unexplored && first_edge_[node] == first_edge_[node + 1];
  }
  /// Of an end: its place among the outcomes.
  [[nodiscard]] std::uint32_t outcome_of(Node end) const;
  /// By outcome: whether it is a violation.
  [[nodiscard]] const std::vector<bool>& violated() const { return violated_; }
  /// Bytes that the graph took at most.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 protected:
  OrderGraph() = default;
  std::vector<std::uint64_t> first_edge_;  // by node, and one more
  std::vector<Node> edges_;
  std::vector<NearMisses> near_misses_;               // by edge
  std::vector<std::pair<Node, std::uint32_t>> ends_;  // ascending: end, outcome
  std::vector<bool> violated_;
  Node root_ = unexplored;
  bool complete_ = true;
  Stopped stopped_ = Stopped::no;
  std::uint64_t bytes_ = 0;
};

/// The graph of a model: Model, or another with the same members (graph_search.h says which).
template <class World>
class GraphOf : public OrderGraph {
 public:
  /// Explores from the model's present state. With `labels`, every edge keeps its step.
  GraphOf(World& model, const Limits& limits, bool symmetry, bool labels);

  struct Label {
    typename World::Step step;
    typename World::Who who;
  };
  /// The steps of next(), when they were kept.
  [[nodiscard]] std::span<const Label> labels(Node node) const {
    return {labels_.data() + first_edge_[node],
            static_cast<std::size_t>(first_edge_[node + 1] - first_edge_[node])};
  }
  /// Sorted.
  [[nodiscard]] const std::vector<typename World::Outcome>& outcomes() const { return outcomes_; }

 private:
  GraphOf() = default;
  class Search;
  std::vector<Label> labels_;
  std::vector<typename World::Outcome> outcomes_;
};

using StateGraph = GraphOf<Model>;

}  // namespace racelab
