// Verdict and outcomes without numbers of orders: of orders that differ only by steps that cannot meet, one is followed.
//
// Every state that is met is left by enough of its alternatives only (World::keep_enough), so every outcome of the whole graph
// is still found, and nothing else: docs/reduction.md says why. No edges are kept.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/explore/graph.h"

namespace racelab {

/// The outcomes of a model: Model, or another with the members that GraphOf needs and keep_enough(), refine_touches().
template <class World>
class ReducedOutcomes {
 public:
  enum class Until : std::uint8_t { all_outcomes, first_violation };

  /// Explores from the model's present state.
  ReducedOutcomes(World& model, const Limits& limits, bool symmetry, Until until);

  /// Sorted; all of them, unless it ended early.
  [[nodiscard]] const std::vector<typename World::Outcome>& outcomes() const { return outcomes_; }
  [[nodiscard]] bool violated() const { return violated_; }
  /// Why not all were found; after a first violation that was looked for, none is missed.
  [[nodiscard]] OrderGraph::Stopped stopped() const { return stopped_; }
  [[nodiscard]] bool complete() const { return stopped_ == OrderGraph::Stopped::no; }
  [[nodiscard]] std::uint64_t states() const { return states_; }
  [[nodiscard]] std::uint64_t transitions() const { return transitions_; }
  /// That the search took at most.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  ReducedOutcomes() = default;
  class Search;
  std::vector<typename World::Outcome> outcomes_;
  bool violated_ = false;
  OrderGraph::Stopped stopped_ = OrderGraph::Stopped::no;
  std::uint64_t states_ = 0;
  std::uint64_t transitions_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace racelab
