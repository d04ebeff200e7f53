// What the screens of every stepped execution say alike: the odds, the hint, the faults, what can be typed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/explore/step_walk.h"
#include "sim/kernel/fault.h"
#include "sim/report/page.h"

namespace racelab {

/// The odds: from here on, and after each possible next step, by its word. nullptr: too large to know.
Page odds_page(const std::vector<std::string>& words, const Outlook* outlook);

/// The next step on the shortest way to a violation.
Page hint_page(const std::vector<std::string>& words, const Outlook* outlook);

/// What strikes a step, in words: "reply lost"; empty: nothing.
struct StepFaults {
  Fault request_fault = Fault::none;
  Fault statement_fault = Fault::none;
  unsigned replies_lost = 0;
  unsigned replies_reset = 0;  // among these
};
std::string fault_words(const StepFaults& faults);

/// By what strikes, who can meet it: "Ar, Br reply lost; Ac handler crashes before it". Each: a step's word, what strikes it.
std::string faults_text(const std::vector<std::pair<std::string, std::string>>& steps);

/// "possible are A, B, ...".
std::string possible_text(const std::vector<std::string>& words);

/// Everything that can be typed; `more`: lines that only some executions have.
std::string typing_help(const std::string& more);

}  // namespace racelab
