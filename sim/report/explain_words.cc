// The words of `explain`, without their layout. Every clause comes from a recorded event, and says at which step.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/contradiction.h"
#include "sim/report/explain.h"
#include "sim/report/order_steps.h"
#include "sim/report/same_order_words.h"
#include "sim/report/sequence.h"
#include "sim/report/why.h"
#include "sim/report/words.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

std::string steps_text(std::size_t first, std::size_t second) {
  return first == second
             ? fmt::format("step {}", first)
             : fmt::format("steps {}-{}", std::min(first, second), std::max(first, second));
}

// "A's second attempt", "A's second delivery".
std::string attempt_text(const Application& application, const ExperimentRun& run) {
  const HistoryOperation& operation = run.result.history.operations[application.operation];
  const std::string name = operation_text(operation.name, run.settings);
  return application.execution.copy > 0
             ? name + "'s second delivery"
             : name + "'s " + ordinal(application.execution.attempt) + " attempt";
}

// "A's second attempt was done although the first had been (steps 1-2)".
std::string repeated(const OrderReport& report) {
  const RunResult& result = report.result;
  for (const Finding& finding : result.judgement.findings) {
    if (finding.anomaly != Anomaly::duplicate) {
      continue;
    }
    std::vector<const HistoryVersion*> done;
    for (const HistoryVersion& version : result.history.versions) {
      if (version.row == finding.row && version.application != no_application &&
          result.history.applications[version.application].operation == finding.operation) {
        done.push_back(&version);
      }
    }
    if (done.size() < 2) {
      continue;
    }
    const auto step = [&](const HistoryVersion& version) {
      for (const TraceEvent& event : result.trace) {
        if (event.kind == TraceKind::statement && event.written == version.id) {
          return step_at(report.order.moves, event.at);
        }
      }
      return std::size_t{0};
    };
    const Application& first = result.history.applications[done[0]->application];
    const Application& second = result.history.applications[done[1]->application];
    const std::string first_text = first.execution.copy == second.execution.copy
                                       ? "the " + ordinal(first.execution.attempt)
                                       : attempt_text(first, report);
    return fmt::format("{} was done although {} had been ({})", attempt_text(second, report),
                       first_text, steps_text(step(*done[0]), step(*done[1])));
  }
  return "";
}

}  // namespace

std::string harm_title(const RunResult& result) {
  std::string title;
  const auto add = [&title](bool there, std::string_view words) {
    add_item(title, there ? words : "");
  };
  add(result.judgement.count(Anomaly::lost_update) > 0, "LOST UPDATE");
  add(result.judgement.count(Anomaly::duplicate) > 0, "DUPLICATE");
  add(result.judgement.count(Anomaly::false_success) > 0, "FALSE SUCCESS");
  add(result.judgement.count(Anomaly::false_failure) > 0, "FALSE FAILURE");
  add(result.end == World::End::stuck, "STUCK");
  add(result.invariant_broken, "INVARIANT BROKEN");
  add(!result.judgement.defects.empty(), "LEDGER DOES NOT ADD UP");
  add(title.empty() && result.verdict == Verdict::violated, "VIOLATED");
  add(title.empty() && result.verdict == Verdict::gave_up, "GAVE UP");
  add(title.empty(), "HOLDS");
  return title;
}

std::string fleet_text(const Experiment& experiment) {
  // What needs a transaction gets one: the level that all of them really run at, where it is one.
  const auto level = [&experiment](const Combination& member) {
    return member.isolation(experiment.settings);
  };
  std::string fleet;
  bool same = true;
  for (const Combination& member : experiment.fleet) {
    fleet += (fleet.empty() ? "" : ", ") + member.name();
    same = same && level(member) == level(experiment.fleet.front());
  }
  const Isolation shown = same ? level(experiment.fleet.front()) : experiment.settings.isolation;
  return fleet + ", " + format_value(*find_option("isolation"), static_cast<std::int64_t>(shown));
}

std::vector<Reason> reasons_of(const OrderReport& report) {
  std::vector<Reason> reasons;
  const RunResult& result = report.result;
  const bool lost = result.judgement.count(Anomaly::lost_update) > 0 || result.invariant_broken;
  const std::vector<Dependency> circle = lost ? contradiction(result) : std::vector<Dependency>{};
  const DeliveryNames names(report);
  for (const Dependency& link : circle) {
    const std::string before = names.name(*link.first);
    const std::string after = names.name(*link.second);
    std::string label = fmt::format("{} < {}", before, after);
    if (label.size() >= label_width) {
      std::erase(label, ' ');
    }
    reasons.push_back(
        {label, fmt::format("because {} ({}, {})",
                            dependency_text(link, before, after, report.row_names[link.row]),
                            kind_name(link.kind),
                            steps_text(step_at(report.order.moves, link.first->at),
                                       step_at(report.order.moves, link.second->at)))});
  }
  if (!circle.empty()) {
    reasons.push_back(
        {"", circle.size() == 2
                 ? "Each comes before the other: no serial order explains this history."
                 : "Each comes before the next, the last before the first: no serial order "
                   "explains this history."});
    if (result.invariant_broken) {
      reasons.push_back({"why", broken_invariant(report)});
    }
    // Where nothing else went wrong, that is all.
    if (result.judgement.findings.size() == result.judgement.count(Anomaly::lost_update)) {
      return reasons;
    }
  }
  if (const std::string again = repeated(report); !again.empty()) {
    reasons.push_back({"why", again});
  }
  const std::string text = why(report, [&](Instant at) {
    const std::size_t step = step_at(report.order.moves, at);
    return step == 0 ? std::string("the start") : fmt::format("step {}", step);
  });
  if (!text.empty()) {
    reasons.push_back({reasons.empty() || reasons.back().label.empty() ? "why" : "", text});
  }
  return reasons;
}

namespace {

// The first event of a run that shows a protection at work.
const TraceEvent* notable_event(const RunResult& result) {
  for (const TraceEvent& event : result.trace) {
    const bool waits = event.kind == TraceKind::statement_waits;
    const bool nothing_changed = event.kind == TraceKind::statement &&
                                 event.error == StatementError::none && event.affected == 0 &&
                                 (event.verb == Verb::update_set || event.verb == Verb::insert);
    const bool failed = event.kind == TraceKind::statement && event.error != StatementError::none;
    const bool recognised = event.kind == TraceKind::statement && event.verb == Verb::select &&
                            event.row_count > 0 && result.trace_rows[event.first_row].found &&
                            result.trace_rows[event.first_row].key.table() == Table::keys;
    if (waits || nothing_changed || failed || recognised) {
      return &event;
    }
  }
  for (const TraceEvent& event : result.trace) {
    if (event.kind == TraceKind::statement && event.verb == Verb::update_add) {
      return &event;
    }
  }
  return nullptr;
}

bool starts_over(const RunResult& result, const TraceEvent& after) {
  for (const TraceEvent& event : result.trace) {
    if (&event > &after && event.operation == after.operation && event.attempt == after.attempt &&
        event.copy == after.copy && event.kind != TraceKind::statement) {
      return event.kind == TraceKind::try_again;
    }
  }
  return false;
}

// What a wait came to, where it came to nothing.
std::string after_wait(const RunResult& result, const TraceEvent& wait) {
  for (const TraceEvent& event : result.trace) {
    if (&event > &wait && event.kind == TraceKind::statement && event.operation == wait.operation &&
        event.attempt == wait.attempt && event.copy == wait.copy) {
      const std::string over = starts_over(result, event) ? " and starts over" : "";
      const bool changes = event.verb == Verb::update_set || event.verb == Verb::update_add;
      return event.error != StatementError::none ? ", then gets " + sqlstate(event.error) + over
             : changes && event.affected == 0    ? ", then changes 0 rows" + over
                                                 : "";
    }
  }
  return "";
}

std::string effect_of(const TraceEvent& event, const SameOrderReport& fix) {
  const DeliveryNames names(fix);
  const std::string who = names.name(event);
  const std::string over = starts_over(fix.result, event) ? " and starts over" : "";
  const std::size_t move = step_at(fix.order.moves, event.at);
  const std::optional<std::size_t> letter =
      move == 0 || move > fix.same.letters.size() ? std::nullopt : fix.same.letters[move - 1];
  const std::string at = letter ? fmt::format(" at step {}", *letter + 1) : std::string();
  if (event.kind == TraceKind::statement_waits) {
    return fmt::format(
        "{} waits for {}{}{}{}", who, event.other == event.operation ? "the earlier " : "",
        operation_text(event.other, fix.settings), at, after_wait(fix.result, event));
  }
  if (event.error != StatementError::none) {
    return fmt::format("{} gets {}{}{}", who, sqlstate(event.error), at, over);
  }
  if (event.verb == Verb::insert) {
    return fmt::format("{} finds the key{}: nothing is done again", who, at);
  }
  if (event.verb == Verb::select) {
    return fmt::format("{} finds the saved reply{}: nothing is done again", who, at);
  }
  if (event.verb == Verb::update_set) {
    return fmt::format("{} changes 0 rows{}{}", who, at, over);
  }
  return "one statement reads and writes";
}

}  // namespace

std::string open_to(const SameOrderReport& fix, const std::vector<SameOrderReport>& all) {
  const auto withstood = [](const SameOrderReport& report) {
    Hazards hazards = Hazards::of_bits((1U << hazard_kinds) - 1);
    for (const Combination& member : report.fleet) {
      hazards = Hazards::of_bits(hazards.bits() & member.withstands(report.settings).bits());
    }
    return hazards;
  };
  Hazards others;
  for (const SameOrderReport& other : all) {
    others = Hazards::of_bits(others.bits() | withstood(other).bits());
  }
  std::string text;
  for (const HazardDescription& hazard : hazard_descriptions) {
    if (others.contain(hazard.hazard) && !withstood(fix).contain(hazard.hazard)) {
      text += (text.empty() ? "" : ", ") + std::string(hazard.name);
    }
  }
  return text;
}

FixWords fix_words(const SameOrderReport& fix, const OrderReport& order) {
  FixWords words;
  const std::string before = name_of(order.fleet);
  const std::string after = name_of(fix.fleet);
  if (after != before) {
    // Where something is only added, that is all there is to say.
    words.name = after.starts_with(before + "+") ? after.substr(before.size()) : after;
  }
  if (fix.settings.isolation != order.settings.isolation) {
    words.name += (words.name.empty() ? "" : ", ") + std::string("isolation=") +
                  value_of(*find_option("isolation"), fix.settings);
  }
  if (const TraceEvent* event = notable_event(fix.result)) {
    words.sql = statement_text(*event, fix);
    words.effect = effect_of(*event, fix);
  } else {
    words.effect = "holds in this order, too";
  }
  for (const SameOrder::Struck& fault : fix.same.faults) {
    if (fault.dropped()) {
      words.effect += (words.effect.empty() ? "" : "; ") + std::string("the fault finds no place");
      break;
    }
  }
  return words;
}

std::vector<std::string> changes_text(const SameOrderReport& other, const OrderReport& order) {
  std::vector<std::string> tasks;
  for (const Move& move : order.order.moves) {
    tasks.push_back(task_text(move));
  }
  return changes_text(other.same, tasks);
}

std::string swap_text(const ExplainReport& report) {
  const Swap& swap = *report.swap;
  const auto range = [](std::size_t begin, std::size_t end) {
    return end - begin == 1 ? std::to_string(begin + 1) : fmt::format("{}-{}", begin + 1, end);
  };
  std::string text =
      fmt::format("{} and {}:", range(swap.first, swap.second), range(swap.second, swap.end));
  constexpr std::size_t told_max = 8;
  OrderReport order(static_cast<const Experiment&>(report.order));
  order.order.moves = swap.order.moves;
  order.result = report.swap_result;
  if (swap.order.moves.size() <= told_max) {
    for (const OrderStep& step : order_steps(order)) {
      std::string verb = step.result == "waits" ? "waits" : "";
      for (const TraceEvent* event : step.events) {
        if (verb.empty() && event->kind == TraceKind::statement && event->verb != Verb::begin) {
          verb = event->verb == Verb::select   ? "reads"
                 : event->verb == Verb::insert ? "inserts its key"
                 : event->verb == Verb::commit ? "commits"
                                               : "writes";
        }
      }
      text += fmt::format(" {} {},", step.task, verb.empty() ? "steps" : verb);
    }
    text.back() = ':';
  }
  return text + ' ' + values_text(order, &HistoryRow::final) + ", right";
}

}  // namespace racelab
