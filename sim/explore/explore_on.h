// Every order on a real server: one after another, each from the start, through the same handlers, faults and judge as in the store.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "sim/explore/real_server.h"
#include "sim/explore/script_explore.h"

namespace racelab {

struct ExploreOnOptions {
  std::uint64_t orders_max = 20'000;
  std::uint32_t steps_max = 1'000;  // of one order
  bool example = true;              // the smallest order that is wrong is run once more, and drawn
  bool until_violated = false;      // the first order that is wrong is the last one
  /// Told how many orders are done; false: stop.
  std::function<bool(std::uint64_t done)> go_on;
};

struct ExplorationOn : ScriptExploration {
  OrderCount waiting;  // orders in which somebody waits for a lock
  std::map<std::string, OrderCount>
      refused;  // by error ("40001 (1213)"): orders in which a statement got it
  std::map<std::string, std::set<std::string>> refused_at;  // … and which did: "UPDATE"
};

/// What was found; `states` stays 0. Where the server is free (who of several waiters goes on) an order is one that it took.
ExplorationOn explore_on(const ScriptSetup& setup, RealServer& server,
                         const ExploreOnOptions& options);

}  // namespace racelab
