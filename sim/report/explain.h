// What `explain` and `replay` tell: an order, why it is wrong, what would have been right.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/explore/order_swap.h"
#include "sim/report/report.h"

namespace racelab {

/// The same order under another fleet or other settings.
struct SameOrderReport : OrderReport {
  using OrderReport::OrderReport;

  SameOrder same;
};

struct ExplainReport {
  OrderReport order;
  bool smallest = false;  // no smaller counterexample exists
  std::optional<Swap> swap;
  RunResult swap_result;  // when there is a swap
  std::vector<SameOrderReport> fixes;
  std::size_t fixes_unexplored = 0;  // candidates too large to be decided
};

struct ReplayReport {
  OrderReport order;
  std::optional<SameOrderReport> other;
};

/// The diagram, the contradiction in words, the swap, the fixes.
Page explain_page(const ExplainReport& report);
/// The same in 80 columns.
std::string explain_text(const ExplainReport& report, const TextStyle& style);

/// The same as a mermaid sequenceDiagram.
std::string explain_mermaid(const ExplainReport& report);

/// The same as JSON, in one object with the schema "racelab.explain/1".
std::string explain_json(const ExplainReport& report);

/// A mermaid diagram that says why there is nothing to draw: the first line of what exploring found.
std::string mermaid_of_nothing(const std::string& scenario, const std::string& explored);

/// The diagram of an order; or, with another fleet, both step by step and where they diverge.
Page replay_page(const ReplayReport& report);
/// The same in 80 columns.
std::string replay_text(const ReplayReport& report, const TextStyle& style);

/// The same as JSON, in one object with the schema "racelab.replay/1".
std::string replay_json(const ReplayReport& report);

/// The diagram of an order, for the terminal.
std::string order_diagram(const OrderReport& report, const TextStyle& style);

/// "LOST UPDATE", "STUCK", "HOLDS".
std::string harm_title(const RunResult& result);

/// What went wrong and why, sentence by sentence; the label is "B < A" for a link of a contradiction, else "why" or "".
struct Reason {
  std::string label;
  std::string text;
};
std::vector<Reason> reasons_of(const OrderReport& report);
void add_reasons(Page& page, const OrderReport& order);

/// What a fix does about the order: the statement that makes the difference, and what comes of it.
struct FixWords {
  std::string name;  // what to change: "optimistic-version", "isolation=repeatable-read"
  std::string sql;
  std::string effect;
};
FixWords fix_words(const SameOrderReport& fix, const OrderReport& order);

/// The hazards that another of the fixes withstands and this one does not: "overlap, crash"; empty when there are none.
std::string open_to(const SameOrderReport& fix, const std::vector<SameOrderReport>& all);

/// What became of the letters and faults of an order elsewhere, sentence by sentence; empty when all is as it was.
std::vector<std::string> changes_text(const SameOrderReport& other, const OrderReport& order);

/// "swap 2 and 3: A reads, A writes, B reads, B writes: n = 2, right".
std::string swap_text(const ExplainReport& report);

/// "read-modify-write, autocommit".
std::string fleet_text(const Experiment& experiment);

}  // namespace racelab
