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

// "nginx", "nginx (timeout=20ms)": the preset, and what it sets besides.
std::string policy_words(const Settings& settings, std::size_t layer) {
  std::string words = preset_of(settings, layer);
  if (words.empty()) {
    words = layer == 1 ? "its settings" : "as the client";
  }
  std::string own;
  for (const LayerSettings::Own& it : settings.of_layers[layer - 1].own) {
    const Option& option = settings_of_a_layer()[it.setting];
    own +=
        fmt::format("{}{}={}", own.empty() ? "" : " ", option.name, format_value(option, it.value));
  }
  return own.empty() ? words : fmt::format("{} ({})", words, own);
}

std::string names(const Settings& settings) {
  std::string text;
  for (std::size_t layer = 1; layer <= settings.layers; ++layer) {
    add_item(text, fmt::format("{}: {}", layer == 1 ? "client" : caller_name(layer),
                               policy_words(settings, layer)));
  }
  return text;
}

std::string when(Failure failure) {
  switch (failure) {
    case Failure::refused:
      return "when every connection is refused";
    case Failure::reset:
      return "when every connection breaks";
    case Failure::timeout:
      return "when no answer comes";
    default:
      return fmt::format("when every answer is a {}",
                         failure_names[static_cast<std::size_t>(failure)]);
  }
}

// "3 by the client x 2 by service 1"
std::string factors_of(const std::vector<StackCaller>& callers) {
  std::string factors;
  for (std::size_t layer = 1; layer <= callers.size(); ++layer) {
    factors += fmt::format("{}{} by {}", layer == 1 ? "" : " x ", callers[layer - 1].calls,
                           caller_name(layer));
  }
  return factors;
}

std::string path(const Settings& settings, const std::vector<StackCaller>& callers) {
  const std::uint64_t calls = calls_of_one_operation(callers);
  const std::optional<Failure> failure = only_failure(settings);
  std::string text =
      fmt::format("up to {} of service {} for one operation{}: {}", counted(calls, "call"),
                  callers.size(), failure ? ' ' + when(*failure) : "", factors_of(callers));
  const Failure worst = worst_failure(settings);
  const std::vector<StackCaller> at_worst = callers_after(settings, worst);
  if (const std::uint64_t most = calls_of_one_operation(at_worst); failure && most > calls) {
    add_clause(
        text, fmt::format("at worst {}, {}: {}", grouped(most), when(worst), factors_of(at_worst)));
  }
  return text;
}

// "250ms", "1.5s": to a tenth of a second.
std::string span_text(Duration span) {
  if (span < seconds(1)) {
    return fmt::format("{:.4g}ms", static_cast<double>(span.microseconds) / 1'000);
  }
  const std::int64_t tenths = (span.microseconds + 50'000) / 100'000;
  return tenths % 10 == 0 ? fmt::format("{}s", tenths / 10)
                          : fmt::format("{}.{}s", tenths / 10, tenths % 10);
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
    const std::string goes_on =
        called.goes_on ? "for " + span_text(*called.goes_on) : "without end";
    add_clause(text, fmt::format("{} gives up on a call after {}, while {} may go on {}",
                                 caller_name(layer), span_text(*caller.gives_up),
                                 caller_name(layer + 1), goes_on));
  }
  return text;
}

}  // namespace

std::vector<Labelled> stack_blocks(const Settings& settings) {
  if (!is_stack(settings)) {
    return {};
  }
  const std::vector<StackCaller> callers = callers_of(settings);
  std::vector<Labelled> blocks{{"stack", names(settings)}, {"path", path(settings, callers)}};
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
