// An order, step by step, in words: what was asked, and what was answered.
#pragma once

#include <string>
#include <vector>

#include "sim/report/report.h"

namespace racelab {

struct OrderStep {
  std::string task;       // "A", "A'" for the client's second live attempt
  std::string statement;  // as SQL; what happens instead where none is issued: "request lost"
  std::string
      result;         // "0", "1 row", "waits", "40001"; with the fault that struck: "0, reply lost"
  double chance = 0;  // of a violation once the step is taken; 0 where the order has no chances
  std::vector<const TraceEvent*> events;  // all that happened in it, into OrderReport::result
};

/// As many as the order has moves.
std::vector<OrderStep> order_steps(const OrderReport& report);

/// Which step was taken at a time of a replay, counted from 1; 0: none, it was before them or after.
std::size_t step_at(const std::vector<Move>& moves, Instant at);

/// "A", "A'", "A''".
std::string task_text(const Move& move);

}  // namespace racelab
