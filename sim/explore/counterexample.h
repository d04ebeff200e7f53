// The smallest execution that violates: fewest clients (over every subset of the fleet, the rest issuing nothing), then
// operations, faults, switches between handlers, steps; ties to the alphabetically first word.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/explore/graph.h"
#include "sim/explore/schedule.h"
#include "sim/scenario/registry.h"
#include "sim/scenario/settings.h"

namespace racelab {

struct WalkedOrder {
  std::vector<std::uint32_t> issued;  // operations of each client; 0: it issues nothing
  std::uint32_t clients = 0;          // that issue something
  std::uint32_t operations = 0;
  std::uint32_t faults = 0;
  std::uint32_t switches = 0;
  std::vector<Move> moves;
  std::vector<double>
      chances;  // of a violation from there on: at the start, then after each move; 1: doomed
  Outcome outcome;
};

/// The smallest one by faults, switches, steps and word in a graph of this model that kept its labels, or the smallest order with a
/// near miss of some kind; nothing when there is none. Leaves the model at its end. Expects the model where the graph was begun.
std::optional<WalkedOrder> smallest_in(const StateGraph& graph, Model& model,
                                       std::optional<NearMiss> by = std::nullopt);

/// The smallest one of all. Nothing when there is none, or when the limits were reached before one was found. `parts`: clients of
/// several of them cannot touch each other, and are not looked at together; empty: any can.
std::optional<WalkedOrder> find_smallest(const Settings& settings, const Fleet& fleet,
                                         const Limits& limits,
                                         std::optional<NearMiss> by = std::nullopt,
                                         const std::vector<std::vector<std::uint32_t>>& parts = {});

/// An order with all that a counterexample has. Without chances when the graph of states is larger than the limits.
WalkedOrder walk_order(const Settings& settings, const Fleet& fleet,
                       const std::vector<std::uint32_t>& issued, const std::vector<Move>& moves,
                       const Limits& limits);

}  // namespace racelab
