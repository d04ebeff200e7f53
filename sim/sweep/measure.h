// What is measured of every run: one row of a table each, as two whole numbers whose totals' ratio is what reports show.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/scenario/run.h"
#include "sim/sweep/statistics.h"

namespace racelab {

/// Each of the operations issued, unless it says otherwise. Of measures in time, virtual time.
enum class Measure : std::uint8_t {
  lost_updates,       // told ok, and gone
  duplicates,         // done twice or more
  false_successes,    // told ok, and never done
  false_failures,     // told failed, and done
  success,            // told ok
  goodput,            // told ok and done once, per second until the last operation was told
  latency,            // from issue to told, of the operations that ended
  attempts,           // calls that clients make
  deliveries,         // calls that reach the service
  statements,         // that the store ran
  wasted_statements,  // those of tries that came to nothing
  aborts,             // tries that ended in a conflict or a deadlock
  lock_wait,          // time in which statements waited for locks
  queue_wait,         // time in which calls waited for a worker
  shed,               // calls turned away
  expired,            // calls dropped: nobody waited for them
  last_event,         // when the last thing happened, per run
  write_calls,        // UPDATEs and INSERTs that reached the store, per run
};
constexpr std::size_t measure_kinds = 18;

struct MeasureDescription {
  Measure measure;
  std::string_view name;  // the key in JSON and CSV
  double scale;           // what the ratio is multiplied with to be in the unit that the name says
  bool is_share;          // from 0 to 1
};

/// One row for each measure, in the order of Measure.
const std::array<MeasureDescription, measure_kinds>& measure_descriptions();
const MeasureDescription& description_of(Measure measure);

/// The two numbers of each measure.
using RunFigures = std::array<PairedSums::Run, measure_kinds>;
RunFigures figures_of(const RunResult& result);

}  // namespace racelab
