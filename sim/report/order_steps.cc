// The clock of a replay ticks once for each turn: so the events of a step are those of its tick.
#include "sim/report/order_steps.h"

#include <algorithm>

#include "sim/kernel/fault_rules.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

std::string fault_words(const Move& move) {
  std::string text;
  const auto add = [&text](const char* words) {
    text += (text.empty() ? "" : ", ") + std::string(words);
  };
  switch (move.step.statement_fault) {
    case Fault::crash:
      add("the handler crashes before it");
      break;
    case Fault::lose_session_before:
      add("session lost before it ran");
      break;
    case Fault::lose_session_after:
      add("session lost after it");
      break;
    case Fault::slow_call:
      add("slow: nobody waits for it");
      break;
    default:
      break;
  }
  if (move.step.request_fault == Fault::duplicate_delivery) {
    add("request delivered twice");
  }
  if (!move.unheard.empty()) {
    const std::string what = move.step.replies_reset == 0                        ? "lost"
                             : move.step.replies_reset == move.step.replies_lost ? "reset"
                                                                                 : "lost or reset";
    add(((move.unheard.size() == 1 ? "reply " : "replies ") + what).c_str());
  }
  return text;
}

bool is_of(const TraceEvent& event, const HandlerName& who) {
  return event.operation == OperationName{who.client, who.operation} &&
         event.attempt == who.attempt && event.copy == who.copy;
}

// "  -> 0" as "0".
std::string without_arrow(const std::string& answer) {
  const std::size_t arrow = answer.find("-> ");
  return arrow == std::string::npos ? "" : answer.substr(arrow + 3);
}

void tell(OrderStep& step, const Move& move, const ExperimentRun& run) {
  for (const TraceEvent* event : step.events) {
    const bool statement = event->kind == TraceKind::statement && event->verb != Verb::begin;
    if (!is_of(*event, move.who) || (!statement && event->kind != TraceKind::statement_waits)) {
      continue;
    }
    step.statement = statement_text(*event, run);
    step.result = statement ? without_arrow(answer_text(*event, run)) : "waits";
    break;
  }
  if (move.step.kind == Step::Kind::lock_timeout) {
    step.result = "the wait ends: 55P03";
  } else if (move.step.kind == Step::Kind::deadlock) {
    step.result = "ended as one of a circle: 40P01";
  } else if (move.step.kind == Step::Kind::session_end) {
    step.statement = "dead session ended";
  } else if (ends_call(move.step.request_fault)) {
    step.statement = std::string(call_ended_words(move.step.request_fault));
  }
  if (const std::string fault = fault_words(move); !fault.empty()) {
    step.result += (step.result.empty() ? "" : ", ") + fault;
  }
}

}  // namespace

std::string task_text(const Move& move) {
  return std::string(1, static_cast<char>('A' + move.step.client)) +
         std::string(move.ordinal, '\'');
}

std::size_t step_at(const std::vector<Move>& moves, Instant at) {
  std::int64_t ticks = at.microseconds / 1'000;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    ticks -= moves[i].issues ? 1 : 0;
    if (ticks == 0 && moves[i].issues) {
      return i + 1;
    }
  }
  return 0;
}

std::vector<OrderStep> order_steps(const OrderReport& report) {
  std::vector<OrderStep> steps;
  std::int64_t tick = 0;
  for (std::size_t i = 0; i < report.order.moves.size(); ++i) {
    const Move& move = report.order.moves[i];
    OrderStep step;
    step.task = task_text(move);
    if (i + 1 < report.order.chances.size()) {
      step.chance = report.order.chances[i + 1];
    }
    if (move.issues) {
      ++tick;
      for (const TraceEvent& event : report.result.trace) {
        if (event.at.microseconds == tick * 1'000) {
          step.events.push_back(&event);
        }
      }
    }
    tell(step, move, report);
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace racelab
