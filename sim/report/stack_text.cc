// The sentences about a stack, from what its policies come to.
#include "sim/report/stack_text.h"

#include <fmt/format.h>

#include "sim/report/words.h"
#include "sim/scenario/client_presets.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/stack.h"

namespace racelab {

namespace {

namespace json = boost::json;

// Of layer 1 the client, of layer 2 service 1, which calls service 2.
std::string caller_name(std::size_t layer) {
  return layer == 1 ? "the client" : fmt::format("service {}", layer - 1);
}

std::string preset_of(const Settings& settings, std::size_t layer) {
  const LayerSettings& of_layer = settings.of_layers[layer - 1];
  return of_layer.client == 0 ? "" : client_presets()[of_layer.client - 1].name;
}

std::string policy_words(const Settings& settings, std::size_t layer) {
  std::string words = preset_of(settings, layer);
  if (words.empty()) {
    words = layer == 1                                  ? "its own settings"
            : settings.of_layers[layer - 1].own.empty() ? "as the client"
                                                        : "as the client, but for its own";
  }
  return words;
}

std::string names(const Settings& settings) {
  std::string text;
  for (std::size_t layer = 1; layer <= settings.layers; ++layer) {
    add_item(text, fmt::format("{}: {}", layer == 1 ? "client" : caller_name(layer),
                               policy_words(settings, layer)));
  }
  return text;
}

std::string path(const std::vector<StackCaller>& callers) {
  std::string factors;
  for (std::size_t layer = 1; layer <= callers.size(); ++layer) {
    factors += fmt::format("{}{} by {}", layer == 1 ? "" : " x ", callers[layer - 1].calls,
                           caller_name(layer));
  }
  return fmt::format("up to {} of service {} for one operation: {}",
                     counted(calls_of_one_operation(callers), "call"), callers.size(), factors);
}

// Where a caller gives up while the service that it called goes on.
std::string too_early(const std::vector<StackCaller>& callers) {
  std::string text;
  for (std::size_t layer = 1; layer < callers.size(); ++layer) {
    const StackCaller& caller = callers[layer - 1];
    const StackCaller& called = callers[layer];
    if (!caller.gives_up || called.ends_with_its_caller ||
        (called.goes_on && *called.goes_on <= *caller.gives_up)) {
      continue;
    }
    add_clause(text,
               fmt::format(
                   "{} gives up on a call after {}, while {} may go on {}", caller_name(layer),
                   format_duration(caller.gives_up->microseconds), caller_name(layer + 1),
                   called.goes_on ? fmt::format("for {}", time_text({called.goes_on->microseconds}))
                                  : std::string("without end")));
  }
  return text;
}

}  // namespace

std::vector<Labelled> stack_blocks(const Settings& settings) {
  if (!is_stack(settings)) {
    return {};
  }
  const std::vector<StackCaller> callers = callers_of(settings);
  std::vector<Labelled> blocks{{"stack", names(settings)}, {"path", path(callers)}};
  if (std::string early = too_early(callers); !early.empty()) {
    blocks.push_back({"early", std::move(early)});
  }
  return blocks;
}

json::array stack_json(const Settings& settings) {
  json::array layers;
  const std::vector<StackCaller> callers = callers_of(settings);
  for (std::uint32_t layer = 1; layer <= settings.layers; ++layer) {
    Settings of_layer;
    of_layer.retry = caller_policy(settings, layer);
    json::object policy;
    for (const Option& option : settings_of_a_layer()) {
      policy[option.name] = value_of(option, of_layer);
    }
    const std::string preset = preset_of(settings, layer);
    layers.push_back(
        json::object{{"layer", layer},
                     {"caller", layer == 1 ? "client" : caller_name(layer)},
                     {"client", preset.empty() ? json::value(nullptr) : json::value(preset)},
                     {"calls_at_most", callers[layer - 1].calls},
                     {"settings", std::move(policy)}});
  }
  return layers;
}

}  // namespace racelab
