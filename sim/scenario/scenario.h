// A scenario: a workload with its settings and hazards, and the claim it makes, from one INI file.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/settings.h"

namespace racelab {

struct Scenario {
  std::string name;
  std::vector<std::string> claim;  // the comment that opens the file: what goes wrong, and why
  Settings settings;
  /// `explore.KEY = VALUE`: what exploration sets differently, checked like any other key.
  std::vector<std::pair<std::string, std::string>> twin;
};

/// Applies one `key = value` to a scenario. The problem, when there is one, is a sentence that names the nearest right key
/// or the range; nothing is changed then.
std::string apply(Scenario& scenario, const std::string& key, const std::string& value);

/// The settings for exploration: the scenario's, with its twin's in their place.
Settings twin_settings(const Scenario& scenario);

}  // namespace racelab
