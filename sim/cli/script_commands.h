// What the commands do with endpoints in SQL.
#pragma once

#include "sim/cli/commands.h"
#include "sim/cli/script_token.h"
#include "sim/cli/step_session.h"
#include "sim/drivers/host.h"
#include "sim/report/script_report.h"

namespace racelab {

CommandResult run_scripts(const Arguments& arguments, const Environment& environment);
CommandResult explore_scripts(const Arguments& arguments, const Environment& environment);

/// Whether the name is that of a spec file of PostgreSQL's isolation tester.
bool asks_for_spec(const Arguments& arguments);
CommandResult explore_spec_file(const Arguments& arguments, const Environment& environment);

/// Every order of a report's experiment, within the watch's limits. With `examples`, also the smallest counterexample and its token.
void explore_into(ScriptReport& report, const LoadedScripts& scripts, Watch& watch,
                  ExploreOptions options);

/// Up to three other strategies that hold in every order, where this one does not.
void find_that_hold(ScriptReport& report, const LoadedScripts& scripts, Watch& watch);

/// A violation is certain, whatever else was given up.
Verdict worst_of(const std::vector<ScriptReport>& reports);

/// The order of a token, which stands first among the names.
CommandResult replay_script(const TokenParts& token, const Arguments& arguments,
                            const Environment& environment);

/// Where the orders of endpoints in SQL are run.
struct VerifyOn {
  drivers::Host* host = nullptr;  // nullptr: the store
  std::uint64_t orders_max = 0;   // of a cell, on a server
  std::uint64_t steps_max = 0;    // of an order, likewise
};

/// Every strategy of a scenario at every isolation level: what it says that it withstands against what exploring finds. Adds how
/// long each cell took. Throws DriverError.
ScriptVerification verify_scripts(const std::string& name, Watch& watch, const VerifyOn& on,
                                  std::vector<double>& seconds);

/// The smallest counterexample of what the arguments name, or, given a token, its order.
CommandResult explain_script(const Arguments& arguments, const Environment& environment);
CommandResult explain_script(const TokenParts& token, const Arguments& arguments,
                             const Environment& environment);

/// One execution, to be stepped through: of what the arguments name, of what a token names, of what is known.
std::unique_ptr<SteppedWorld> open_script_world(const Arguments& arguments);
std::unique_ptr<SteppedWorld> open_script_world(const TokenParts& token,
                                                const Arguments& arguments);
std::unique_ptr<SteppedWorld> world_of(const LoadedScripts& scripts, const std::string& strategy,
                                       const std::vector<std::uint32_t>& issued,
                                       std::uint64_t states_max);

/// The page of what exploring found, to be put into the one that was built.
std::string explored_page(const LoadedScripts& scripts, const std::vector<ScriptReport>& reports,
                          const Arguments& arguments, const std::string& built);

/// What `racelab show` says of them, as JSON.
std::string shown_json(const parse::FolderTexts& folder, const parse::ScriptScenario& scenario,
                       const std::string& name);

CommandResult show_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult new_command(const std::vector<std::string>& rest, const Environment& environment);

/// Whether --help or -h is among what was given.
bool asks_for_help(const std::vector<std::string>& rest);
/// The one name that a command takes, and nothing else. Throws UsageError.
std::string only_name(const std::string& command, const std::vector<std::string>& rest);

}  // namespace racelab
