// A stack: services that call one another, each by a policy of its own. Layer 1 is called by the clients, layer k by service
// k - 1, and the last service does the work. What a layer can set is made from the option table: a policy's settings again,
// under the names layer.2.timeout, layer.2.attempts-max, …, and layer.2 itself, a client's preset.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/options.h"

namespace racelab {

/// Every setting of layers 2 to layers_max, and layer.1, which only says whose preset the clients have. Apart from options(): there are many, and most runs have none.
const std::vector<Option>& layer_options();

/// The one of that name; nullptr when there is none.
const Option* find_layer_option(std::string_view name);

/// What the layers can set, without "layer.2.": what `deadline-passed` and the options of a policy are called.
const std::vector<Option>& settings_of_a_layer();

/// The layer whose preset a key names: 2 for "layer.2"; 0: it names none.
std::uint32_t preset_layer(std::string_view key);

/// Settings of layers that are given, as keys and values, in the order of the layers.
std::vector<std::pair<std::string, std::string>> layer_settings_given(const Settings& settings);

/// Those that make a difference: of the layers that there are; none where the clients call the service themselves.
std::vector<std::pair<std::string, std::string>> layer_settings_shaping(const Settings& settings);

/// The layer that a key of one is about: 2 for "layer.2.timeout".
std::uint32_t layer_of_key(std::string_view key);

/// Whether a service in between goes by another policy than the clients'.
bool is_stack(const Settings& settings);

/// Whoever calls a layer: a policy, a budget and a breaker.
struct LayerCaller : RetryLimitSettings {
  RetryPolicy retry;
};
/// Whoever calls a layer, from 1. A budget and a breaker it has if it, or its preset, sets them: those of the clients are theirs.
LayerCaller caller_of(const Settings& settings, std::uint32_t layer);
/// The settings of clients that do as it does.
Settings as_clients(const LayerCaller& caller);

/// By what policy a layer is called, from 1. A preset stands over the defaults, with the clients' timeout where it has none; what
/// a layer sets besides stands over its preset, or over the clients' policy.
RetryPolicy caller_policy(const Settings& settings, std::uint32_t layer);

/// Attempts that one call can come to at a layer; see RetryPolicy::attempts_possible.
std::uint32_t attempts_possible(const Settings& settings, std::uint32_t layer);

/// Why a layer cannot have a preset, or none of that name; empty: it can. "same" is none, of a service in between.
std::string problem_with_preset(std::uint32_t layer, std::string_view name);

/// What is wrong with a key that begins with "layer.", where that is not its spelling: its number, or what only clients have; empty:
/// nothing of that. `dashes`: what stands before keys where it was given.
std::string misplaced_layer_key(const std::string& key, const std::string& dashes);

/// Why there is no such setting, for a key of a file that begins with "layer.".
std::string unknown_layer_key(const std::string& key);

}  // namespace racelab
