// The sentences about a stack, from what its policies come to.
#include "sim/report/stack_text.h"

#include <fmt/format.h>

#include <algorithm>

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

// What stands over the clients' preset; the settings of services in between are kept apart from theirs.
std::vector<LayerSettings::Own> own_of_clients(const Settings& settings) {
  const Settings of_preset = settings_of(client_presets()[settings.of_layers.front().client - 1]);
  std::vector<LayerSettings::Own> own;
  for (std::size_t i = 0; i < settings_of_a_layer().size(); ++i) {
    const Option& option = settings_of_a_layer()[i];
    if (const std::int64_t value = option.get(settings); value != option.get(of_preset)) {
      own.push_back({i, value});
    }
  }
  return own;
}

// "nginx", "nginx (timeout=20ms)": the preset, and what is set besides.
std::string policy_words(const Settings& settings, std::size_t layer) {
  const LayerSettings& of_layer = settings.of_layers[layer - 1];
  std::string words = preset_of(settings, layer);
  if (words.empty()) {
    words = layer == 1 ? "its settings" : "as the client";
  }
  const bool of_clients = layer == 1 && of_layer.client > 0;
  std::string own;
  for (const LayerSettings::Own& it : of_clients ? own_of_clients(settings) : of_layer.own) {
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
    const StackCaller& caller = callers[layer - 1];
    factors += fmt::format("{}{} by {}", layer == 1 ? "" : " x ",
                           is_endless(caller) ? "any number" : std::to_string(caller.calls),
                           caller_name(layer));
  }
  return factors;
}

// "up to 6 calls of service 2"
std::string calls_text(const std::vector<StackCaller>& callers) {
  return std::any_of(callers.begin(), callers.end(), is_endless)
             ? fmt::format("calls of service {} without end", callers.size())
             : fmt::format("up to {} of service {}",
                           counted(calls_of_one_operation(callers), "call"), callers.size());
}

// Where one failure alone makes the most calls that there can be; none where a missing answer does, as any overload brings it.
std::optional<Failure> only_after(const Settings& settings, std::uint64_t most) {
  const Failure worst = worst_failure(settings);
  const auto calls = [&settings](Failure failure) {
    return calls_of_one_operation(callers_after(settings, failure));
  };
  return calls(worst) == most && calls(Failure::timeout) < most ? std::optional(worst)
                                                                : std::nullopt;
}

std::string path(const Settings& settings, const std::vector<StackCaller>& callers) {
  const std::uint64_t calls = calls_of_one_operation(callers);
  const std::optional<Failure> failure = only_failure(settings);
  const std::optional<Failure> after = failure ? failure : only_after(settings, calls);
  std::string text = fmt::format("{} for one operation{}: {}", calls_text(callers),
                                 after ? ' ' + when(*after) : "", factors_of(callers));
  const Failure worst = worst_failure(settings);
  const std::vector<StackCaller> at_worst = callers_after(settings, worst);
  if (const std::uint64_t most = calls_of_one_operation(at_worst); failure && most > calls) {
    const bool endless = std::any_of(at_worst.begin(), at_worst.end(), is_endless);
    add_clause(text, fmt::format("at worst {}, {}: {}", endless ? "without end" : grouped(most),
                                 when(worst), factors_of(at_worst)));
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
  if (settings.layers == 1) {
    return {};
  }
  const std::vector<StackCaller> callers = callers_of(settings);
  std::vector<Labelled> blocks;
  if (is_stack(settings) || !preset_of(settings, 1).empty()) {
    blocks.push_back({"stack", names(settings)});
  }
  blocks.push_back({"path", path(settings, callers)});
  if (std::string early = too_early(callers); !early.empty()) {
    blocks.push_back({"early", std::move(early)});
  }
  return blocks;
}

json::array stack_json(const Settings& settings) {
  json::array layers;
  const std::vector<StackCaller> callers = callers_of(settings);
  for (std::uint32_t layer = 1; layer <= settings.layers; ++layer) {
    const Settings of_layer = as_clients(caller_of(settings, layer));
    json::object policy;
    for (const Option& option : settings_of_a_layer()) {
      policy[option.name] = value_of(option, of_layer);
    }
    const std::string preset = preset_of(settings, layer);
    layers.push_back(json::object{
        {"layer", layer},
        {"caller", layer == 1 ? "client" : caller_name(layer)},
        {"client", preset.empty() ? json::value(nullptr) : json::value(preset)},
        {"calls_at_most", is_endless(callers[layer - 1]) ? json::value(nullptr)
                                                         : json::value(callers[layer - 1].calls)},
        {"settings", std::move(policy)}});
  }
  return layers;
}

}  // namespace racelab
