// What happened, drawn over time: statement by statement for a short run, one mark per time slot for a long one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/report/json.h"
#include "sim/report/report.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

/// Whether the run is short enough to be told statement by statement (and its events were kept).
bool is_short(const ExperimentRun& run);

/// How a short timeline tells times, and how far it goes.
struct TimelineOptions {
  std::string unit = "ms";
  TimeWords time = milliseconds_text;
  std::optional<Instant> until;  // the last time that is told
  bool with_harm = true;         // whose update is lost is known only at the end
};

/// One row per statement and per mishap; the rows' values as they are after it, in brackets while not committed.
Timeline short_timeline(const ExperimentRun& run, const TimelineOptions& options = {});

/// One lane per client, one mark per time slot: the worst of what ended in it.
Marks long_timeline(const ExperimentRun& run);

/// What a line says of an event; nothing: the event has no line in a short timeline.
std::optional<std::string> timeline_text(const TraceEvent& event, const ExperimentRun& run);

/// One event of the trace in words.
struct TraceLine {
  Instant at{};
  std::string who;  // operation and attempt: "A.1"; with ' for the second delivery
  std::string event;
};
std::vector<TraceLine> trace_lines(const ExperimentRun& run);

/// Every event, one a line, and the hash, or that it was stopped. False: it was.
bool write_trace(const ExperimentRun& run, const EventTeller& events, const Sink& sink);
/// The same as JSON, the last two members of a report: the events, and whether they are all.
bool write_trace(const ExperimentRun& run, const EventTeller& events, ObjectWriter& json);
/// "begin; select n from t  -> 0", "… waits for B".
std::string sent_text(const TraceEvent& event, const ExperimentRun& run);

}  // namespace racelab
