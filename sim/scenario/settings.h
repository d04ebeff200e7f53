// Everything that shapes a run, as plain data. Every field is one entry of the option table (options.cc), and so a scenario
// file's key and a flag. The fields of a part stand beside that part, with their defaults: a part is given its own base of
// Settings, and nothing is copied field by field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/client/load_settings.h"
#include "sim/kernel/choice.h"
#include "sim/kernel/fault.h"
#include "sim/kernel/time.h"
#include "sim/scenario/hazard.h"
#include "sim/service/handler_settings.h"
#include "sim/store/statement.h"

namespace racelab {

/// What is to be done.
struct WorkSettings {
  std::uint32_t workload = 0;  // index into workloads()
  Hazards hazards;
  std::uint32_t rows = 1;        // how many rows the clients spread over, where the workload can
  std::int64_t initial = 0;      // every row's value at the start
  std::int64_t amount = 1;       // of an operation
  std::int64_t amount_step = 0;  // how much each operation's amount exceeds the one before it
  Isolation isolation = Isolation::autocommit;
};

/// How long messages take; setup.cc makes a distribution of each.
struct LatencySettings {
  Duration latency = milliseconds(1);
  Shape latency_shape = Shape::even;
  std::uint32_t latency_spread_parts_per_billion = 250'000'000;
  Duration statement_latency{};  // 0: same as latency
  Duration answer_latency{};     // 0: a statement's answer comes at once
};

/// Who calls a service, where that is not the clients as they are otherwise set: layer 1 is the clients, layer k is service
/// k - 1, which calls service k. What each sets stands in layers.cc, and is an option, too.
struct LayerSettings {
  struct Own {
    std::size_t setting = 0;  // which of those that a layer can have; see layer_options()
    std::int64_t value = 0;
  };
  std::size_t client = 0;  // whose preset it is: its place in client_presets(), from 1; 0: none
  std::vector<Own> own;    // what else it sets, in the order of the options; none for layer 1
};

struct Settings : WorkSettings, LatencySettings, LoadSettings, HandlerSettings, RunSettings {
  FaultPlan faults;
  std::array<LayerSettings, layers_max> of_layers;  // by layer - 1
};

}  // namespace racelab
