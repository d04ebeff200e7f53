// One timed run of endpoints in SQL: on a page, as JSON, as CSV.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/explore/script_explore.h"
#include "sim/report/report.h"
#include "sim/report/script_order_report.h"

namespace racelab {

struct ScriptRunReport : ScriptExperiment {
  /// The run, with the settings that shaped it; its fleet is empty.
  ExperimentRun run;
  std::optional<ScriptExploration> proof;  // when all orders could be followed at once
  std::string smallest;                    // "racelab explain TOKEN" for the smallest violation
  std::vector<std::string>
      that_hold;             // strategies that hold in every order, where this one does not
  std::size_t first_of = 0;  // nobody named a strategy: it is the first of so many; 0: somebody did
};

/// The verdict, what happened, how it ended and why, and what to type next.
Page script_run_page(const ScriptRunReport& report);
/// Why it ended as it did, in words.
std::string script_run_why(const ScriptRunReport& report);
/// In one object with the schema "racelab.run/1", whose last member is the events, if somebody tells them. False: that was stopped.
bool write_run_json(const ScriptRunReport& report, const EventTeller& events, const Sink& sink);
/// Every single value of that object: a line of names, a line of values.
std::string script_run_csv(const ScriptRunReport& report);

}  // namespace racelab
