// An explanation and all that went into it, for tests: what the command line makes of the same words.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "sim/explore/order_fixes.h"
#include "sim/report/explain.h"
#include "tests/report/report_of.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab {

/// The experiment that exploration takes: the scenario's twin.
inline Experiment experiment_of(const std::string& scenario, const std::string& strategy,
                                const Flags& flags = {}) {
  Scenario loaded = load_scenario(scenario);
  loaded.settings = twin_settings(loaded);
  for (const auto& [key, value] : flags) {
    EXPECT_EQ(apply(loaded, key, value), "");
  }
  Experiment experiment;
  experiment.scenario = scenario;
  experiment.settings = loaded.settings;
  experiment.fleet = parse_fleet(strategy).fleet;
  experiment.flags = flags;
  experiment.row_names = workloads()[loaded.settings.workload].row_names(loaded.settings);
  return experiment;
}

inline SameOrderReport under(const OrderReport& order, const Settings& settings, const Fleet& fleet,
                             SameOrder same) {
  SameOrderReport report(static_cast<const Experiment&>(order));
  report.settings = settings;
  report.fleet = fleet;
  report.same = std::move(same);
  report.order.issued = order.order.issued;
  report.order.moves = report.same.moves;
  report.result = replay(settings, fleet, order.order.issued, report.same.moves);
  return report;
}

/// The smallest counterexample, explained; nothing when the experiment holds.
inline std::optional<ExplainReport> explanation_of(const Experiment& experiment) {
  const Exploration exploration = explore(experiment.settings, experiment.fleet, {});
  if (!exploration.counterexample) {
    EXPECT_EQ(exploration.verdict, Verdict::holds);
    return std::nullopt;
  }
  ExplainReport report;
  report.smallest = true;
  report.order = OrderReport(experiment);
  OrderReport& order = report.order;
  order.order = *exploration.counterexample;
  order.result = replay(order.settings, order.fleet, order.order.issued, order.order.moves);
  order.token = "TOKEN";
  report.swap = find_swap(order.settings, order.fleet, order.order);
  if (report.swap) {
    report.swap_result =
        replay(order.settings, order.fleet, order.order.issued, report.swap->order.moves);
  }
  OrderFixes fixes = find_order_fixes(order.settings, order.fleet, order.order, {});
  report.fixes_unexplored = fixes.unexplored;
  for (OrderFix& fix : fixes.fixes) {
    report.fixes.push_back(under(order, fix.settings, fix.fleet, std::move(fix.order)));
  }
  return report;
}

/// Settings under which small experiments go wrong in every way there is.
inline std::vector<Flags> troubles() {
  return {{},
          {{"isolation", "read-committed"}},
          {{"crash.max", "1"}, {"session-timeout", "none"}},
          {{"crash.max", "1"}, {"attempts-max", "2"}},
          {{"lose-session.max", "1"}, {"attempts-max", "2"}},
          {{"lose-request.max", "1"}, {"lose-reply.max", "1"}, {"attempts-max", "2"}},
          {{"slow-call.max", "1"}, {"attempts-max", "2"}},
          {{"duplicate-delivery.max", "1"}, {"attempts-max", "2"}},
          {{"lock-timeout", "5ms"}, {"isolation", "repeatable-read"}, {"crash.max", "1"}}};
}

/// Calls `look` with every experiment: scenarios, strategies alone and wrapped, and troubles. Under sanitizers with some of
/// them, of every scenario and trouble.
template <class Look>
void for_each_experiment(const Look& look) {
  std::uint64_t number = 0;
  for (const ListedScenario& listed : listed_scenarios()) {
    if (listed.name == "contention") {
      continue;  // its twin is two-writers
    }
    for (const std::string& strategy : all_combinations()) {
      for (const Flags& flags : troubles()) {
        if (number++ % fewer != 0) {
          continue;
        }
        const Experiment experiment = experiment_of(listed.name, strategy, flags);
        if (!problem_with(experiment.fleet.front(), experiment.settings).empty() ||
            !problem_with_exploring(experiment.settings, experiment.fleet).empty()) {
          continue;
        }
        std::string name = listed.name + " " + strategy;
        for (const auto& [key, value] : flags) {
          name += " --" + key + " " + value;
        }
        SCOPED_TRACE(name);
        look(experiment);
        if (testing::Test::HasFailure()) {
          return;
        }
      }
    }
  }
}

}  // namespace racelab::lab
