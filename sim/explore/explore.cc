// One graph for the verdict and the odds, with symmetry; small ones, without, for the counterexample.
#include "sim/explore/explore.h"

#include <algorithm>

#include "sim/explore/parts.h"
#include "sim/explore/without_odds.h"
#include "sim/kernel/expect.h"
#include "sim/scenario/verdict.h"

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

std::vector<std::vector<std::uint32_t>> violating_parts(const Explored& found) {
  std::vector<std::vector<std::uint32_t>> parts;
  for (std::size_t part = 0; part < found.parts.size(); ++part) {
    if (found.violating[part]) {
      parts.push_back(found.parts[part]);
    }
  }
  return parts;
}

// What the clients of an order do depends on nothing but their own answers, and on no clock.
std::string problem_with_load(const Settings& settings) {
  if (settings.retry_budget.share || settings.retry_budget.active_share) {
    return "exploration does not follow a client's retry budget from one operation to the next: "
           "it needs " +
           std::string(settings.retry_budget.share ? "retry-budget" : "retry-budget-active") +
           "=none";
  }
  if (settings.retry.cancels) {
    return "exploration lets what a client has given up run on, in every order: it needs "
           "on-timeout=nothing";
  }
  if (settings.retry.hedge_after) {
    return "exploration has no clock, so it knows no attempt that goes out beside another: it "
           "needs hedge-after=none";
  }
  if (settings.breaker.kind != BreakerKind::none) {
    return "exploration does not follow a client's breaker from one operation to the next: it "
           "needs breaker=none";
  }
  if (settings.retry.deadline > Duration{}) {
    return "exploration has no clock, so no deadline passes: it needs deadline=none";
  }
  if (settings.retry.attempts_max == 0) {
    return "exploration follows every attempt: it needs a number for attempts-max, not endless";
  }
  if (settings.layers > 1) {
    return "exploration follows one service, not several that call one another: it needs layers=1";
  }
  if (settings.spike_arrivals_per_second > 0) {
    return "exploration has no clock, so it knows no spike: it needs spike-arrivals=none";
  }
  if (settings.until > Duration{}) {
    return "exploration has no clock, so every operation is issued: it needs until=none";
  }
  return "";
}

}  // namespace

std::string problem_with_timed_settings(const Settings& settings) {
  if (std::string problem = problem_with_load(settings); !problem.empty()) {
    return problem;
  }
  // What exploration does not follow yet. (Time that handlers or answers take changes no order: it is followed by itself.)
  if (settings.workers > 0) {
    return "workers=" + std::to_string(settings.workers) +
           " makes clients wait for each other in a queue, which exploration does not follow yet; "
           "explore with workers=any";
  }
  return "";
}

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
  return problem_with_timed_settings(settings);
}

Exploration explore(const Settings& settings, const Fleet& fleet, const ExploreOptions& options) {
  if (!options.odds) {
    return explore_without_odds(settings, fleet, options);
  }
  Setup setup(settings, fleet);
  Explored found = explore_in_parts(setup, options);
  Exploration& exploration = found.exploration;
  if (any_fault(settings.faults)) {
    Setup calm(without_faults(settings), fleet);
    ExploreOptions odds_alone = options;
    odds_alone.examples = false;
    const Exploration calm_exploration = explore_in_parts(calm, odds_alone).exploration;
    if (calm_exploration.complete()) {
      exploration.odds_without_faults = calm_exploration.odds;
    }
  }
  if (!options.examples) {
    return std::move(exploration);
  }
  if (exploration.verdict == Verdict::violated) {
    exploration.counterexample =
        find_smallest(settings, fleet, options.limits, std::nullopt, violating_parts(found));
  }
  for (NearMissOrders& near_miss : exploration.near_misses) {
    near_miss.smallest =
        find_smallest(settings, fleet, options.limits, near_miss.kind, found.parts);
  }
  return std::move(exploration);
}

namespace {

Odds odds_of(const OrdersResult& result) {
  Odds odds;
  odds.orders = result.orders;
  odds.orders_violating = result.orders_violating;
  odds.by_outcome.assign(result.orders_by_outcome.begin(), result.orders_by_outcome.end());
  odds.scheduler_low = result.uniform_scheduler;
  odds.scheduler_high = result.complete() ? result.uniform_scheduler : 1;
  return odds;
}

}  // namespace

Exploration explore_by_orders(const Settings& settings, const Fleet& fleet,
                              const OrderLimits& limits) {
  const OrdersResult result = run_every_order(settings, fleet, limits);
  Exploration exploration;
  exploration.verdict = result.verdict();
  switch (result.stopped) {
    case OrdersResult::Stopped::no:
      break;
    case OrdersResult::Stopped::steps:
      exploration.stopped = StateGraph::Stopped::steps;
      break;
    case OrdersResult::Stopped::orders:
    case OrdersResult::Stopped::asked:
      exploration.stopped = StateGraph::Stopped::asked;
      break;
  }
  exploration.outcomes = result.outcomes;
  exploration.odds = odds_of(result);
  exploration.transitions = result.steps;
  if (any_fault(settings.faults)) {
    const OrdersResult calm = run_every_order(without_faults(settings), fleet, limits);
    if (calm.complete()) {
      exploration.odds_without_faults = odds_of(calm);
    }
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
