// --client NAME: the settings of a real client's retries, as if they had been typed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/scenario/settings.h"

namespace racelab {

/// The settings of a client's preset before those that are given; these win. Throws UsageError: there is no such client.
void put_client_first(Arguments& taken, const std::string& name);

/// Of each --layer N=CLIENT the setting layer.N, behind what is given for all layers; layer.1, which is the clients', before it.
/// Throws UsageError: one has another form, or is given twice.
void take_layers(Arguments& taken, const std::vector<std::string>& layers);

/// Whether a setting of a layer is given.
bool gives_layers(const Arguments& taken);

/// The flags that shape a run of a scenario with these settings: where it says whose retries are whose, --client does, too, and
/// replaces a preset; otherwise the settings of that preset.
std::vector<std::pair<std::string, std::string>> flags_over(const Settings& settings,
                                                            const Arguments& arguments);

}  // namespace racelab
