// A preset is looked up by its name, and never wins over what was typed.
#include "sim/cli/client_flag.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/cli/usage_error.h"
#include "sim/scenario/client_presets.h"

namespace racelab {

void put_client_first(Arguments& taken, const std::string& name) {
  const ClientPreset* preset = find_client_preset(name);
  if (preset == nullptr) {
    const bool number = name.find_first_not_of("0123456789") == std::string::npos;
    throw UsageError(
        number ? fmt::format("there is no client '{0}'; did you mean '--clients {0}'?", name)
               : no_such_client(name));
  }
  std::vector<std::pair<std::string, std::string>> settings;
  for (const auto& setting : preset->settings) {
    const bool wins =
        std::any_of(taken.settings.begin(), taken.settings.end(),
                    [&setting](const auto& given) { return given.first == setting.first; });
    if (!wins) {
      settings.push_back(setting);
    }
  }
  settings.insert(settings.end(), taken.settings.begin(), taken.settings.end());
  taken.settings = std::move(settings);
}

}  // namespace racelab
