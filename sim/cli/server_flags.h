// What the command line says of a real server: --on and what goes with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/cli/cli.h"
#include "sim/drivers/host.h"

namespace racelab {

/// Throws UsageError when a word of the command line is an address with a password in it, which is repeated nowhere.
void refuse_passwords(const std::vector<std::string>& words);

/// Throws UsageError when a flag has no server to go with.
void check_server_flags(const Arguments& arguments);

/// Throws UsageError when a setting is the store's alone.
void check_settings_for_server(const Settings& settings);

/// Starts or reaches the server, and says on standard error, before anything is done there, where racelab works. Throws DriverError.
std::unique_ptr<drivers::Host> start_server(const Arguments& arguments,
                                            const Environment& environment);

/// --on and what goes with it, as a command line that does it again.
std::string server_flags(const Arguments& arguments);

}  // namespace racelab
