// What is measured of every run: one row of a table each, as two whole numbers whose totals' ratio is what reports show.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/scenario/run.h"
#include "sim/sweep/statistics.h"

namespace racelab {

enum class Measure : std::uint8_t {
  lost_updates,
  duplicates,
  false_successes,
  false_failures,
  success,
  goodput,
  latency,
  attempts,
  deliveries,
  statements,
  wasted_statements,
  aborts,
  lock_wait,
  queue_wait,
  shed,
  expired,
  last_event,
  write_calls,
};
constexpr std::size_t measure_kinds = 18;

struct MeasureDescription {
  Measure measure;
  std::string_view
      name;  // the key in JSON and CSV; of a share or a cost per operation: without "_per_operation"
  std::string_view what;  // in words, for help and charts
  /// The total of x is divided by: operations issued, operations that ended, virtual time, or runs.
  enum class Per : std::uint8_t { operation, answered_operation, virtual_second, run } per;
  double scale;   // what the ratio is multiplied with to be in the unit that the name says
  bool is_share;  // from 0 to 1
};

/// One row for each measure, in the order of Measure.
const std::array<MeasureDescription, measure_kinds>& measure_descriptions();
const MeasureDescription& description_of(Measure measure);

/// The two numbers of each measure.
using RunFigures = std::array<PairedSums::Run, measure_kinds>;
RunFigures figures_of(const RunResult& result);

}  // namespace racelab
