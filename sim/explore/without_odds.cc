// A counterexample is looked for by the reduced search first: which clients, how many operations and faults it takes at least. Only
// for those is every order walked, by switches.
#include "sim/explore/without_odds.h"

#include <algorithm>
#include <string>

#include "sim/explore/cheapest.h"
#include "sim/explore/few_switches.h"
#include "sim/explore/graph_search.h"
#include "sim/explore/reduction_search.h"
#include "sim/kernel/stop.h"
#include "sim/scenario/verdict.h"

namespace racelab {

template class ReducedOutcomes<Model>;
template class GraphOf<FewSwitches<Model>>;

namespace {

using Reduced = ReducedOutcomes<Model>;
using FewSwitchesModel = FewSwitches<Model>;

bool violates(const Setup& setup, const Limits& limits) {
  Model model(setup);
  return Reduced(model, limits, true, Reduced::Until::first_violation).violated();
}

// The cheapest way in a graph that violates, in a model that stands where the graph begins; ties to the alphabetically first
// word. Leaves the model at its end.
WalkedOrder cheapest_way(const GraphOf<FewSwitchesModel>& graph,
                         const Cheapest<FewSwitchesModel>& cheapest, Model& model) {
  WalkedOrder found;
  Walker walker(model);
  OrderGraph::Node node = graph.root();
  std::optional<HandlerName> last;
  while (!graph.is_end(node)) {
    const auto labels = graph.labels(node);
    const std::vector<std::size_t> edges = cheapest.cheapest_edges(node, last);
    const auto word = [&](std::size_t edge) { return word_of(move_of(model, labels[edge].step)); };
    const std::size_t edge =
        *std::min_element(edges.begin(), edges.end(),
                          [&](std::size_t a, std::size_t b) { return word(a) < word(b); });
    found.faults += labels[edge].step.faults();
    found.switches += last && *last != labels[edge].who ? 1 : 0;
    last = labels[edge].who;
    node = graph.next(node)[edge];
    walker.take(labels[edge].step);
  }
  found.moves = walker.moves();
  found.outcome = model.outcome();
  return found;
}

// Of these operations; nothing when none violates, or a limit is in the way.
std::optional<WalkedOrder> smallest_of(Setup& setup, const Limits& limits) {
  if (!violates(setup, limits)) {
    return std::nullopt;
  }
  const std::optional<std::uint32_t> faults_max = setup.faults.total_max;
  std::uint32_t faults = 0;
  setup.faults.total_max = faults;
  while (faults < faults_max.value_or(UINT32_MAX) && !violates(setup, limits) && !stop_asked()) {
    setup.faults.total_max = ++faults;
  }
  Model model(setup);
  setup.faults.total_max = faults_max;
  Arena::Snapshot start;
  model.save(start);
  for (std::uint32_t switches = 0; !stop_asked(); ++switches) {
    FewSwitchesModel world(model, switches);
    const GraphOf<FewSwitchesModel> graph(world, limits, false, true);
    const Cheapest<FewSwitchesModel> cheapest(graph, std::nullopt);
    model.restore(start);
    if (cheapest.from(graph.root(), std::nullopt) != impossible) {
      return cheapest_way(graph, cheapest, model);
    }
    if (!graph.complete()) {
      break;
    }
  }
  return std::nullopt;
}

}  // namespace

QuickVerdict quick_verdict(const Settings& settings, const Fleet& fleet, const Limits& limits) {
  const Setup setup(settings, fleet);
  Model model(setup);
  const Reduced found(model, limits, true, Reduced::Until::first_violation);
  return {verdict_of({.violated = found.violated(), .complete = found.complete()}), found.states()};
}

Exploration explore_without_odds(const Settings& settings, const Fleet& fleet,
                                 const ExploreOptions& options) {
  const Setup setup(settings, fleet);
  Model model(setup);
  const Reduced found(model, options.limits, options.symmetry, Reduced::Until::all_outcomes);
  Exploration exploration;
  exploration.with_odds = false;
  exploration.verdict = verdict_of({.violated = found.violated(), .complete = found.complete()});
  exploration.stopped = found.stopped();
  exploration.outcomes = found.outcomes();
  exploration.states = found.states();
  exploration.transitions = found.transitions();
  exploration.bytes = found.bytes();
  if (options.examples && exploration.verdict == Verdict::violated) {
    exploration.counterexample = find_smallest(
        settings, fleet, [&options](Setup& some) { return smallest_of(some, options.limits); });
  }
  return exploration;
}

}  // namespace racelab
