// One graph for the verdict and the odds, with symmetry; small ones, without, for the counterexample.
#include "sim/explore/explore.h"

#include <algorithm>

#include "sim/kernel/expect.h"

namespace racelab {

namespace {

Settings without_faults(Settings settings) {
  settings.faults.total_max = 0;
  return settings;
}

bool any_fault(const FaultPlan& plan) {
  return plan.total_max.value_or(1) > 0 &&
         std::any_of(plan.settings.begin(), plan.settings.end(), [](const FaultSetting& fault) {
           return fault.max.value_or(fault.rate_parts_per_billion) > 0;
         });
}

}  // namespace

std::string problem_with_exploring(const Settings& settings, const Fleet& fleet) {
  const std::uint64_t operations = std::uint64_t{settings.clients} * settings.operations;
  const auto too_many = [](const std::string& what, std::uint64_t most, std::uint64_t there) {
    return "exploration takes at most " + std::to_string(most) + ' ' + what + ", not " +
           std::to_string(there);
  };
  if (settings.clients > letters) {
    return too_many("clients", letters, settings.clients);
  }
  if (operations > Model::operations_max) {
    return too_many("operations in all", Model::operations_max, operations);
  }
  const std::size_t rows = Setup(settings, fleet).world.initial_values.size();
  if (rows > Model::rows_max) {
    return too_many("rows", Model::rows_max, rows);
  }
  return "";
}

Exploration explore(const Settings& settings, const Fleet& fleet, const ExploreOptions& options) {
  const Setup setup(settings, fleet);
  Model model(setup);
  const StateGraph graph(model, options.limits, options.symmetry, false);
  Exploration exploration;
  exploration.stopped = graph.stopped();
  exploration.outcomes = graph.outcomes();
  exploration.odds = odds_of(graph);
  exploration.states = graph.size();
  exploration.transitions = graph.transitions();
  exploration.bytes = graph.bytes();
  exploration.verdict = exploration.odds.orders_violating > 0 ? Verdict::violated
                        : graph.complete()                    ? Verdict::holds
                                                              : Verdict::gave_up;
  if (any_fault(settings.faults)) {
    const Setup calm(without_faults(settings), fleet);
    Model calm_model(calm);
    const StateGraph calm_graph(calm_model, options.limits, options.symmetry, false);
    if (calm_graph.complete()) {
      exploration.odds_without_faults = odds_of(calm_graph);
    }
  }
  if (exploration.verdict == Verdict::violated && options.counterexample) {
    exploration.counterexample = find_counterexample(settings, fleet, options.limits);
  }
  return exploration;
}

RunResult replay(const Settings& settings, const Fleet& fleet,
                 const std::vector<std::uint32_t>& issued, const std::vector<Move>& moves) {
  Setup setup(settings, fleet);
  setup.world.clients.issued = issued;
  Runner runner(std::move(setup));
  Replay order(order_of(moves));
  return runner.run_under(order, true);
}

}  // namespace racelab
