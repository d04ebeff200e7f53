// In place of sim/drivers/: a page reaches no database.
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"
#include "sim/drivers/spec_postgresql.h"

namespace racelab::drivers {

namespace {

[[noreturn]] void refuse(const std::string& on) {
  throw DriverError("a page reaches no database: `--on " + on + "` is for a terminal");
}

}  // namespace

std::unique_ptr<Host> start_host(const std::string& on) { refuse(on); }

std::unique_ptr<SpecServer> start_spec_server(const std::string& on, const IsolationSpec& /*spec*/,
                                              std::string& /*note*/) {
  refuse(on);
}

}  // namespace racelab::drivers
