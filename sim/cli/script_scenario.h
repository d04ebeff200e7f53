// Scenarios with endpoints in SQL: folders that are built in, folders of the user's, or single files given as flags.
#pragma once

#include <string>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/parse/scenario_folder.h"
#include "sim/report/report.h"

namespace racelab {

/// Whether the name is that of a built-in folder, or of a folder.
bool names_script_scenario(const std::string& name);
/// Whether the arguments ask for endpoints in SQL.
bool asks_for_scripts(const Arguments& arguments);

/// Throws UsageError where a flag was given that only endpoints in SQL have.
void refuse_flags_of_scripts(const Arguments& arguments);

using Flags = std::vector<std::pair<std::string, std::string>>;

/// The files of endpoints in SQL, read.
struct ScriptFiles {
  parse::FolderTexts texts;
  bool built_in = false;
  std::string fleet;  // that --endpoint makes; empty: the scenario has strategies
  std::string where;  // how a command names them: " ./shop", " --setup schema.sql --endpoint …"
};
/// Those that the arguments name. Throws UsageError.
ScriptFiles load_script_files(const Arguments& arguments);
/// … compiled. Throws parse::Problem.
parse::ScriptScenario compiled(const ScriptFiles& files, const Flags& flags,
                               parse::Purpose purpose);

/// Settings and parameters among the arguments: key, value. Throws UsageError.
Flags script_flags(const Arguments& arguments);

/// A folder by its name, as its files stand. Throws UsageError.
parse::FolderTexts load_folder(const std::string& name);

/// The built-in folders, sorted by name.
const std::vector<ListedScenario>& listed_script_scenarios();

}  // namespace racelab
