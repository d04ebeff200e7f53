// The reports of `racelab compare`: many runs of several strategies side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/report/report.h"
#include "sim/sweep/sweep.h"

namespace racelab {

/// What was compared, as it was asked for, with what came of it.
struct CompareReport {
  SweepPlan plan;  // of all seeds, even where this is a shard
  std::vector<std::pair<std::string, std::string>> flags;  // settings given as flags: key, value
  std::vector<std::string> varied;                         // the keys of --vary, in the order given
  SweepResult result;
  std::string stopped_by;  // what ended it from outside: "interrupt", "seconds-max"

  /// The experiment of one cell: with the flags that make `racelab run` run it.
  [[nodiscard]] Experiment experiment(const SweepCell& cell) const;
  /// The command that shows one run of a cell.
  [[nodiscard]] std::string run_command(const SweepCell& cell, std::uint64_t seed) const;
  /// The one that looks at every order of what a cell of strategies does.
  [[nodiscard]] std::string explore_command(const SweepCell& cell) const;
};

/// The part of a comparison that one shard ran, as a file for `racelab merge`: schema "racelab.compare-shard/1", the whole plan
/// and exact sums. Small, whatever the number of seeds.
struct Shard {
  std::uint64_t index = 1;
  std::uint64_t of = 1;
};
std::string shard_json(const CompareReport& report, const Shard& shard);

/// What the files of all shards add up to. `files`: their names, for the sentence of a problem, and their texts.
struct MergedShards {
  CompareReport report;
  std::string problem;  // empty, or why they do not belong together
};
struct ShardFile {
  std::string name;
  std::string text;
};
MergedShards merge_shards(const std::vector<ShardFile>& files);

/// Which strategy it should be, what goes wrong under the others, what each costs, and how sure all that is. Fits 80 columns.
std::string compare_text(const CompareReport& report, const TextStyle& style);

/// One object with the schema "racelab.compare/1": a list of cells.
std::string compare_json(const CompareReport& report);

/// A line of names, then a line a cell, for pandas or R: numbers plain, what does not exist empty.
std::string compare_csv(const CompareReport& report);

}  // namespace racelab
