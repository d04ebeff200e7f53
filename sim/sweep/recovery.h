// Did goodput come back after the trigger was gone? A system that stays down after what pushed it down has ended is in a
// metastable state (Bronson, Charapko, Aghayev, Zhu: "Metastable Failures in Distributed Systems", HotOS 2021): its own
// retries keep it there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sim/scenario/run.h"
#include "sim/scenario/settings.h"

namespace racelab {

/// The stretches of a run that are compared, and the slots of its timeline.
struct RecoveryWindows {
  struct Stretch {
    Instant from{};
    Instant to{};
  };
  Stretch before;  // the second half of the time before the trigger: the start has settled
  Stretch after;   // the last quarter of the time from the trigger's end to the last arrival
  Instant trigger_from{};
  Instant trigger_to{};
  Duration slot{};  // one of timeline_slots equal parts of the run's arrivals

  /// Of settings with a spike that ends before `until`; nothing for others.
  static std::optional<RecoveryWindows> of(const Settings& settings);
};

constexpr std::size_t timeline_slots = 64;

/// A run was down before when less than this share of what was issued then was done right: there was nothing to come back to.
constexpr std::int64_t up_percent = 50;

/// A run has recovered when its goodput after is at least this share of its goodput before.
constexpr std::int64_t recovered_percent = 75;

struct RecoveryTally {
  std::uint64_t runs = 0;
  std::uint64_t recovered = 0;
  std::uint64_t down_before = 0;            // these are neither recovered nor stuck
  std::optional<std::uint64_t> stuck_seed;  // the first that has not
  std::uint64_t right_before = 0;           // operations told ok in the stretch before, done once
  std::uint64_t right_after = 0;
  std::array<std::uint64_t, timeline_slots> right{};   // told ok in the slot, done once
  std::array<std::uint64_t, timeline_slots> issued{};  // operations that began in the slot

  [[nodiscard]] std::uint64_t stuck() const { return runs - recovered - down_before; }

  void add(const RunResult& result, const RecoveryWindows& windows);
  void merge(const RecoveryTally& other);

  friend bool operator==(const RecoveryTally&, const RecoveryTally&) = default;
};

}  // namespace racelab
