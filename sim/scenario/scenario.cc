// Keys of the file, with or without the explore. prefix, go through the option table like flags do.
#include "sim/scenario/scenario.h"

#include "sim/scenario/options.h"

namespace racelab {

namespace {

constexpr std::string_view twin_prefix = "explore.";

std::string unknown_key(const std::string& key) {
  std::vector<std::string> names;
  for (const Option& option : options()) {
    names.push_back(option.name);
  }
  const std::string near = nearest(key, names);
  return "there is no setting '" + key + "'" +
         (near.empty() ? "; `racelab run --help` lists them" : "; did you mean '" + near + "'?");
}

std::string set(Settings& settings, const std::string& key, const std::string& value) {
  const Option* option = find_option(key);
  if (option == nullptr) {
    return unknown_key(key);
  }
  const ParsedValue parsed = parse_value(*option, value);
  if (parsed.value) {
    option->set(settings, option->index, *parsed.value);
  }
  return parsed.problem;
}

}  // namespace

std::string apply(Scenario& scenario, const std::string& key, const std::string& value) {
  if (!key.starts_with(twin_prefix)) {
    return set(scenario.settings, key, value);
  }
  const std::string setting = key.substr(twin_prefix.size());
  Settings tried = scenario.settings;
  std::string problem = set(tried, setting, value);
  if (problem.empty()) {
    scenario.twin.emplace_back(setting, value);
  }
  return problem;
}

Settings twin_settings(const Scenario& scenario) {
  Settings settings = scenario.settings;
  for (const auto& [key, value] : scenario.twin) {
    set(settings, key, value);
  }
  return settings;
}

}  // namespace racelab
