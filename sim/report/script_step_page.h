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
  std::optional<ScriptOrderReport> ended = {};  // the whole order, of an execution that has ended
  std::vector<ScriptMove> moves = {};           // that were taken
};

/// How a handler is called where it holds or is waited for: "A", "A2", "a dead session of A".
std::string task_name(const ScriptStanding& standing, const ScriptWho& who);
/// What a step is besides its statement: the fault that strikes it, a wait that ends, who goes on; empty: nothing.
std::string step_what(const ScriptStanding::Next& next);

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
