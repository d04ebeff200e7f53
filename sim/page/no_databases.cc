// In place of sim/drivers/, and of the commands that are for databases, or for spec files alone: a page reaches none, and has none.
#include "sim/cli/commands.h"
#include "sim/cli/databases_command.h"
#include "sim/cli/usage_error.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"
#include "sim/explore/explore_on.h"

namespace racelab {

namespace {

constexpr const char* no_database = "a page reaches no database: --on is for a terminal";

}  // namespace

const CommandSyntax& agree_syntax() {
  static const CommandSyntax none{
      .name = "agree", .sentence = "", .usage = "", .exits = "", .flags = {}};
  return none;
}

CommandResult agree_command(const std::vector<std::string>& /*rest*/,
                            const Environment& /*environment*/) {
  throw UsageError(no_database);
}

CommandResult explore_on_several(const LoadedScripts& /*scripts*/, const Arguments& /*arguments*/,
                                 const Environment& /*environment*/) {
  throw UsageError(no_database);
}

ExplorationOn explore_on(const ScriptSetup& /*setup*/, RealServer& /*server*/,
                         const ExploreOnOptions& /*options*/) {
  throw UsageError(no_database);
}

bool asks_for_spec(const Arguments& /*arguments*/) { return false; }

CommandResult explore_spec_file(const Arguments& /*arguments*/,
                                const Environment& /*environment*/) {
  throw UsageError("a page reads no spec file");
}

namespace drivers {

void check_files(const parse::FolderTexts& /*texts*/, const parse::ScriptScenario& /*scenario*/) {
  throw DriverError(no_database);
}

std::unique_ptr<Host> start_host(const std::string& /*on*/, const ServerRights& /*rights*/) {
  throw DriverError(no_database);
}

std::vector<std::string> clean_up(const std::string& /*on*/, const ServerRights& /*rights*/) {
  throw DriverError(no_database);
}

}  // namespace drivers
}  // namespace racelab
