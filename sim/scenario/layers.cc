// A layer keeps only what it sets. Its policy is made when it is asked for, so that the order of settings makes no difference.
#include "sim/scenario/layers.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sim/scenario/client_presets.h"

namespace racelab {

namespace {

constexpr std::string_view prefix = "layer.";

// "layer.2", and with a setting "layer.2.timeout".
std::string key_of(std::uint32_t layer, const std::string& setting = "") {
  std::string key(prefix);
  key += std::to_string(layer);
  return setting.empty() ? key : key + '.' + setting;
}

LayerSettings& layer_of(Settings& settings, std::uint32_t layer) {
  return settings.of_layers[layer - 1];
}
const LayerSettings& layer_of(const Settings& settings, std::uint32_t layer) {
  return settings.of_layers[layer - 1];
}

void set_own(Settings& settings, std::uint32_t layer, const LayerSettings::Own& own) {
  std::vector<LayerSettings::Own>& all = layer_of(settings, layer).own;
  const auto place = std::find_if(all.begin(), all.end(), [&own](const LayerSettings::Own& other) {
    return other.setting >= own.setting;
  });
  if (place != all.end() && place->setting == own.setting) {
    *place = own;
  } else {
    all.insert(place, own);
  }
  settings.layers = std::max(settings.layers, layer);
}

Option own_option(std::uint32_t layer, std::size_t setting) {
  const Option& base = settings_of_a_layer()[setting];
  Option made = base;
  made.name = key_of(layer, base.name);
  made.get = [layer, &base](const Settings& settings) {
    return base.get(as_clients(caller_of(settings, layer)));
  };
  made.set = [layer, setting](Settings& settings, std::int64_t value) {
    set_own(settings, layer, {setting, value});
  };
  return made;
}

Option preset_option(std::uint32_t layer) {
  Option made;
  made.name = key_of(layer);
  made.form = Form::choice;
  made.none = "same";
  for (const ClientPreset& preset : client_presets()) {
    made.choices.push_back(preset.name);
  }
  made.help = "who calls this layer: a client of `racelab list clients`; same: as the clients";
  made.get = [layer](const Settings& settings) {
    return static_cast<std::int64_t>(layer_of(settings, layer).client) - 1;
  };
  made.set = [layer](Settings& settings, std::int64_t value) {
    layer_of(settings, layer).client = static_cast<std::size_t>(value + 1);
    settings.layers = std::max(settings.layers, value == absent ? 1 : layer);
  };
  return made;
}

struct PresetPolicy {
  LayerCaller caller;
  bool sets_timeout = false;
};

// By their places in client_presets(): reports ask for a policy at every event.
const std::vector<PresetPolicy>& preset_policies() {
  static const std::vector<PresetPolicy> all = [] {
    std::vector<PresetPolicy> policies;
    for (const ClientPreset& preset : client_presets()) {
      const bool sets_timeout =
          std::any_of(preset.settings.begin(), preset.settings.end(),
                      [](const auto& setting) { return setting.first == "timeout"; });
      const Settings settings = settings_of(preset);
      policies.push_back({{settings, settings.retry}, sets_timeout});
    }
    return policies;
  }();
  return all;
}

// "2" of "layer.2" and of "layer.2.timeout".
std::string_view number_in(std::string_view key) {
  key.remove_prefix(std::min(prefix.size(), key.size()));
  return key.substr(0, key.find('.'));
}

}  // namespace

const std::vector<Option>& settings_of_a_layer() {
  static const std::vector<Option> all = [] {
    std::vector<Option> some{deadline_passed_option()};
    std::copy_if(options().begin(), options().end(), std::back_inserter(some),
                 [](const Option& option) { return option.of_layer; });
    return some;
  }();
  return all;
}

const std::vector<Option>& layer_options() {
  static const std::vector<Option> all = [] {
    std::vector<Option> made;
    for (std::uint32_t layer = 1; layer <= layers_max; ++layer) {
      made.push_back(preset_option(layer));
      const std::size_t own = layer == 1 ? 0 : settings_of_a_layer().size();
      for (std::size_t setting = 0; setting < own; ++setting) {
        made.push_back(own_option(layer, setting));
      }
    }
    return made;
  }();
  return all;
}

const Option* find_layer_option(std::string_view name) {
  if (!name.starts_with(prefix)) {
    return nullptr;
  }
  const auto found = std::find_if(layer_options().begin(), layer_options().end(),
                                  [name](const Option& it) { return it.name == name; });
  return found == layer_options().end() ? nullptr : &*found;
}

std::uint32_t preset_layer(std::string_view key) {
  const std::string_view number = number_in(key);
  if (!key.starts_with(prefix) || key.size() != prefix.size() + 1 || number < "1" ||
      number > std::to_string(layers_max)) {
    return 0;
  }
  return static_cast<std::uint32_t>(number.front() - '0');
}

std::vector<std::pair<std::string, std::string>> layer_settings_given(const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> given;
  for (std::uint32_t layer = 1; layer <= layers_max; ++layer) {
    const LayerSettings& of_layer = layer_of(settings, layer);
    if (of_layer.client > 0) {
      given.emplace_back(key_of(layer), client_presets()[of_layer.client - 1].name);
    }
    for (const LayerSettings::Own& own : of_layer.own) {
      const Option& option = settings_of_a_layer()[own.setting];
      given.emplace_back(key_of(layer, option.name), format_value(option, own.value));
    }
  }
  return given;
}

std::vector<std::pair<std::string, std::string>> layer_settings_shaping(const Settings& settings) {
  auto given = settings.layers > 1 ? layer_settings_given(settings)
                                   : std::vector<std::pair<std::string, std::string>>{};
  std::erase_if(given, [&settings](const auto& setting) {
    return layer_of_key(setting.first) > settings.layers;
  });
  return given;
}

std::uint32_t layer_of_key(std::string_view key) {
  return preset_layer(key.substr(0, prefix.size() + 1));
}

bool is_stack(const Settings& settings) {
  for (std::uint32_t layer = 2; layer <= settings.layers; ++layer) {
    const LayerSettings& of_layer = layer_of(settings, layer);
    if (of_layer.client > 0 || !of_layer.own.empty()) {
      return true;
    }
  }
  return false;
}

Settings as_clients(const LayerCaller& caller) {
  Settings made;
  made.retry = caller.retry;
  made.retry_budget = caller.retry_budget;
  made.breaker = caller.breaker;
  return made;
}

LayerCaller caller_of(const Settings& settings, std::uint32_t layer) {
  if (layer == 1) {
    return {settings, settings.retry};
  }
  const LayerSettings& of_layer = layer_of(settings, layer);
  LayerCaller caller{{}, settings.retry};
  if (of_layer.client > 0) {
    const PresetPolicy& preset = preset_policies()[of_layer.client - 1];
    caller = preset.caller;
    caller.retry.timeout =
        preset.sets_timeout ? preset.caller.retry.timeout : settings.retry.timeout;
  }
  if (of_layer.own.empty()) {
    return caller;
  }
  Settings made = as_clients(caller);
  for (const LayerSettings::Own& own : of_layer.own) {
    settings_of_a_layer()[own.setting].set(made, own.value);
  }
  return {made, made.retry};
}

RetryPolicy caller_policy(const Settings& settings, std::uint32_t layer) {
  return caller_of(settings, layer).retry;
}

std::uint32_t attempts_possible(const Settings& settings, std::uint32_t layer) {
  return caller_policy(settings, layer).attempts_possible();
}

std::string problem_with_preset(std::uint32_t layer, std::string_view name) {
  const ClientPreset* preset = find_client_preset(name);
  if (preset == nullptr) {
    return layer > 1 && name == "same" ? "" : no_such_client(name);
  }
  if (layer == 1) {
    return "";
  }
  static const Settings defaults;
  for (const auto& [key, value] : preset->settings) {
    const Option* option = find_option(key);
    if (option != nullptr && !option->of_layer && value_of(*option, defaults) != value) {
      return "'" + preset->name + "' sets " + key +
             ", which only the clients have: it can be layer 1, and no service in between";
    }
  }
  return "";
}

std::string misplaced_layer_key(const std::string& key, const std::string& dashes) {
  const std::string number(number_in(key));
  const std::string setting = key.substr(std::min(key.size(), prefix.size() + number.size() + 1));
  if (number == "1") {
    return "layer 1 is the clients': its settings have no prefix, as in '" + dashes +
           (setting.empty() ? "timeout" : setting) + "'";
  }
  if (preset_layer(std::string(prefix) + number) == 0) {
    return "a layer is a number from 1 to " + std::to_string(layers_max) + ", as in " + dashes +
           "layer.2.timeout, not '" + number + "'";
  }
  if (setting == "client") {
    return "whose retries a layer has is said by the layer itself, as in " +
           (dashes.empty() ? "layer." + number + " = nginx" : "--layer " + number + "=nginx");
  }
  return setting == "key" ? "only clients have a key, and no service in between: it is set as " +
                                dashes + setting
                          : "";
}

std::string unknown_layer_key(const std::string& key) {
  if (std::string problem = misplaced_layer_key(key, ""); !problem.empty()) {
    return problem;
  }
  const std::string_view number = number_in(key);
  std::vector<std::string> names;
  for (const Option& option : layer_options()) {
    if (number_in(option.name) == number) {
      names.push_back(option.name);
    }
  }
  const std::string near = nearest(key, names);
  return "there is no setting '" + key + "'" +
         (near.empty() ? "; a layer has those of a client's retries, as in layer.2.timeout"
                       : "; did you mean '" + near + "'?");
}

}  // namespace racelab
