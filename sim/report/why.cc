// One paragraph per kind of harm. The helpers find the event that a clause is about.
#include "sim/report/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "sim/report/words.h"
#include "sim/scenario/layers.h"

namespace racelab {

namespace {

class Reasons {
 public:
  explicit Reasons(const ExperimentRun& report, TimeWords time = nullptr)
      : report_(report), result_(report.result), time_(std::move(time)) {}

  [[nodiscard]] std::string of(const Finding& finding) const {
    switch (finding.anomaly) {
      case Anomaly::lost_update:
        return lost_update(finding);
      case Anomaly::duplicate:
        return duplicate(finding);
      case Anomaly::false_success:
        return false_success(finding);
      case Anomaly::false_failure:
        return false_failure(finding);
    }
    return "";
  }

  [[nodiscard]] std::string stuck() const {
    std::string text;
    std::set<OperationName> told_of;
    for (const Service::Wait& wait : result_.waits) {
      add_clause(text, wait_text(wait));
      told_of.insert(wait.waiting);
      const bool itself = wait.holding == wait.waiting;
      if (wait.holder_is_dead && (itself || !told_of.contains(wait.holding))) {
        add_clause(text,
                   (itself ? std::string("that") : name(wait.holding) + "'s") +
                       " handler is dead, and the store never notices (session-timeout=none)");
        told_of.insert(wait.holding);
      }
    }
    for (const OperationName operation : result_.unanswered) {
      if (!told_of.contains(operation)) {
        add_clause(text, name(operation) +
                             " waits for an answer that will not come (timeout=none)" +
                             lost_on_the_way(operation));
      }
    }
    return text;
  }

  [[nodiscard]] std::string wait_text(const Service::Wait& wait) const {
    return fmt::format("{} waits for {}, which {} holds", name(wait.waiting),
                       row_name(wait.row, report_.row_names),
                       wait.holding == wait.waiting ? "an earlier handler of " + name(wait.holding)
                                                    : name(wait.holding));
  }

  // The first two versions of a row that one execution wrote, each with the amount: the ledger counts it once.
  [[nodiscard]] std::string applied_twice(std::uint32_t row) const {
    const std::vector<HistoryVersion>& versions = result_.history.versions;
    for (auto second = versions.begin(); second != versions.end(); ++second) {
      const auto first =
          std::find_if(versions.begin(), second, [&second](const HistoryVersion& earlier) {
            return earlier.row == second->row && earlier.application == second->application;
          });
      if (second->row == row && second->application != no_application && first != second) {
        const std::uint32_t operation = result_.history.applications[second->application].operation;
        return fmt::format("{} wrote {} = {}, and {} = {} in the same execution: one {} is counted",
                           name(operation), report_.row_names[row], first->value,
                           report_.row_names[row], second->value, amount(operation, row));
      }
    }
    return "";
  }

  [[nodiscard]] std::string defect(const Defect& defect) const {
    const std::string& row = report_.row_names[defect.row];
    if (std::string twice = applied_twice(defect.row);
        defect.kind == Defect::Kind::ledger && !twice.empty()) {
      return twice;
    }
    const auto version =
        std::find_if(result_.history.versions.begin(), result_.history.versions.end(),
                     [&](const HistoryVersion& v) { return v.id == defect.version; });
    if (version == result_.history.versions.end() || version->application == no_application) {
      return fmt::format("the history of {} does not add up", row);
    }
    const Application& application = result_.history.applications[version->application];
    const HistoryOperation& operation = result_.history.operations[application.operation];
    return fmt::format("{} wrote {} = {}, which is not a value it had read plus its amount ({})",
                       name(operation.name), row, version->value,
                       amount(application.operation, defect.row));
  }

  [[nodiscard]] std::string name(OperationName operation) const {
    return operation_text(operation, report_.settings);
  }
  [[nodiscard]] std::string name(std::uint32_t operation) const {
    return name(result_.history.operations[operation].name);
  }
  [[nodiscard]] std::string amount(std::uint32_t operation, std::uint32_t row) const {
    const std::optional<std::int64_t> amount = result_.history.amount_on(operation, row);
    return amount ? signed_text(*amount) : "update";
  }

 private:
  using Test = std::function<bool(const TraceEvent&)>;

  [[nodiscard]] std::string when(Instant at) const { return time_ ? time_(at) : time_text(at); }

  // The first event from `from` on that passes; the end of the trace if none does.
  [[nodiscard]] const TraceEvent* find(const Test& test, const TraceEvent* after = nullptr) const {
    for (const TraceEvent& event : result_.trace) {
      if ((after == nullptr || &event > after) && test(event)) {
        return &event;
      }
    }
    return nullptr;
  }
  [[nodiscard]] const TraceEvent* writing(VersionId version) const {
    return find([version](const TraceEvent& e) {
      return e.kind == TraceKind::statement && e.written == version;
    });
  }
  // Where an execution read the row that it later wrote.
  [[nodiscard]] const TraceEvent* reading(ExecutionId execution, std::uint32_t row) const {
    return find([&](const TraceEvent& e) {
      return e.kind == TraceKind::statement && e.verb == Verb::select && e.execution == execution &&
             saw(e, row) != nullptr;
    });
  }
  [[nodiscard]] const TraceRow* saw(const TraceEvent& event, std::uint32_t row) const {
    for (std::uint32_t i = 0; i < event.row_count; ++i) {
      const TraceRow& seen = result_.trace_rows[event.first_row + i];
      if (seen.key == RowKey::row(row) && seen.found) {
        return &seen;
      }
    }
    return nullptr;
  }
  [[nodiscard]] const HistoryVersion& last_version(ApplicationId application,
                                                   std::uint32_t row) const {
    const HistoryVersion* last = nullptr;
    for (const HistoryVersion& version : result_.history.versions) {
      if (version.application == application && version.row == row) {
        last = &version;
      }
    }
    return *last;
  }

  [[nodiscard]] std::string lost_update(const Finding& finding) const {
    const RunResult::Loss loss = result_.loss(finding);
    if (loss.overwriter == nullptr) {
      return "";
    }
    const std::string& row = report_.row_names[finding.row];
    const HistoryVersion& lost = *loss.lost;
    const Application& by = result_.history.applications[loss.overwriter->application];
    const Application& victim = result_.history.applications[lost.application];
    const TraceEvent* write = writing(loss.overwriter->id);
    const TraceEvent* read = reading(by.execution_id, finding.row);
    // What a transaction has written is there for others from its COMMIT on, not from its UPDATE.
    const TraceEvent* commit = find([&](const TraceEvent& e) {
      return e.kind == TraceKind::statement && e.verb == Verb::commit &&
             e.execution == victim.execution_id;
    });
    const TraceEvent* stands = commit != nullptr ? commit : writing(lost.id);
    if (stands == nullptr || write == nullptr) {
      return "";
    }
    const char* did = commit != nullptr ? "committed" : "wrote";
    if (read == nullptr || loss.overwriter->computed_from == no_version) {
      return fmt::format("{} {} {} = {} at {}; {} wrote {} = {} at {}, not worked out from it",
                         who(victim), did, row, lost.value, when(stands->at), who(by), row,
                         loss.overwriter->value, when(write->at));
    }
    const std::int64_t old_value = saw(*read, finding.row)->value;
    const auto at = precise_enough({read->at, stands->at, write->at});
    return fmt::format(
        "{} read {} = {} at {}; {} {} {} = {} at {}; {}, still at {}, wrote {} = {} at {}", who(by),
        row, old_value, at(read->at), who(victim), did, row, lost.value, at(stands->at), who(by),
        old_value, row, loss.overwriter->value, at(write->at));
  }

  // How to print times so that their order shows: to the microsecond where two that differ would print alike.
  [[nodiscard]] TimeWords precise_enough(const std::array<Instant, 3>& times) const {
    if (time_) {
      return time_;
    }
    for (std::size_t i = 1; i < times.size(); ++i) {
      if (times[i - 1] != times[i] && time_text(times[i - 1]) == time_text(times[i])) {
        return microsecond_text;
      }
    }
    return time_text;
  }

  // "A", or "A's second attempt" where the client asked more than once.
  [[nodiscard]] std::string who(const Application& application) const {
    const HistoryOperation& operation = result_.history.operations[application.operation];
    std::string text = name(operation.name);
    const std::uint32_t layers = report_.settings.layers;
    const bool several = operation.attempts > 1 || layers > 1;
    if (several) {
      text += fmt::format("'s attempt {}",
                          attempt_text(application.execution.attempt, layers, report_.settings));
    }
    if (application.execution.copy > 0) {
      text += several ? " (second delivery)" : "'s second delivery";
    }
    return text;
  }

  // The versions that an operation's applications wrote on the row, in the order of their commits.
  [[nodiscard]] std::vector<const HistoryVersion*> applications_of(const Finding& finding,
                                                                   bool standing) const {
    std::vector<const HistoryVersion*> done;
    for (const HistoryVersion& version : result_.history.versions) {
      if (version.row == finding.row && version.application != no_application &&
          (!standing || result_.judgement.survives[version.application]) &&
          result_.history.applications[version.application].operation == finding.operation) {
        done.push_back(&version);
      }
    }
    return done;
  }

  [[nodiscard]] std::string duplicate(const Finding& finding) const {
    // Those that stand; of several rows, one may be lost where another is doubled.
    std::vector<const HistoryVersion*> done = applications_of(finding, true);
    if (done.size() < 2) {
      done = applications_of(finding, false);
    }
    const TraceEvent* first_write = writing(done[0]->id);
    const TraceEvent* second_write = writing(done[1]->id);
    if (first_write == nullptr || second_write == nullptr) {
      return "";
    }
    const Execution& first = result_.history.applications[done[0]->application].execution;
    const Execution& second = result_.history.applications[done[1]->application].execution;
    const OperationName operation = result_.history.operations[finding.operation].name;
    std::string text = fmt::format("{}'s {} was done at {}", name(operation),
                                   amount(finding.operation, finding.row), when(first_write->at));
    if (first.attempt == second.attempt) {
      const TraceEvent* twice = find([&](const TraceEvent& e) {
        return e.kind == TraceKind::request_duplicated && e.operation == operation &&
               e.attempt == first.attempt;
      });
      text += twice != nullptr && first.copy != second.copy
                  ? fmt::format("; the network had delivered that request twice (at {})",
                                when(twice->at))
                  : std::string("; its handler started over");
    } else {
      text += asked_again(operation, std::min(first.attempt, second.attempt),
                          std::max(first.attempt, second.attempt), first_write->at);
    }
    return text + fmt::format("; at {} it was done again: nothing recognised the repeat",
                              when(second_write->at));
  }

  // Why there was a later attempt: what happened to the earlier one, and when the client gave up on it.
  [[nodiscard]] std::string asked_again(OperationName operation, std::uint16_t earlier,
                                        std::uint16_t later, Instant done) const {
    std::string text = mishap(operation, earlier);
    // Of several layers, the innermost one that asked more than once on the way to the later attempt.
    std::uint32_t level = report_.settings.layers;
    // Of one layer the client's next attempt; it may have needed more of them until one was done.
    std::uint32_t again = level == 1 ? earlier + 1U : later;
    while (level > 1 && (again - 1U) % attempts_possible(report_.settings, level) == 0) {
      again = outer_attempt(again, level, report_.settings);
      --level;
    }
    const TraceEvent* gave_up = find([&](const TraceEvent& e) {
      return e.kind == (level == 1 ? TraceKind::timed_out : TraceKind::gateway_timed_out) &&
             level_of(e, report_.settings.layers) == level && e.operation == operation &&
             e.attempt + 1U == again;
    });
    if (gave_up != nullptr) {
      text += fmt::format(
          "; {} {} nothing, {} up at {} and asked again",
          level == 1 ? client_name(operation.client) : fmt::format("service {}", level - 1),
          gave_up->at < done ? "had heard" : "heard", gave_up->at < done ? "given" : "gave",
          when(gave_up->at));
      return text;
    }
    const TraceEvent* hedge = find([&](const TraceEvent& e) {
      return e.kind == TraceKind::request_sent && e.operation == operation && e.attempt == again;
    });
    if (level == 1 && report_.settings.retry.hedge_after && hedge != nullptr) {
      text += fmt::format("; {} {} nothing by {}, and sent a hedge", client_name(operation.client),
                          hedge->at < done ? "had heard" : "heard", when(hedge->at));
    }
    return text;
  }

  // What happened to an attempt on the way, as a clause; empty when nothing did.
  [[nodiscard]] std::string mishap(OperationName operation, std::uint16_t attempt) const {
    const auto of_attempt = [&](TraceKind kind) {
      return find([&](const TraceEvent& e) {
        return e.kind == kind && e.operation == operation && e.attempt == attempt;
      });
    };
    if (const TraceEvent* event = of_attempt(TraceKind::request_lost)) {
      return fmt::format("; the request was lost at {}", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::request_slow)) {
      return fmt::format("; the request was held back at {}", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::request_turned_away)) {
      return fmt::format("; the request was turned away at {}", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::request_dropped)) {
      return fmt::format("; the request was dropped at {}", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::request_failed)) {
      return fmt::format("; the service answered with an error at {}", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::reply_lost)) {
      return fmt::format("; its reply was lost at {}", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::call_refused)) {
      return fmt::format("; the connection was refused at {}", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::call_reset)) {
      return fmt::format("; the connection was reset at {}, before the request was read",
                         when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::reply_reset)) {
      return fmt::format("; the connection was reset at {}, instead of its reply", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::crashed)) {
      return fmt::format("; its handler crashed at {}", when(event->at));
    }
    if (const TraceEvent* event = of_attempt(TraceKind::session_lost)) {
      return fmt::format("; its session was lost at {}", when(event->at));
    }
    return "";
  }

  // What became of a client's last attempt. Of several layers it is not told: many calls were made for it.
  [[nodiscard]] std::string lost_on_the_way(OperationName operation) const {
    if (report_.settings.layers > 1) {
      return "";
    }
    const auto of = std::lower_bound(
        result_.history.operations.begin(), result_.history.operations.end(), operation,
        [](const HistoryOperation& other, OperationName name) { return other.name < name; });
    return mishap(operation, of->attempts);
  }

  [[nodiscard]] std::string false_success(const Finding& finding) const {
    const OperationName operation = result_.history.operations[finding.operation].name;
    std::string text;
    const TraceEvent* recorded = find([&](const TraceEvent& e) {
      return e.kind == TraceKind::statement && e.operation == operation && e.verb == Verb::insert &&
             e.affected == 1;
    });
    if (recorded != nullptr) {
      text = fmt::format("{}'s key was recorded at {}, before the change was made", name(operation),
                         when(recorded->at)) +
             mishap(operation, recorded->attempt);
    }
    const TraceEvent* found = find([&](const TraceEvent& e) {
      return e.kind == TraceKind::statement && e.operation == operation && e.verb == Verb::insert &&
             e.error == StatementError::none && e.affected == 0;
    });
    if (found != nullptr) {
      text += fmt::format("; attempt {} found the key at {} and took the work for done",
                          found->attempt, when(found->at));
    }
    const TraceEvent* told = find(
        [&](const TraceEvent& e) { return e.kind == TraceKind::told && e.operation == operation; });
    if (told != nullptr) {
      text += fmt::format("{}{} was told ok at {}, and nothing was ever written",
                          text.empty() ? "" : "; ", name(operation), when(told->at));
    }
    return text;
  }

  [[nodiscard]] std::string false_failure(const Finding& finding) const {
    const OperationName operation = result_.history.operations[finding.operation].name;
    for (ApplicationId i = 0; i < result_.history.applications.size(); ++i) {
      const Application& done = result_.history.applications[i];
      const TraceEvent* told = find([&](const TraceEvent& e) {
        return e.kind == TraceKind::told && e.operation == operation;
      });
      if (done.operation == finding.operation && told != nullptr) {
        const TraceEvent* write = writing(last_version(i, finding.row).id);
        if (write != nullptr) {
          return fmt::format(
              "{} heard only refusals and was told failed at {}; but {} was done at {}",
              name(operation), when(told->at), who(done), when(write->at));
        }
      }
    }
    return "";
  }

  const ExperimentRun& report_;
  const RunResult& result_;
  TimeWords time_;
};

std::string first_harm(const ExperimentRun& report, const Reasons& reasons) {
  const Finding* finding = report.result.first_finding();
  if (finding == nullptr) {
    return "";
  }
  const std::string operation = reasons.name(finding->operation);
  const std::string amount = reasons.amount(finding->operation, finding->row);
  switch (finding->anomaly) {
    case Anomaly::lost_update:
      return fmt::format("{} was told ok, and its {} is gone", operation, amount);
    case Anomaly::duplicate:
      return fmt::format(
          "{}'s {} was done {}", operation, amount,
          report.result.judgement.fates[finding->operation].surviving == 2
              ? std::string("twice")
              : counted(report.result.judgement.fates[finding->operation].surviving, "time"));
    case Anomaly::false_success:
      return fmt::format("{} was told ok, and its {} never happened", operation, amount);
    case Anomaly::false_failure:
      return fmt::format("{} was told failed, and its {} happened", operation, amount);
  }
  return "";
}

}  // namespace

std::string broken_invariant(const ExperimentRun& report) {
  const WorkloadEntry& workload = workloads()[report.settings.workload];
  return fmt::format("the rule \"{}\" is broken: {} at the start, {} at the end",
                     workload.invariant, values_text(report, &HistoryRow::initial),
                     values_text(report, &HistoryRow::final));
}

std::string headline(const ExperimentRun& report) {
  const RunResult& result = report.result;
  const Reasons reasons(report);
  std::string counts;
  for (const Anomaly anomaly :
       {Anomaly::lost_update, Anomaly::duplicate, Anomaly::false_success, Anomaly::false_failure}) {
    if (const std::uint64_t count = result.judgement.count(anomaly); count > 0) {
      add_item(counts, counted(count, anomaly_noun(anomaly)));
    }
  }
  add_item(counts, result.invariant_broken ? "1 broken invariant" : "");
  if (result.end == World::End::stuck) {
    add_item(counts, "stuck");
    if (!result.waits.empty()) {
      counts += ": " + reasons.wait_text(result.waits.front());
    } else if (!result.unanswered.empty()) {
      counts += ": " + reasons.name(result.unanswered.front()) +
                " waits for an answer that will not come";
    }
  }
  if (!result.judgement.defects.empty()) {
    add_item(counts, "the ledger does not add up");
  }
  if (result.end == World::End::gave_up) {
    counts += fmt::format(" (given up after {} events)", grouped(result.happenings));
  }
  const std::string harm = first_harm(report, reasons);
  return harm.empty() ? counts : counts + ": " + harm;
}

std::string why(const ExperimentRun& report, const TimeWords& time) {
  const Reasons reasons(report, time);
  std::string text;
  if (!report.result.judgement.defects.empty()) {
    add_clause(text, reasons.defect(report.result.judgement.defects.front()));
  }
  if (const Finding* finding = report.result.first_finding()) {
    add_clause(text, reasons.of(*finding));
  }
  if (report.result.end == World::End::stuck) {
    add_clause(text, reasons.stuck());
  }
  if (report.result.invariant_broken) {
    add_clause(text, broken_invariant(report));
  }
  return text;
}

}  // namespace racelab
