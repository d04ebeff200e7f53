// A preset's file is a comment and lines `key = value`; what a line says is checked where it is applied.
#include "sim/scenario/client_presets.h"

#include <algorithm>

#include "sim/scenario/embedded.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

ClientPreset preset_of(const EmbeddedScenario& file) {
  ClientPreset preset{std::string(file.name), {}, {}};
  std::string_view text = file.text;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t equals = line.find(" = ");
    if (line.starts_with('#')) {
      preset.claim.emplace_back(line.substr(std::min<std::size_t>(2, line.size())));
    } else if (equals != std::string_view::npos) {
      preset.settings.emplace_back(line.substr(0, equals), line.substr(equals + 3));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return preset;
}

}  // namespace

const std::vector<ClientPreset>& client_presets() {
  static const std::vector<ClientPreset> all = [] {
    std::vector<ClientPreset> presets;
    for (const EmbeddedScenario& file : embedded_clients()) {
      presets.push_back(preset_of(file));
    }
    std::sort(presets.begin(), presets.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return presets;
  }();
  return all;
}

const ClientPreset* find_client_preset(std::string_view name) {
  for (const ClientPreset& preset : client_presets()) {
    if (preset.name == name) {
      return &preset;
    }
  }
  return nullptr;
}

std::string no_such_client(std::string_view name) {
  std::vector<std::string> names;
  for (const ClientPreset& preset : client_presets()) {
    names.push_back(preset.name);
  }
  const std::string near = nearest(name, names);
  return "there is no client '" + std::string(name) + "'" +
         (near.empty() ? "; `racelab list clients` shows them" : "; did you mean '" + near + "'?");
}

Settings settings_of(const ClientPreset& preset) {
  Settings settings;
  for (const auto& [key, value] : preset.settings) {
    const Option* option = find_option(key);
    const ParsedValue parsed = option == nullptr ? ParsedValue{} : parse_value(*option, value);
    if (parsed.value) {
      option->set(settings, *parsed.value);
    }
  }
  return settings;
}

RetryPolicy policy_of(const ClientPreset& preset) { return settings_of(preset).retry; }

namespace {

// The attempts that a client has under way when the first of them times out; one, where it does not hedge.
std::uint16_t hedges_within(const RetryPolicy& policy) {
  const Duration patience = policy.patience({});
  std::uint16_t attempts = 1;
  Duration at{};
  while (const std::optional<Duration> delay = policy.hedge_delay(attempts, at)) {
    at = at + *delay;
    if (patience > Duration{} && at >= patience) {
      break;
    }
    ++attempts;
  }
  return attempts;
}

}  // namespace

std::uint32_t requests_after(RetryPolicy policy, Failure failure) {
  // Only a deadline makes the number depend on pauses; they take long to work out for a client that asks without end.
  if (policy.deadline == Duration{}) {
    policy.backoff = Backoff::none;
  }
  // Those that go out before the first has timed out; whether more do after it is said below.
  RetryState state = policy.start();
  std::uint16_t attempt = failure == Failure::timeout ? hedges_within(policy) : 1;
  while (attempt < RetryPolicy::attempts_endless &&
         policy
             .after({.failure = failure, .attempt = attempt}, state,
                    [](Duration low, Duration /*high*/) { return low; })
             .again) {
    ++attempt;
  }
  return attempt;
}

}  // namespace racelab
