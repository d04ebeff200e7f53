// A preset is looked up by its name, and never wins over what was typed.
#include "sim/cli/client_flag.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/cli/usage_error.h"
#include "sim/scenario/client_presets.h"
#include "sim/scenario/layers.h"

namespace racelab {

namespace {

using Setting = std::pair<std::string, std::string>;

Setting layer_setting(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError(fmt::format(
        "layer must be N=CLIENT, such as --layer 2=nginx, not '{}'; `racelab list clients` shows "
        "them",
        text));
  }
  Setting setting{fmt::format("layer.{}", text.substr(0, equals)), text.substr(equals + 1)};
  if (preset_layer(setting.first) == 0) {
    throw UsageError(fmt::format("layer must be from 1 to {}, not '{}', as in --layer 2=nginx",
                                 layers_max, text.substr(0, equals)));
  }
  return setting;
}

}  // namespace

bool gives_layers(const Arguments& taken) {
  return std::any_of(taken.settings.begin(), taken.settings.end(),
                     [](const Setting& setting) { return layer_of_key(setting.first) > 0; });
}

void take_layers(Arguments& taken, const std::vector<std::string>& layers) {
  for (const std::string& text : layers) {
    Setting setting = layer_setting(text);
    for (const Setting& given : taken.settings) {
      if (given.first == setting.first) {
        throw UsageError(fmt::format("'--layer {}' is given twice", preset_layer(given.first)));
      }
    }
    taken.settings.push_back(std::move(setting));
  }
  const auto place = [](const Setting& setting) {
    return setting.first == "layer.1" ? 0 : layer_of_key(setting.first) > 0 ? 2 : 1;
  };
  std::stable_sort(taken.settings.begin(), taken.settings.end(),
                   [&place](const Setting& a, const Setting& b) { return place(a) < place(b); });
}

void put_client_first(Arguments& taken, const std::string& name) {
  const ClientPreset* preset = find_client_preset(name);
  if (preset == nullptr) {
    const bool number = name.find_first_not_of("0123456789") == std::string::npos;
    throw UsageError(
        number ? fmt::format("there is no client '{0}'; did you mean '--clients {0}'?", name)
               : no_such_client(name));
  }
  taken.client = name;
  if (gives_layers(taken)) {  // a stack says whose each layer is
    if (taken.settings.front().first == "layer.1") {
      throw UsageError(fmt::format(
          "'--client {}' and '--layer 1={}' both say whose the clients' retries are: give one",
          name, taken.settings.front().second));
    }
    taken.settings.insert(taken.settings.begin(), {"layer.1", name});
    return;
  }
  std::vector<Setting> settings;
  for (const auto& setting : preset->settings) {
    const bool wins =
        std::any_of(taken.settings.begin(), taken.settings.end(),
                    [&setting](const auto& given) { return given.first == setting.first; });
    if (!wins) {
      settings.push_back(setting);
    }
  }
  taken.of_client = settings.size();
  settings.insert(settings.end(), taken.settings.begin(), taken.settings.end());
  taken.settings = std::move(settings);
}

std::vector<Setting> flags_over(const Settings& settings, const Arguments& arguments) {
  const bool says_whose = settings.of_layers.front().client > 0 || is_stack(settings);
  if (arguments.of_client == 0 || !says_whose) {
    return arguments.settings;
  }
  std::vector<Setting> flags{{"client", arguments.client}};
  flags.insert(flags.end(),
               arguments.settings.begin() + static_cast<std::ptrdiff_t>(arguments.of_client),
               arguments.settings.end());
  return flags;
}

}  // namespace racelab
