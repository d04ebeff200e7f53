// In place of sim/drivers/: a page reaches no database.
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"

namespace racelab::drivers {

std::unique_ptr<Host> start_host(const std::string& on) {
  throw DriverError("a page reaches no database: `--on " + on + "` is for a terminal");
}

}  // namespace racelab::drivers
