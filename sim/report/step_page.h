// Being the scheduler, on a page: the order so far, the rows with their locks, each client's next statement. Words to be read
// from the back of a room, and in the order in which one asks: what happened, what stands, what can I do.
#pragma once

#include <string>

#include "sim/explore/stepper.h"
#include "sim/report/report.h"

namespace racelab {

/// An order as far as it was stepped, with where it stands.
struct StepReport : ExperimentRun {  // of a world that took these moves, and then ran on by itself
  using ExperimentRun::ExperimentRun;

  std::vector<Move> moves;
  Standing standing;
  std::string token;  // of an execution that has ended
};

/// How a handler is called where it holds or is waited for: "A", "A2", "a dead session of A".
std::string task_name(const Standing::Handler& handler);
/// The same of the one whose step it is.
std::string task_name(const Move& move);
/// What a step is besides its statement: the fault that strikes it, a wait that ends; empty: nothing.
std::string step_what(const Move& move);

/// What one who begins must know.
Page step_greeting(const StepReport& report);

/// The screen between two steps; after the last one the verdict, why, and the token.
Page step_page(const StepReport& report);
/// The same in 80 columns.
std::string step_text(const StepReport& report, const TextStyle& style);

/// The odds: from here on, and after each possible next step. nullptr: too large to know.
Page step_odds(const StepReport& report, const Outlook* outlook);

/// The next step on the shortest way to a violation.
Page step_hint(const StepReport& report, const Outlook* outlook);

/// Everything that can be typed.
std::string step_help_text();

/// Why a letter cannot be played: a sentence without a full stop.
std::string step_refusal_text(const StepReport& report, const std::string& letter);

}  // namespace racelab
