// Settings and a fleet, made ready: everything that a world is built from, and that stays the same from run to run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/client/world.h"
#include "sim/scenario/registry.h"
#include "sim/scenario/settings.h"

namespace racelab {

/// The settings of a world's parts. `rows`: how many rows there are at the start.
WorldSettings world_settings(const Settings& settings, std::size_t rows);

struct Setup {
  /// The fleet must apply to the workload (problem_with says so).
  Setup(const Settings& settings, const Fleet& fleet);

  /// The combination that serves a client, as a place in the fleet.
  [[nodiscard]] std::size_t place_in_fleet(std::uint32_t client) const {
    return client % endpoints.size();
  }

  const WorkloadEntry* entry;
  std::unique_ptr<Workload> workload;
  std::vector<std::string> row_names;
  std::vector<std::unique_ptr<Endpoint>> owned_endpoints;
  std::vector<const Endpoint*> endpoints;  // like the fleet
  WorldSettings world;
  FaultPlan faults;
};

}  // namespace racelab
