// Results as text for a terminal and as JSON for programs. Only this room and cli print; both only from data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/registry.h"
#include "sim/scenario/run.h"
#include "sim/scenario/settings.h"

namespace racelab {

/// How text is to look.
struct TextStyle {
  bool color = false;
};

/// A run with what it was a run of.
struct RunReport {
  std::string scenario;  // as it was named on the command line
  Fleet fleet;
  Settings settings;
  std::vector<std::string> row_names;
  RunResult result;
  std::vector<std::pair<std::string, std::string>>
      flags;           // settings given as flags, to show the run again: key, value
  bool trace = false;  // whether every event was asked for
  std::string fix;  // a fleet that would have held under this seed; empty: none, or nothing to mend
};

/// The report of a run: the verdict first, then the timeline, the ledger, why, and what to type next. Fits 80 columns.
std::string run_text(const RunReport& report, const TextStyle& style);

/// Every event, one a line. Printed after the report; changes nothing else.
std::string trace_text(const RunReport& report);

/// The same as JSON, in one object with the schema "racelab.run/1"; with the events when asked.
std::string run_json(const RunReport& report, bool with_trace);

/// Every single value of that object as CSV: a line of names ("ledger.final"), a line of values.
std::string run_csv(const RunReport& report);

/// What `racelab list WHAT` prints: strategies (with the protections), scenarios, hazards, faults.
struct ListedScenario {
  std::string name;
  std::vector<std::string> claim;
  Hazards hazards;
};
std::string list_strategies_text();
std::string list_scenarios_text(const std::vector<ListedScenario>& scenarios);
std::string list_hazards_text();
std::string list_faults_text();

}  // namespace racelab
