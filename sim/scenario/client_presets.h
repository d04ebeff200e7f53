// The retry policies of real client libraries and proxies: the files of scenarios/clients/, a preset each. A preset is settings, given
// before all others: `client = NAME` in a scenario, `--client NAME` on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/client/failure.h"
#include "sim/client/retry_policy.h"
#include "sim/scenario/settings.h"

namespace racelab {

struct ClientPreset {
  std::string name;  // the file's, without .ini
  std::vector<std::string>
      claim;  // the comment that opens the file: library, version, what was measured, what surprises
  std::vector<std::pair<std::string, std::string>> settings;  // in the order of the file
};

/// All, sorted by name.
const std::vector<ClientPreset>& client_presets();

/// The preset of that name; nullptr when there is none.
const ClientPreset* find_client_preset(std::string_view name);

/// "there is no client 'axois'; did you mean 'axios'?"
std::string no_such_client(std::string_view name);

/// What a preset sets, over the settings that a run has unless told otherwise.
Settings settings_of(const ClientPreset& preset);
/// The policy of it.
RetryPolicy policy_of(const ClientPreset& preset);

/// Requests that a client sends for one operation when every attempt fails like that; RetryPolicy::attempts_endless: without end.
std::uint32_t requests_after(RetryPolicy policy, Failure failure);

}  // namespace racelab
