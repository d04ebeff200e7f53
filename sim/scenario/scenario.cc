// Keys of the file, with or without the explore. or compare. prefix, go through the option table like flags do.
#include "sim/scenario/scenario.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sim/scenario/client_presets.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"
#include "sim/scenario/registry.h"

namespace racelab {

namespace {

constexpr std::string_view twin_prefix = "explore.";
constexpr std::string_view comparison_prefix = "compare.";

std::string unknown_key(const std::string& key) {
  if (key.starts_with("layer.")) {
    return unknown_layer_key(key);
  }
  std::vector<std::string> names;
  for (const Option& option : options()) {
    names.push_back(option.name);
  }
  const std::string near = nearest(key, names);
  return "there is no setting '" + key + "'" +
         (near.empty() ? "; `racelab run --help` lists them" : "; did you mean '" + near + "'?");
}

std::string set(Settings& settings, const std::string& key, const std::string& value);

// Presets do not mix: what the one before has set, and nothing since, goes back to its default.
void forget_client(Settings& settings) {
  static const Settings defaults;
  const std::size_t before = std::exchange(settings.of_layers[0].client, 0);
  if (before == 0) {
    return;
  }
  for (const auto& [key, value] : client_presets()[before - 1].settings) {
    const Option* option = find_option(key);
    if (option != nullptr && value_of(*option, settings) == value) {
      option->set(settings, option->get(defaults));
    }
  }
}

// All that a client's preset says.
std::string set_client(Settings& settings, const std::string& name) {
  const ClientPreset* preset = find_client_preset(name);
  if (preset == nullptr) {
    return no_such_client(name);
  }
  forget_client(settings);
  for (const auto& [key, value] : preset->settings) {
    if (std::string problem = set(settings, key, value); !problem.empty()) {
      return problem;
    }
  }
  settings.of_layers[0].client = static_cast<std::size_t>(preset - client_presets().data()) + 1;
  return "";
}

std::string set(Settings& settings, const std::string& key, const std::string& value) {
  const std::uint32_t layer = preset_layer(key);
  if (key == "client" || layer == 1) {
    return set_client(settings, value);
  }
  if (layer > 1) {
    if (std::string problem = problem_with_preset(layer, value); !problem.empty()) {
      return problem;
    }
  }
  const Option* option = find_option(key);
  if (option == nullptr) {
    return unknown_key(key);
  }
  const ParsedValue parsed = parse_value(*option, value);
  if (parsed.value) {
    option->set(settings, *parsed.value);
  }
  return parsed.problem;
}

// The strategies' names, separated by commas.
std::string set_strategies(Comparison& comparison, std::string_view value) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t end = std::min(value.find(','), value.size());
    std::string name(value.substr(0, end));
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    if (std::string problem = parse_fleet(name).problem; !problem.empty()) {
      return problem;
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return "'" + name + "' stands twice in compare.strategies";
    }
    names.push_back(std::move(name));
    if (end == value.size()) {
      break;
    }
    value.remove_prefix(end + 1);
  }
  comparison.strategies = std::move(names);
  return "";
}

std::string set_seeds(Comparison& comparison, std::string_view value) {
  constexpr std::uint64_t most = 1'000'000;
  std::uint64_t seeds = 0;
  const auto [stopped, error] = std::from_chars(value.data(), value.data() + value.size(), seeds);
  if (error != std::errc{} || stopped != value.data() + value.size() || seeds < 1 || seeds > most) {
    return "compare.seeds must be a whole number from 1 to " + std::to_string(most) + ", not '" +
           std::string(value) + "'";
  }
  comparison.seeds = seeds;
  return "";
}

// A key after `compare.`: strategies, seeds, or VARIANT.KEY.
std::string set_comparison(Scenario& scenario, const std::string& key, const std::string& value) {
  Comparison& comparison = scenario.comparison;
  if (key == "strategies") {
    return set_strategies(comparison, value);
  }
  if (key == "seeds") {
    return set_seeds(comparison, value);
  }
  const std::size_t dot = key.find('.');
  if (dot == 0 || dot == std::string::npos) {
    return "after compare. there must be strategies, seeds, or a variant and one of its settings, "
           "as "
           "in compare.patient.timeout, not '" +
           key + "'";
  }
  const std::string name = key.substr(0, dot);
  const std::string setting = key.substr(dot + 1);
  Settings tried = scenario.settings;
  if (std::string problem = set(tried, setting, value); !problem.empty()) {
    return problem;
  }
  std::vector<Comparison::Variant>& variants = comparison.variants;
  auto place = std::find_if(variants.begin(), variants.end(),
                            [&name](const auto& variant) { return variant.name == name; });
  if (place == variants.end()) {
    place = variants.insert(variants.end(), {name, {}});
  }
  place->settings.emplace_back(setting, value);
  return "";
}

}  // namespace

std::string apply(Scenario& scenario, const std::string& key, const std::string& value) {
  if (key.starts_with(comparison_prefix)) {
    return set_comparison(scenario, key.substr(comparison_prefix.size()), value);
  }
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

std::string apply_over(Settings& settings,
                       const std::vector<std::pair<std::string, std::string>>& lines) {
  for (const auto& [key, value] : lines) {
    if (const std::uint32_t layer = preset_layer(key); layer > 1) {
      settings.of_layers[layer - 1] = {};
    }
  }
  for (const auto& [key, value] : lines) {
    if (std::string problem = set(settings, key, value); !problem.empty()) {
      return problem;
    }
  }
  for (const auto& [key, value] : lines) {
    if (key == "layers") {  // said besides: not raised by the layers that are named
      set(settings, key, value);
    }
  }
  return "";
}

Settings twin_settings(const Scenario& scenario) {
  Settings settings = scenario.settings;
  apply_over(settings, scenario.twin);
  return settings;
}

Settings variant_settings(const Scenario& scenario, const Comparison::Variant& variant) {
  Settings settings = scenario.settings;
  apply_over(settings, variant.settings);
  return settings;
}

}  // namespace racelab
