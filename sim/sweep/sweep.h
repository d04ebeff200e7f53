// Many seeds, on all cores: every cell of a plan is run under the same seeds, so that every strategy meets the same weather,
// and all that is kept of the runs is a tally per cell.
//
// Runs share nothing, and tallies add up in any order: the same plan gives the same tallies on any number of threads, and its
// parts, run on different machines, add up to what one run gives.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/registry.h"
#include "sim/scenario/script_setup.h"
#include "sim/scenario/settings.h"
#include "sim/sweep/tally.h"

namespace racelab {

/// One place of the grid: a scenario under one set of settings.
struct SweepPoint {
  std::string scenario;
  std::string variant;  // a row of the scenario's own comparison; empty: none
  std::vector<std::pair<std::string, std::string>> variant_settings =
      {};                                                   // KEY, VALUE: what makes it one
  std::vector<std::pair<std::string, std::string>> varied;  // KEY, VALUE, as asked for
  Settings settings;
  bool explorable =
      false;  // whether the scenario, or its small twin, can be explored: then there is a proof to be had
  // Of endpoints in SQL.
  std::string files = {};  // how a command names them with their settings: " ./shop --clients 3"
  std::vector<std::pair<std::string, std::string>> shaped = {};  // settings that were made
};

/// A point under one fleet.
struct SweepCell {
  static constexpr std::size_t none = SIZE_MAX;

  std::size_t point = 0;
  std::string name;  // of its strategies
  Fleet fleet;       // empty: endpoints in SQL
  std::shared_ptr<const ScriptSetup> scripts = nullptr;
  bool shown = true;               // false: only run to tell what protections cost
  std::size_t reference = none;    // the cell that it is compared with, run by run
  std::size_t unprotected = none;  // the cell with the same strategies without their protections
};

struct SweepPlan {
  std::vector<SweepPoint> points;
  std::vector<SweepCell> cells;  // point by point
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 0;  // so many, one after the other

  /// Adds a point with its fleets; each must apply to the point's workload. The first is what the others are compared with.
  void add(SweepPoint point, const std::vector<Fleet>& fleets);
  /// The same with endpoints in SQL: names of strategies with what they are.
  using Scripts = std::pair<std::string, std::shared_ptr<const ScriptSetup>>;
  void add(SweepPoint point, const std::vector<Scripts>& strategies);
  /// The part of this plan that shard `index` of `of` (from 1) runs: all cells, some of the seeds. Shards differ by one seed at
  /// most, and may be empty when there are more of them than seeds.
  [[nodiscard]] SweepPlan shard(std::uint64_t index, std::uint64_t of) const;
};

struct SweepOptions {
  unsigned jobs = 1;  // threads; 0: one for each core
  /// Asked some times a second, from the calling thread, with the runs done and all there are; false ends it. May be empty.
  std::function<bool(std::uint64_t done, std::uint64_t total)> go_on;
};

struct SweepResult {
  std::vector<Tally> tallies;  // like the plan's cells
  std::uint64_t seeds =
      0;  // every cell has run under the first so many; all, unless it was stopped
};

SweepResult sweep(const SweepPlan& plan, const SweepOptions& options);

}  // namespace racelab
