// Tokens of scenarios with strategies in C++. Of a scenario that is not built in all settings are in the token.
#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/token_text.h"
#include "sim/cli/usage_error.h"
#include "sim/scenario/checked_workload.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

bool is_built_in(const std::string& name) {
  const std::vector<ListedScenario>& all = listed_scenarios();
  return std::any_of(all.begin(), all.end(),
                     [&name](const ListedScenario& scenario) { return scenario.name == name; });
}

// What a token's settings are told against.
Settings base_settings(const std::string& scenario) {
  return scenario == not_built_in ? Settings{} : twin_settings(load_scenario(scenario));
}

}  // namespace

std::string token_of(const OrderReport& order) {
  TokenParts parts;
  parts.scenario = is_built_in(order.scenario) ? order.scenario : std::string(not_built_in);
  parts.fleet = name_of(order.fleet);
  parts.word = word_of(order.order.moves);
  const Settings base = base_settings(parts.scenario);
  for (const Option& option : options()) {
    // Hazards make verdicts, not orders.
    if (option.name != "hazards" && option.get(order.settings) != option.get(base)) {
      parts.settings.emplace_back(option.name, value_of(option, order.settings));
    }
  }
  const std::vector<std::uint32_t>& issued = order.order.issued;
  if (std::any_of(issued.begin(), issued.end(),
                  [&order](std::uint32_t count) { return count != order.settings.operations; })) {
    parts.issued = issued;
  }
  return text_of(parts);
}

TokenContents read_token(const std::string& token) {
  const TokenParts parts = parts_of_token(token);
  TokenContents contents;
  Scenario scenario;
  scenario.settings = base_settings(parts.scenario);
  contents.experiment.scenario = parts.scenario;
  contents.issued = parts.issued;
  for (const auto& [key, value] : parts.settings) {
    if (const std::string problem = apply(scenario, key, value); !problem.empty()) {
      throw UsageError("in the token: " + problem);
    }
    contents.experiment.flags.emplace_back(key, value);
  }
  if (const std::string problem = problem_with(scenario.settings); !problem.empty()) {
    throw UsageError("in the token: " + problem);
  }
  Experiment& experiment = contents.experiment;
  experiment.settings = scenario.settings;
  experiment.fleet = load_fleet(parts.fleet, experiment.settings);
  experiment.row_names =
      row_names_of(workloads()[experiment.settings.workload], experiment.settings);
  if (const std::string problem = problem_with_exploring(experiment.settings, experiment.fleet);
      !problem.empty()) {
    throw UsageError("in the token: " + problem);
  }
  if (contents.issued.empty()) {
    contents.issued.assign(experiment.settings.clients, experiment.settings.operations);
  }
  if (contents.issued.size() != experiment.settings.clients ||
      std::any_of(contents.issued.begin(), contents.issued.end(),
                  [&](std::uint32_t count) { return count > experiment.settings.operations; })) {
    throw UsageError("in the token: 'issued' must have a number for each client, at most " +
                     std::to_string(experiment.settings.operations));
  }
  contents.word = parts.word;
  return contents;
}

}  // namespace racelab
