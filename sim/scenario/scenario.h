// A scenario: a workload with its settings and hazards, and the claim it makes, from one INI file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/settings.h"

namespace racelab {

/// What `racelab compare` sets side by side in this scenario when it is not told: `compare.` lines of the file.
struct Comparison {
  /// A row of its own: settings that differ from the scenario's, under a name.
  struct Variant {
    std::string name;
    std::vector<std::pair<std::string, std::string>> settings;
  };
  std::vector<std::string> strategies;  // empty: those that the hazards suggest
  std::vector<Variant> variants;        // empty: the scenario as it is
  std::optional<std::uint64_t> seeds;   // how many, where the usual number takes too long
};

struct Scenario {
  std::string name;
  std::vector<std::string> claim;  // the comment that opens the file: what goes wrong, and why
  Settings settings;
  /// `explore.KEY = VALUE`: what exploration sets differently, checked like any other key.
  std::vector<std::pair<std::string, std::string>> twin;
  /// `compare.strategies`, `compare.seeds`, and `compare.VARIANT.KEY = VALUE`, checked alike.
  Comparison comparison;
};

/// Applies one `key = value` to a scenario. The problem, when there is one, is a sentence that names the nearest right key
/// or the range; nothing is changed then.
std::string apply(Scenario& scenario, const std::string& key, const std::string& value);

/// Applies lines, without a prefix, to what others have set before: a layer's preset replaces all that these say of the layer.
/// The problem as of apply; what comes after it is not applied.
std::string apply_over(Settings& settings,
                       const std::vector<std::pair<std::string, std::string>>& lines);

/// The settings for exploration: the scenario's, with its twin's in their place.
Settings twin_settings(const Scenario& scenario);

/// The settings of a variant: the scenario's, with the variant's in their place.
Settings variant_settings(const Scenario& scenario, const Comparison::Variant& variant);

}  // namespace racelab
