// Everything that is kept of the runs of one cell, whatever their number: counts and exact sums, which add up in any order.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sim/scenario/run.h"
#include "sim/sweep/histogram.h"
#include "sim/sweep/measure.h"
#include "sim/sweep/recovery.h"
#include "sim/sweep/statistics.h"

namespace racelab {

/// What may be wrong with a run: an operation's anomalies, then what concerns the whole run.
enum class RunAnomaly : std::uint8_t {
  lost_updates,
  duplicates,
  false_successes,
  false_failures,
  stuck,
  invariant_broken,
};
constexpr std::size_t run_anomaly_kinds = 6;
/// "lost_updates", as in `run --format json`.
std::string_view name_of(RunAnomaly anomaly);

/// What protections are charged with.
enum class Cost : std::uint8_t { statements, latency };
constexpr std::size_t cost_kinds = 2;

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t violated = 0;
  std::uint64_t gave_up = 0;
  std::array<std::uint64_t, run_anomaly_kinds> runs_with{};
  std::optional<std::uint64_t> violating_seed;  // the first
  std::uint64_t operations = 0;
  std::uint64_t events = 0;
  std::uint64_t refused = 0;                           // operations, of endpoints in SQL
  std::array<std::array<std::uint64_t, 3>, 3> told{};  // [ok, failed, unknown][0, 1, 2+ surviving]
  std::array<RatioSums, measure_kinds> measures{};
  Histogram latency;
  RecoveryTally recovery;  // empty unless the scenario has a trigger that ends

  /// Against the point's reference, run by run. Empty for the reference itself.
  std::array<PairedSums, measure_kinds> against_reference{};
  /// Total cost without the protections over total cost with them, run by run. No runs: it has none.
  std::array<RatioSums, cost_kinds> without_protection{};

  void add(const RunResult& result, const RunFigures& figures, const RecoveryWindows* windows);
  void add_reference(const RunFigures& own, const RunFigures& reference);
  void add_unprotected(const RunFigures& own, const RunFigures& unprotected);
  void merge(const Tally& other);

  [[nodiscard]] const RatioSums& sums(Measure measure) const {
    return measures[static_cast<std::size_t>(measure)];
  }
  /// The measure in its own unit. A share of operations that was 0 in every run, or 1 in every run, has the Clopper–Pearson
  /// bound of that in place of an interval of no width: no more operations go wrong than runs do.
  [[nodiscard]] std::optional<Estimate> estimate(Measure measure) const;
  /// The same, minus the reference's.
  [[nodiscard]] std::optional<Estimate> difference(Measure measure, const Tally& reference) const;
  /// (Cost with - cost without) / cost with, over the same seeds; nothing where there is no protection.
  [[nodiscard]] std::optional<Estimate> protection_share(Cost cost) const;

  friend bool operator==(const Tally&, const Tally&) = default;
};

}  // namespace racelab
