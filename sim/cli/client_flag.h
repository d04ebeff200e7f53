// --client NAME: the settings of a real client's retries, as if they had been typed.
#pragma once

#include <string>

#include "sim/cli/arguments.h"

namespace racelab {

/// The settings of a client's preset before those that are given; these win. Throws UsageError: there is no such client.
void put_client_first(Arguments& taken, const std::string& name);

/// Of each --layer N=CLIENT the setting layer.N, behind what is given for all layers; layer.1, which is the clients', before it.
/// Throws UsageError: one has another form, or is given twice.
void take_layers(Arguments& taken, const std::vector<std::string>& layers);

/// Whether a setting of a layer is given.
bool gives_layers(const Arguments& taken);

}  // namespace racelab
