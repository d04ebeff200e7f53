// A run and all that a report needs of it, for tests: by scenario, strategy, seed and further settings.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cli/scenario_file.h"
#include "sim/report/report.h"
#include "sim/scenario/run.h"
#include "sim/scenario/scenario.h"

namespace racelab::lab {

using Flags = std::vector<std::pair<std::string, std::string>>;

/// What the command line makes of the same words, every event kept.
inline RunReport report_of(const std::string& scenario, const std::string& strategy,
                           std::uint64_t seed = 1, const Flags& flags = {}) {
  Scenario loaded = load_scenario(scenario);
  for (const auto& [key, value] : flags) {
    EXPECT_EQ(apply(loaded, key, value), "");
  }
  RunReport report;
  report.scenario = scenario;
  report.settings = loaded.settings;
  report.fleet = parse_fleet(strategy).fleet;
  report.flags = flags;
  Runner runner(report.settings, report.fleet);
  report.row_names = runner.row_names();
  report.result = runner.run_explained(seed, true);
  return report;
}

/// Its JSON, without the events.
inline std::string run_json(const RunReport& report) {
  std::string text;
  write_run_json(report, {}, [&text](std::string_view piece) { text += piece; });
  return text;
}

/// The combinations that the properties go through: each strategy, alone and wrapped in each protection.
inline std::vector<std::string> all_combinations() {
  std::vector<std::string> names;
  for (const Strategy& strategy : strategies()) {
    names.push_back(strategy.name);
    for (const Protection& protection : protections()) {
      names.push_back(strategy.name + "+" + protection.name);
    }
  }
  return names;
}

/// Where the properties look: the built-in scenarios, and some in which everything goes wrong at once: between two clients,
/// many, two rows, and through services that ask again while clients stop.
struct Place {
  std::string scenario;
  Flags flags;
};
inline std::vector<Place> places() {
  std::vector<Place> all;
  for (const ListedScenario& listed : listed_scenarios()) {
    // Of thousands of operations or dozens of clients a page shows a part; the properties are about what it shows in full.
    const Settings settings = load_scenario(listed.name).settings;
    if (settings.clients <= 20 && std::uint64_t{settings.clients} * settings.operations <= 1'000) {
      all.push_back({listed.name, {}});
    }
  }
  Flags storm{{"amount-step", "7"}, {"tries-max", "2"}};
  for (const FaultDescription& fault : fault_descriptions()) {
    storm.emplace_back(std::string(fault.name) + ".rate", "8%");
  }
  all.push_back({"two-writers", storm});
  storm.emplace_back("clients", "9");
  storm.emplace_back("operations", "4");
  all.push_back({"two-writers", storm});
  all.push_back({"money-transfer", storm});
  storm.insert(storm.end(), {{"layers", "3"},
                             {"attempts-max", "2"},
                             {"retry-budget", "10%"},
                             {"breaker", "calls"},
                             {"breaker-window", "3"},
                             {"breaker-open-for", "20ms"},
                             {"until", "200ms"}});
  all.push_back({"two-writers", storm});
  return all;
}

/// Calls `look` with the report of every combination that applies, in every place, under seeds 1 to `seeds`.
template <class Look>
void for_each_report(std::uint64_t seeds, const Look& look) {
  for (const Place& place : places()) {
    for (const std::string& strategy : all_combinations()) {
      for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        if (strategy.starts_with("atomic-increment") && place.scenario == "money-transfer") {
          continue;
        }
        const RunReport report = report_of(place.scenario, strategy, seed, place.flags);
        SCOPED_TRACE(place.scenario + " " + strategy + " seed " + std::to_string(seed));
        look(report);
        if (testing::Test::HasFailure()) {
          return;
        }
      }
    }
  }
}

}  // namespace racelab::lab
