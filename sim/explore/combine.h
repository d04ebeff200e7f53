// Parts of a world that cannot touch each other, put together again without walking the whole: an order of the whole is an order
// of each part, and a way to put them in between each other.
//
// So orders of a and of b steps make (a + b)! / (a! b!) orders of the whole; orders are therefore counted by their steps, and by the
// faults that struck them where parts draw on one budget. A step of the whole is as likely as any other that is possible, so a part's
// next step, whenever it is its turn, is chosen as if the part were alone: without a shared budget the parts end independently.
// With one, what a part may still be struck by depends on how far the others are, and the chance is worked out over the parts' states
// side by side, as far as a fault can still strike.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/explore/graph.h"
#include "sim/explore/odds.h"
#include "sim/kernel/fault.h"

namespace racelab {

/// How many faults have struck, by kind.
using Struck = std::array<std::uint16_t, fault_kinds>;

struct FaultBudget {
  std::array<std::uint32_t, fault_kinds> of_kind{};
  std::uint32_t in_all = UINT32_MAX;

  explicit FaultBudget(const FaultPlan& plan);
  /// Whether a fault here can leave none for elsewhere.
  [[nodiscard]] bool is_shared() const;
  [[nodiscard]] bool allows(const Struck& struck) const;
  /// Whether any fault at all can still strike.
  [[nodiscard]] bool is_spent(const Struck& struck) const;
};

/// Orders by what they cost: faults by kind (none are told apart where no budget is shared), and steps.
struct OrderCost {
  Struck struck{};
  std::uint32_t steps = 0;
  friend auto operator<=>(const OrderCost&, const OrderCost&) = default;
};
using OrdersByCost = std::map<OrderCost, OrderCount>;

OrderCount count_of(const OrdersByCost& orders);
/// One order of each, in every way in between each other; without what is beyond the budget.
OrdersByCost together(const OrdersByCost& a, const OrdersByCost& b, const FaultBudget& budget);

/// The graph of one part, which must outlive this.
struct PartOrders {
  const OrderGraph* graph = nullptr;
  std::vector<Struck> struck;            // by node; empty: no budget is shared
  std::vector<OrdersByCost> by_outcome;  // like the graph's outcomes
};

/// By node, the faults that struck on the way there. Expects a graph that kept its labels.
template <class World>
std::vector<Struck> faults_on_the_way(const GraphOf<World>& graph) {
  std::vector<Struck> struck(graph.size());
  for (OrderGraph::Node node = graph.root(); node > OrderGraph::unexplored; --node) {
    const auto next = graph.next(node);
    for (std::size_t i = 0; i < next.size(); ++i) {
      const auto& step = graph.labels(node)[i].step;
      Struck there = struck[node];
      const auto strike = [&there](FaultKind kind, int times) {
        std::uint16_t& of_kind = there[static_cast<std::size_t>(kind)];
        of_kind = static_cast<std::uint16_t>(of_kind + times);
      };
      if (step.request_fault != Fault::none) {
        strike(kind_of(step.request_fault), 1);
      }
      if (step.statement_fault != Fault::none) {
        strike(kind_of(step.statement_fault), 1);
      }
      const unsigned lost = step.replies_lost;
      const unsigned reset = step.replies_reset;  // among these
      strike(FaultKind::lose_reply, std::popcount(lost & ~reset));
      strike(FaultKind::reset_reply, std::popcount(reset));
      struck[next[i]] = there;  // a state's name tells what has struck: whatever the way
    }
  }
  return struck;
}

/// By outcome, the orders from the root on; without those that have a near miss of the kind, when one is given.
std::vector<OrdersByCost> orders_by_cost(const OrderGraph& graph, const std::vector<Struck>& struck,
                                         std::optional<NearMiss> without);

/// `shared`: the graph kept its labels, and faults are told apart.
template <class World>
PartOrders orders_of_part(const GraphOf<World>& graph, bool shared) {
  PartOrders part;
  part.graph = &graph;
  if (shared) {
    part.struck = faults_on_the_way(graph);
  }
  part.by_outcome = orders_by_cost(graph, part.struck, std::nullopt);
  return part;
}

/// Everything but `by_outcome`. The chance under a shared budget is looked for among at most `places_max` combinations of states.
Odds odds_together(const std::vector<PartOrders>& parts, const FaultBudget& budget,
                   std::size_t places_max);

/// Of how many orders have at least one near miss, by kind.
std::array<OrderCount, near_miss_kinds> near_misses_together(const std::vector<PartOrders>& parts,
                                                             const FaultBudget& budget);

/// How many orders of the whole end, in every part, with an outcome that is wanted there. `wanted`: by part, like its graph's outcomes.
OrderCount orders_that_end(const std::vector<PartOrders>& parts,
                           const std::vector<std::vector<bool>>& wanted, const FaultBudget& budget);

/// Steps of the longest order of the whole.
std::uint32_t longest_order(const std::vector<PartOrders>& parts);

/// The outcomes of the whole with their orders; nothing when they would be more than `outcomes_max`. `outcomes`: by part, like its
/// graph's; `join` makes one of two.
template <class Outcome, class Join>
std::optional<std::map<Outcome, OrderCount>> outcomes_together(
    const std::vector<PartOrders>& parts, const std::vector<std::vector<Outcome>>& outcomes,
    const FaultBudget& budget, std::size_t outcomes_max, const Join& join) {
  std::map<Outcome, OrdersByCost> whole;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    if (part > 0 && whole.size() * outcomes[part].size() > outcomes_max) {
      return std::nullopt;
    }
    std::map<Outcome, OrdersByCost> next;
    for (std::size_t i = 0; i < outcomes[part].size(); ++i) {
      if (part == 0) {
        next.emplace(outcomes[part][i], parts[part].by_outcome[i]);
      }
      for (const auto& [outcome, orders] : whole) {
        OrdersByCost& both = next[join(outcome, outcomes[part][i])];
        for (const auto& [cost, count] : together(orders, parts[part].by_outcome[i], budget)) {
          both[cost] += count;
        }
      }
    }
    whole = std::move(next);
  }
  std::map<Outcome, OrderCount> counted;
  for (const auto& [outcome, orders] : whole) {
    if (!orders.empty()) {  // else they would need more faults than there are
      counted.emplace(outcome, count_of(orders));
    }
  }
  return counted;
}

}  // namespace racelab
