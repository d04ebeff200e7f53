// Being the scheduler of endpoints in SQL, on a page: the order so far, the tables with what is not committed, the locks, each
// client's next statement. Two clients and short tables fit a terminal of 24 lines.
#pragma once

#include <string>

#include "sim/explore/script_stepper.h"
#include "sim/report/script_order_report.h"

namespace racelab {

/// An order as far as it was stepped, with where it stands.
struct ScriptStepReport {
  ScriptExperiment experiment;
  ScriptStanding standing;
  std::optional<ScriptOrderReport> ended;  // the whole order, of an execution that has ended
};

/// What one who begins must know.
Page script_step_greeting(const ScriptStepReport& report);

/// The screen between two steps; after the last one the verdict, why, and the token.
Page script_step_page(const ScriptStepReport& report);

/// Words of the steps that are possible.
std::vector<std::string> next_words(const ScriptStepReport& report);

/// Everything that can be typed.
std::string script_step_help();

/// Why a letter cannot be played: a sentence without a full stop.
std::string step_refusal_text(const ScriptStepReport& report, const std::string& letter);

}  // namespace racelab
