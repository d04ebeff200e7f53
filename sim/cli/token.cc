// VERSION:SCENARIO:FLEET:SETTINGS:WORD:CHECKSUM, settings as key=value joined by ~.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/usage_error.h"
#include "sim/kernel/hash.h"
#include "sim/scenario/checked_workload.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

constexpr std::string_view from_a_file =
    "-";  // a scenario that is not built in: all its settings are in the token

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    if (end == text.size()) {
      return parts;
    }
    begin = end + 1;
  }
}

std::string checksum(std::string_view text) {
  Hash hash;
  for (const char c : text) {
    hash.add(static_cast<unsigned char>(c));
  }
  return fmt::format("{:05x}", hash.value() & 0xFFFFFU);
}

bool is_built_in(const std::string& name) {
  const std::vector<ListedScenario>& all = listed_scenarios();
  return std::any_of(all.begin(), all.end(),
                     [&name](const ListedScenario& scenario) { return scenario.name == name; });
}

// What a token's settings are told against.
Settings base_settings(const std::string& scenario) {
  return scenario == from_a_file ? Settings{} : twin_settings(load_scenario(scenario));
}

}  // namespace

std::string token_of(const OrderReport& order) {
  const std::string scenario =
      is_built_in(order.scenario) ? order.scenario : std::string(from_a_file);
  const Settings base = base_settings(scenario);
  std::string settings;
  const auto add = [&settings](const std::string& key, const std::string& value) {
    settings += (settings.empty() ? "" : "~") + key + '=' + value;
  };
  for (const Option& option : options()) {
    // Hazards make verdicts, not orders.
    if (option.name != "hazards" && option.get(order.settings) != option.get(base)) {
      add(option.name, value_of(option, order.settings));
    }
  }
  const std::vector<std::uint32_t>& issued = order.order.issued;
  if (std::any_of(issued.begin(), issued.end(),
                  [&order](std::uint32_t count) { return count != order.settings.operations; })) {
    std::string counts;
    for (const std::uint32_t count : issued) {
      counts += (counts.empty() ? "" : ".") + std::to_string(count);
    }
    add("issued", counts);
  }
  const std::string text = fmt::format("{}:{}:{}:{}:{}", RACELAB_VERSION, scenario,
                                       name_of(order.fleet), settings, word_of(order.order.moves));
  return text + ':' + checksum(text);
}

TokenContents read_token(const std::string& token) {
  const std::vector<std::string> parts = split(token, ':');
  if (parts.size() != 6) {
    throw UsageError("'" + token +
                     "' is no token: it has six parts with colons between them, as `racelab "
                     "explore two-writers` prints it");
  }
  if (checksum(token.substr(0, token.rfind(':'))) != parts.back()) {
    throw UsageError("the token is damaged: its last part should be " +
                     checksum(token.substr(0, token.rfind(':'))) + ", not '" + parts.back() +
                     "'; copy all of it");
  }
  if (parts[0] != RACELAB_VERSION) {
    throw UsageError("the token was made by racelab " + parts[0] + ", and this is racelab " +
                     RACELAB_VERSION + ": orders may mean something else here");
  }
  TokenContents contents;
  Scenario scenario;
  scenario.settings = base_settings(parts[1]);
  contents.experiment.scenario = parts[1];
  for (const std::string& setting :
       parts[3].empty() ? std::vector<std::string>{} : split(parts[3], '~')) {
    const std::size_t equals = std::min(setting.find('='), setting.size());
    const std::string key = setting.substr(0, equals);
    const std::string value = setting.substr(std::min(equals + 1, setting.size()));
    if (key == "issued") {
      for (const std::string& count : split(value, '.')) {
        std::uint32_t number = 0;
        const char* end = count.data() + count.size();
        const auto [stopped, error] = std::from_chars(count.data(), end, number);
        if (error != std::errc{} || stopped != end) {
          throw UsageError("in the token: 'issued' must be numbers with dots between them, not '" +
                           value + "'");
        }
        contents.issued.push_back(number);
      }
    } else if (const std::string problem = apply(scenario, key, value); !problem.empty()) {
      throw UsageError("in the token: " + problem);
    } else {
      contents.experiment.flags.emplace_back(key, value);
    }
  }
  if (const std::string problem = problem_with(scenario.settings); !problem.empty()) {
    throw UsageError("in the token: " + problem);
  }
  Experiment& experiment = contents.experiment;
  experiment.settings = scenario.settings;
  experiment.fleet = load_fleet(parts[2], experiment.settings);
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
  contents.word = parts[4];
  return contents;
}

}  // namespace racelab
