// Scenarios with endpoints in SQL: folders that are built in, folders of the user's, or single files given as flags.
#pragma once

#include <string>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/parse/scenario_folder.h"
#include "sim/report/report.h"

namespace racelab {

/// Whether the name is that of a built-in folder, or a folder that holds a setup.sql.
bool names_script_scenario(const std::string& name);
/// Whether the arguments ask for endpoints in SQL.
bool asks_for_scripts(const Arguments& arguments);

/// What the arguments name, compiled, with their settings. Throws UsageError or parse::Problem.
parse::ScriptScenario load_script_scenario(const Arguments& arguments);
/// A folder by its name, as its files stand. Throws UsageError.
parse::FolderTexts load_folder(const std::string& name);

/// The built-in folders, sorted by name.
const std::vector<ListedScenario>& listed_script_scenarios();

}  // namespace racelab
