// What `explain` tells of an order of endpoints in SQL: why it is wrong, what would have been right.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/explore/serial_endings.h"
#include "sim/report/explain.h"
#include "sim/report/script_order_report.h"

namespace racelab {

struct ScriptExplanation {
  ScriptOrderReport order;
  bool smallest = false;  // no smaller counterexample exists
  std::vector<SerialEnding>
      serial;  // how it ends one at a time; empty: not asked, or too many ways
  std::optional<ScriptSwap> swap;
  std::vector<ScriptSameReport> fixes;  // each holds in every order
  std::size_t fixes_unexplored = 0;     // candidates too large to be decided
};

/// The steps, the contradiction in words, the swap, the fixes.
Page script_explain_page(const ScriptExplanation& report);

/// The same as a mermaid sequenceDiagram.
std::string script_explain_mermaid(const ScriptExplanation& report);
/// The same as JSON, in one object with the schema "racelab.explain/1".
std::string script_explain_json(const ScriptExplanation& report);

/// "LOST UPDATE", "WRITE SKEW, CHECK BROKEN", "HOLDS".
std::string harm_title(const ScriptOrder& order);

/// "read-then-write, read-committed   smallest: 2 clients, 8 steps".
std::string explained_text(const ScriptExplanation& report);

/// Why, sentence by sentence; the label is "A < B" for a link of a contradiction, "broken" for a check, else "why" or "".
std::vector<Reason> reasons_of(const ScriptSetup& setup, const ScriptOrder& order);

/// How it ends one at a time: "A, then B: A 200, B 409; stock (1, 0)".
std::vector<std::string> serial_texts(const ScriptExplanation& report);

/// "1 and 2-5: BBBBAAAA ends right: A 409, B 200".
std::string swap_text(const ScriptExplanation& report);

/// What to change, and what it does about the order: "guarded-update", "B waits for A at step 2, then changes 0 rows".
FixWords fix_words(const ScriptSameReport& fix, const ScriptOrderReport& order);

}  // namespace racelab
