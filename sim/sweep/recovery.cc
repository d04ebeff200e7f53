// Goodput is read off the history: when an operation was told ok, and whether it was done once.
#include "sim/sweep/recovery.h"

#include <algorithm>

namespace racelab {

std::optional<RecoveryWindows> RecoveryWindows::of(const Settings& settings) {
  if (settings.spike_arrivals_per_second == 0 || settings.until == Duration{}) {
    return std::nullopt;
  }
  RecoveryWindows windows;
  windows.trigger_from = Instant{} + settings.spike_at;
  windows.trigger_to = windows.trigger_from + settings.spike_for;
  const Instant end = Instant{} + settings.until;
  if (windows.trigger_to >= end) {
    return std::nullopt;
  }
  windows.before = {Instant{} + settings.spike_at / 2, windows.trigger_from};
  windows.after = {end + (windows.trigger_to - end) / 4, end};
  windows.slot = {std::max<std::int64_t>(
      1, settings.until.microseconds / static_cast<std::int64_t>(timeline_slots))};
  return windows;
}

void RecoveryTally::add(const RunResult& result, const RecoveryWindows& windows) {
  const auto slot_of = [&windows](Instant at) {
    return static_cast<std::size_t>(at.microseconds / windows.slot.microseconds);
  };
  const auto within = [](const RecoveryWindows::Stretch& stretch, Instant at) {
    return at >= stretch.from && at < stretch.to;
  };
  std::int64_t before = 0;
  std::int64_t after = 0;
  std::int64_t issued_before = 0;
  for (std::size_t i = 0; i < result.history.operations.size(); ++i) {
    const HistoryOperation& operation = result.history.operations[i];
    if (operation.attempts == 0) {
      continue;  // never issued
    }
    if (const std::size_t slot = slot_of(operation.started); slot < timeline_slots) {
      ++issued[slot];
    }
    issued_before += within(windows.before, operation.started) ? 1 : 0;
    if (!operation.finished || operation.told != Told::ok ||
        result.judgement.fates[i].surviving != 1) {
      continue;
    }
    if (const std::size_t slot = slot_of(operation.ended); slot < timeline_slots) {
      ++right[slot];
    }
    before += within(windows.before, operation.ended) ? 1 : 0;
    after += within(windows.after, operation.ended) ? 1 : 0;
  }
  right_before += static_cast<std::uint64_t>(before);
  right_after += static_cast<std::uint64_t>(after);
  ++runs;
  if (before * 100 < issued_before * up_percent) {
    ++down_before;
    return;
  }
  // after / its length >= 75 % of before / its length
  const std::int64_t length_before = (windows.before.to - windows.before.from).microseconds;
  const std::int64_t length_after = (windows.after.to - windows.after.from).microseconds;
  const bool is_back = after * length_before * 100 >= before * length_after * recovered_percent;
  recovered += is_back ? 1 : 0;
  if (!is_back && (!stuck_seed || result.seed < *stuck_seed)) {
    stuck_seed = result.seed;
  }
}

void RecoveryTally::merge(const RecoveryTally& other) {
  runs += other.runs;
  recovered += other.recovered;
  down_before += other.down_before;
  right_before += other.right_before;
  right_after += other.right_after;
  if (other.stuck_seed) {
    stuck_seed = std::min(stuck_seed.value_or(UINT64_MAX), *other.stuck_seed);
  }
  for (std::size_t i = 0; i < timeline_slots; ++i) {
    right[i] += other.right[i];
    issued[i] += other.issued[i];
  }
}

}  // namespace racelab
