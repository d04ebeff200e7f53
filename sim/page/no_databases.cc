// In place of sim/drivers/: a page reaches no database.
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"
#include "sim/drivers/spec_postgresql.h"

namespace racelab::drivers {

namespace {

constexpr const char* no_database = "a page reaches no database: --on is for a terminal";

}  // namespace

void check_files(const parse::FolderTexts& /*texts*/, const parse::ScriptScenario& /*scenario*/) {
  throw DriverError(no_database);
}

std::unique_ptr<Host> start_host(const std::string& /*on*/, const ServerRights& /*rights*/) {
  throw DriverError(no_database);
}

std::vector<std::string> clean_up(const std::string& /*on*/, const ServerRights& /*rights*/) {
  throw DriverError(no_database);
}

std::unique_ptr<SpecServer> start_spec_server(const std::string& /*on*/,
                                              const IsolationSpec& /*spec*/,
                                              std::string& /*note*/) {
  throw DriverError(no_database);
}

}  // namespace racelab::drivers
