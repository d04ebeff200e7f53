// What happened, drawn over time: statement by statement for a short run, one mark per time slot for a long one.
#pragma once

#include <string>

#include "sim/report/report.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

/// Whether the run is short enough to be told statement by statement (and its events were kept).
bool is_short(const RunReport& report);

/// The column before the lines: when each was.
struct TimeColumn {
  std::string heading = "ms";
  TimeWords words = milliseconds_text;
};

/// One line per statement and per mishap; the clients side by side where 80 columns allow it, the rows' values at the
/// right as they are after the line (in brackets while not committed).
std::string short_timeline(const RunReport& report, const TextStyle& style,
                           const TimeColumn& time = {});

/// One row per client, one mark per time slot: the worst of what ended in it.
std::string long_timeline(const RunReport& report, const TextStyle& style);

/// One event of the trace in words.
struct TraceLine {
  Instant at{};
  std::string who;  // operation and attempt: "A.1"; with ' for the second delivery
  std::string event;
};
std::vector<TraceLine> trace_lines(const RunReport& report);

}  // namespace racelab
