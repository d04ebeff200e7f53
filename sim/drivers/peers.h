// The databases besides PostgreSQL that racelab starts itself.
#pragma once

#include <memory>
#include <string>

#include "sim/drivers/host.h"

namespace racelab::drivers {

/// `on`: "sqlite" or "mariadb", with options behind a colon ("sqlite:journal,wait"); nullptr: it names none of them. Throws DriverError.
std::unique_ptr<Host> start_peer(const std::string& on);

}  // namespace racelab::drivers
