// A sweep cut into units: a block of seeds at one point. Whoever runs them, on however many threads, adds them up here in order,
// block by block, so that whenever the work is stopped every cell has run under the same seeds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/sweep/sweep.h"

namespace racelab {

/// The seeds of a plan, cut into blocks, and with its points into units.
class SweepUnits {
 public:
  explicit SweepUnits(const SweepPlan& plan);

  [[nodiscard]] std::uint64_t count() const { return blocks() * points_; }
  [[nodiscard]] std::size_t point_of(std::uint64_t unit) const { return unit % points_; }
  [[nodiscard]] std::uint64_t block_of(std::uint64_t unit) const { return unit / points_; }
  /// Whether it is the last of its block.
  [[nodiscard]] bool ends_block(std::uint64_t unit) const { return (unit + 1) % points_ == 0; }
  /// The place of a block's first seed; of the one after the last: the number of seeds.
  [[nodiscard]] std::uint64_t first_seed_of(std::uint64_t block) const;

 private:
  static constexpr std::uint64_t largest = 256;
  [[nodiscard]] std::uint64_t blocks() const {
    return begins_.size() + ((seeds_ - rest_ + largest - 1) / largest);
  }

  std::uint64_t points_;
  std::uint64_t seeds_;
  std::vector<std::uint64_t> begins_;  // of the blocks that are smaller
  std::uint64_t rest_ = 0;             // where the others begin
};

/// What a unit adds to the cells of its point, from `first_cell` on.
struct UnitTallies {
  std::size_t first_cell = 0;
  std::vector<Tally> tallies;
};

class PointRunner;

/// Runs units, one after another; those of one point in a row are the quickest. A thread has one of its own.
class UnitRunner {
 public:
  /// Both must outlive it.
  UnitRunner(const SweepPlan& plan, const SweepUnits& units);
  UnitRunner(const UnitRunner&) = delete;
  UnitRunner& operator=(const UnitRunner&) = delete;
  ~UnitRunner();

  /// Nothing: it was asked to stop, and ended early. After each seed `ran` is told how many runs that were.
  std::optional<UnitTallies> run(std::uint64_t unit, const std::function<void(std::uint64_t)>& ran);

 private:
  const SweepPlan& plan_;
  const SweepUnits& units_;
  std::unique_ptr<PointRunner> runner_;  // of the point that was run last
};

/// Adds finished units up, in whatever order they come.
class SweepTotal {
 public:
  /// Both must outlive it.
  SweepTotal(const SweepPlan& plan, const SweepUnits& units);

  void add(std::uint64_t unit, UnitTallies tallies);
  /// Of the blocks that are complete.
  SweepResult result() && { return std::move(total_); }

 private:
  void end_block(std::uint64_t block);

  const SweepUnits& units_;
  std::map<std::uint64_t, UnitTallies> finished_;  // units whose turn to be added up has not come
  std::uint64_t next_to_add_ = 0;
  std::vector<Tally> block_;  // of the block that is being added up
  SweepResult total_;         // of the blocks before it
};

}  // namespace racelab
