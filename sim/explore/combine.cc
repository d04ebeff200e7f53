// Counts go by convolution over what orders cost; the chance of parts that share a budget from their states side by side.
#include "sim/explore/combine.h"

#include <algorithm>

#include "sim/explore/exact_sum.h"
#include "sim/explore/fingerprint.h"
#include "sim/explore/graph_search.h"

namespace racelab {

namespace {

// How many ways lead to a state, by their steps: from `first` on.
template <class Count>
struct Ways {
  std::uint32_t first = 0;
  std::vector<Count> counts;
};

// One step further; false: they do not fit.
template <class Count>
bool add_further(Ways<Count>& to, const Ways<Count>& from) {
  const std::uint32_t first = from.first + 1;
  if (to.counts.empty()) {
    to.first = first;
  } else if (first < to.first) {
    to.counts.insert(to.counts.begin(), to.first - first, Count(0));
    to.first = first;
  }
  const std::size_t shift = first - to.first;
  if (to.counts.size() < shift + from.counts.size()) {
    to.counts.resize(shift + from.counts.size());
  }
  bool fits = true;
  for (std::size_t i = 0; i < from.counts.size(); ++i) {
    fits = add(to.counts[shift + i], from.counts[i]) && fits;
  }
  return fits;
}

// Nothing: they do not fit into Count.
template <class Count>
std::vector<OrdersByCost> count_by_cost(const OrderGraph& graph, const std::vector<Struck>& struck,
                                        std::optional<NearMiss> without) {
  std::vector<OrdersByCost> ending(graph.violated().size());
  std::vector<Ways<Count>> ways(graph.root() + std::size_t{1});
  ways[graph.root()].counts.emplace_back(1);
  for (OrderGraph::Node node = graph.root(); node > OrderGraph::unexplored; --node) {
    const Ways<Count> here = std::move(ways[node]);
    ways[node].counts = {};
    if (here.counts.empty()) {
      continue;
    }
    const auto next = graph.next(node);
    const auto near_misses = graph.near_misses(node);
    for (std::size_t i = 0; i < next.size(); ++i) {
      const bool counts = !without || !near_misses[i].contain(*without);
      if (counts && next[i] != OrderGraph::unexplored && !add_further(ways[next[i]], here)) {
        return {};
      }
    }
    if (!graph.is_end(node)) {
      continue;
    }
    OrdersByCost& orders = ending[graph.outcome_of(node)];
    for (std::size_t i = 0; i < here.counts.size(); ++i) {
      const OrderCount count = exact(here.counts[i]);
      if (count > 0) {
        const OrderCost cost{struck.empty() ? Struck{} : struck[node],
                             here.first + static_cast<std::uint32_t>(i)};
        orders[cost] += count;
      }
    }
  }
  return ending;
}

void add_all(OrdersByCost& sum, const OrdersByCost& orders) {
  for (const auto& [cost, count] : orders) {
    sum[cost] += count;
  }
}

Struck sum_of(Struck a, const Struck& b) {
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    a[kind] = static_cast<std::uint16_t>(a[kind] + b[kind]);
  }
  return a;
}

OrdersByCost all_of(const std::vector<OrdersByCost>& by_outcome) {
  OrdersByCost all;
  for (const OrdersByCost& orders : by_outcome) {
    add_all(all, orders);
  }
  return all;
}

OrderCount count_together(const std::vector<OrdersByCost>& parts, const FaultBudget& budget) {
  OrdersByCost whole = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    whole = together(whole, parts[i], budget);
  }
  return count_of(whole);
}

// At least one of two independent things; 0 and 1 only when it is certain.
double either(double a, double b) {
  return a == 1 || b == 1 ? 1 : std::min(a + ((1 - a) * b), almost_certain);
}

// The chance from each node on, in a part that nobody else takes faults from; `calm`: that none strikes any more.
std::vector<double> chances_of(const PartOrders& part, double unexplored, bool calm) {
  const OrderGraph& graph = *part.graph;
  std::vector<double> chance(graph.root() + std::size_t{1});
  chance[OrderGraph::unexplored] = unexplored;
  for (OrderGraph::Node node = OrderGraph::unexplored + 1; node <= graph.root(); ++node) {
    if (graph.is_end(node)) {
      chance[node] = graph.violated()[graph.outcome_of(node)] ? 1 : 0;
      continue;
    }
    double sum = 0;
    bool certain = true;
    std::size_t possible = 0;
    for (const OrderGraph::Node child : graph.next(node)) {
      if (!calm || child == OrderGraph::unexplored || part.struck[child] == part.struck[node]) {
        sum += chance[child];
        certain = certain && chance[child] == 1;
        ++possible;
      }
    }
    chance[node] = certain ? 1 : std::min(sum / static_cast<double>(possible), almost_certain);
  }
  return chance;
}

// The chance of a violation where parts draw on one budget, over their states side by side.
class SharedChance {
 public:
  SharedChance(const std::vector<PartOrders>& parts, const FaultBudget& budget, double unexplored,
               std::size_t places_max)
      : parts_(parts), budget_(budget), unexplored_(unexplored), places_max_(places_max) {
    for (const PartOrders& part : parts) {
      calm_.push_back(chances_of(part, unexplored, true));
    }
  }

  /// Nothing: there are too many.
  std::optional<double> find() {
    Place root;
    for (const PartOrders& part : parts_) {
      root.push_back(part.graph->root());
    }
    if (const std::optional<double> chance = look_at(root); chance) {
      return chance;
    }
    while (!stack_.empty()) {
      if (found_.size() > places_max_) {
        return std::nullopt;
      }
      go_on();
    }
    return found_.front();
  }

 private:
  using Place = std::vector<OrderGraph::Node>;  // by part
  struct Frame {
    Place at;
    std::uint32_t number = 0;
    std::size_t part = 0;
    std::size_t edge = 0;
    double sum = 0;
    std::size_t possible = 0;
    bool certain = true;
  };

  [[nodiscard]] Struck struck_at(const Place& at) const {
    Struck struck{};
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      struck = sum_of(struck, parts_[part].struck[at[part]]);
    }
    return struck;
  }

  // What is known at once; nothing: it must be looked at.
  [[nodiscard]] std::optional<double> known(const Place& at) const {
    bool explored = true;
    bool ended = true;
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      explored = explored && at[part] != OrderGraph::unexplored;
      ended = ended && explored && parts_[part].graph->is_end(at[part]);
    }
    if (!explored) {
      return unexplored_;
    }
    if (!ended && !budget_.is_spent(struck_at(at))) {
      return std::nullopt;
    }
    double chance = 0;  // no fault strikes any more: each part goes on as if it were alone
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      chance = either(chance, calm_[part][at[part]]);
    }
    return chance;
  }

  static Fingerprint name_of(const Place& at) {
    Fingerprint name{1, 2};
    for (const OrderGraph::Node node : at) {
      name = {combine(name.high, node), combine(name.low, node)};
    }
    return name;
  }

  // Its chance; nothing: it lies on the stack now, and must be asked for again.
  std::optional<double> look_at(const Place& at) {
    if (const std::optional<double> chance = known(at); chance) {
      return chance;
    }
    std::uint32_t& number = numbers_[name_of(at)];
    if (number != 0) {
      return found_[number - 1];  // it is done: states side by side have no cycles either
    }
    found_.push_back(0);
    number = static_cast<std::uint32_t>(found_.size());
    Frame& frame = stack_.emplace_back();
    frame.at = at;
    frame.number = number;
    return std::nullopt;
  }

  // Adds up the alternatives of the last place on the stack, until one must be looked at first.
  void go_on() {
    Frame& frame = stack_.back();
    while (frame.part < parts_.size()) {
      const auto next = parts_[frame.part].graph->next(frame.at[frame.part]);
      if (frame.edge == next.size()) {
        ++frame.part;
        frame.edge = 0;
        continue;
      }
      Place there = frame.at;
      there[frame.part] = next[frame.edge];
      if (next[frame.edge] == OrderGraph::unexplored || budget_.allows(struck_at(there))) {
        const std::optional<double> chance = look_at(there);
        if (!chance) {
          return;
        }
        frame.sum += *chance;
        frame.certain = frame.certain && *chance == 1;
        ++frame.possible;
      }
      ++frame.edge;
    }
    found_[frame.number - 1] =
        frame.certain ? 1
                      : std::min(frame.sum / static_cast<double>(frame.possible), almost_certain);
    stack_.pop_back();
  }

  const std::vector<PartOrders>& parts_;
  const FaultBudget& budget_;
  double unexplored_;
  std::size_t places_max_;
  std::vector<std::vector<double>> calm_;  // by part and node
  KnownStates numbers_;                    // of places, from 1
  std::vector<double> found_;              // by number - 1
  std::vector<Frame> stack_;
};

}  // namespace

FaultBudget::FaultBudget(const FaultPlan& plan) : in_all(plan.total_max.value_or(UINT32_MAX)) {
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const FaultSetting& fault = plan.settings[kind];
    of_kind[kind] = fault.max.value_or(fault.rate_parts_per_billion > 0 ? UINT32_MAX : 0);
  }
}

bool FaultBudget::is_shared() const {
  const auto any = [this](auto fits) { return std::any_of(of_kind.begin(), of_kind.end(), fits); };
  const bool strikes = in_all > 0 && any([](std::uint32_t max) { return max > 0; });
  return strikes && (in_all != UINT32_MAX ||
                     any([](std::uint32_t max) { return max > 0 && max != UINT32_MAX; }));
}

bool FaultBudget::allows(const Struck& struck) const {
  std::uint32_t sum = 0;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    if (struck[kind] > of_kind[kind]) {
      return false;
    }
    sum += struck[kind];
  }
  return sum <= in_all;
}

bool FaultBudget::is_spent(const Struck& struck) const {
  std::uint32_t sum = 0;
  bool left = false;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    left = left || struck[kind] < of_kind[kind];
    sum += struck[kind];
  }
  return !left || sum >= in_all;
}

OrderCount count_of(const OrdersByCost& orders) {
  OrderCount sum;
  for (const auto& [cost, count] : orders) {
    sum += count;
  }
  return sum;
}

OrdersByCost together(const OrdersByCost& a, const OrdersByCost& b, const FaultBudget& budget) {
  OrdersByCost both;
  for (const auto& [cost_a, count_a] : a) {
    for (const auto& [cost_b, count_b] : b) {
      const OrderCost cost{sum_of(cost_a.struck, cost_b.struck), cost_a.steps + cost_b.steps};
      if (budget.allows(cost.struck)) {
        both[cost] += count_a * count_b * OrderCount::binomial(cost.steps, cost_a.steps);
      }
    }
  }
  return both;
}

std::vector<OrdersByCost> orders_by_cost(const OrderGraph& graph, const std::vector<Struck>& struck,
                                         std::optional<NearMiss> without) {
  std::vector<OrdersByCost> orders = count_by_cost<WideCount>(graph, struck, without);
  return orders.empty() ? count_by_cost<OrderCount>(graph, struck, without) : orders;
}

OrderCount orders_that_end(const std::vector<PartOrders>& parts,
                           const std::vector<std::vector<bool>>& wanted,
                           const FaultBudget& budget) {
  std::vector<OrdersByCost> ending;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    OrdersByCost& orders = ending.emplace_back();
    for (std::size_t i = 0; i < wanted[part].size(); ++i) {
      if (wanted[part][i]) {
        add_all(orders, parts[part].by_outcome[i]);
      }
    }
  }
  return count_together(ending, budget);
}

Odds odds_together(const std::vector<PartOrders>& parts, const FaultBudget& budget,
                   std::size_t places_max) {
  std::vector<std::vector<bool>> all;
  std::vector<std::vector<bool>> right;
  bool complete = true;
  for (const PartOrders& part : parts) {
    all.emplace_back(part.by_outcome.size(), true);
    right.push_back(part.graph->violated());
    right.back().flip();
    complete = complete && part.graph->complete();
  }
  Odds odds;
  odds.orders = orders_that_end(parts, all, budget);
  odds.orders_violating = odds.orders - orders_that_end(parts, right, budget);
  const auto chance = [&](double unexplored) -> std::optional<double> {
    if (budget.is_shared()) {
      return SharedChance(parts, budget, unexplored, places_max).find();
    }
    double whole = 0;
    for (const PartOrders& part : parts) {
      whole = either(whole, chances_of(part, unexplored, false)[part.graph->root()]);
    }
    return whole;
  };
  const std::optional<double> low = chance(0);
  const std::optional<double> high = complete || !low ? low : chance(1);
  odds.scheduler_known = low.has_value() && high.has_value();
  odds.scheduler_low = low.value_or(odds.orders_violating == odds.orders ? 1 : 0);
  odds.scheduler_high = high.value_or(odds.orders_violating > 0 || !complete ? 1 : 0);
  return odds;
}

std::array<OrderCount, near_miss_kinds> near_misses_together(const std::vector<PartOrders>& parts,
                                                             const FaultBudget& budget) {
  const auto count = [&](std::optional<NearMiss> without) {
    std::vector<OrdersByCost> orders;
    orders.reserve(parts.size());
    for (const PartOrders& part : parts) {
      orders.push_back(all_of(orders_by_cost(*part.graph, part.struck, without)));
    }
    return count_together(orders, budget);
  };
  const OrderCount all = count(std::nullopt);
  std::array<OrderCount, near_miss_kinds> with;
  for (std::size_t kind = 0; kind < near_miss_kinds; ++kind) {
    with[kind] = all - count(static_cast<NearMiss>(kind));
  }
  return with;
}

std::uint32_t longest_order(const std::vector<PartOrders>& parts) {
  std::uint32_t sum = 0;
  for (const PartOrders& part : parts) {
    std::uint32_t longest = 0;
    for (const OrdersByCost& orders : part.by_outcome) {
      for (const auto& [cost, count] : orders) {
        longest = std::max(longest, cost.steps);
      }
    }
    sum += longest;
  }
  return sum;
}

}  // namespace racelab
