// Scenarios by name or from a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/report/report.h"
#include "sim/scenario/scenario.h"

namespace racelab {

/// Reads the text of a scenario. Throws UsageError "FILE:LINE: …" for the first line that is not right.
Scenario parse_scenario(const std::string& name, const std::string& file, std::string_view text);

/// The built-in scenario of that name, or, when `name` holds a slash or ends in .ini, the file. Throws UsageError.
Scenario load_scenario(const std::string& name);

/// Whether load_scenario would look for something under that name: a built-in scenario, or a file.
bool names_scenario(const std::string& name);

/// The built-in scenarios, sorted by name.
const std::vector<ListedScenario>& listed_scenarios();

}  // namespace racelab
