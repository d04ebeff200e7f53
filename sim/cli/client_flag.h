// --client NAME: the settings of a real client's retries, as if they had been typed.
#pragma once

#include <string>

#include "sim/cli/arguments.h"

namespace racelab {

/// The settings of a client's preset before those that are given; these win. Throws UsageError: there is no such client.
void put_client_first(Arguments& taken, const std::string& name);

}  // namespace racelab
