// A second opinion on a run, worked out from the trace alone and the other way round: the judge walks back from the last
// version along computed-from links; this carries the set of executions that each version contains forwards, statement by
// statement, with its own notion of what a COMMIT makes permanent. Nothing here reads the store, the history or the judge.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <vector>

#include "sim/scenario/run.h"

namespace racelab::lab {

class Oracle {
 public:
  Oracle(const RunResult& run, std::int64_t initial) : run_(run) {
    for (std::uint32_t row = 0; row < run.history.rows.size(); ++row) {
      // The rows there from the start are the first versions.
      versions_[row] = {.row = row, .value = initial, .contains = {}};
      last_[row] = row;
      initial_.push_back(initial);
    }
    for (const HistoryOperation& operation : run.history.operations) {
      told_[operation.name] = Told::unknown;
    }
    for (const TraceEvent& event : run.trace) {
      follow(event);
    }
  }

  /// What the last committed version of a row holds, and what its executions' amounts add up to: the two must agree.
  [[nodiscard]] std::int64_t final(std::uint32_t row) const {
    return versions_.at(last_.at(row)).value;
  }
  [[nodiscard]] std::int64_t sum(std::uint32_t row) const {
    std::int64_t sum = initial_[row];
    for (const ExecutionId execution : contained(row)) {
      sum += amount(operation_of_.at(execution), row);
    }
    return sum;
  }

  /// The row's ledger, every term by its definition.
  [[nodiscard]] Ledger ledger(std::uint32_t row) const {
    Ledger ledger{.initial = initial_[row], .final = final(row)};
    for (const auto& [operation, told] : told_) {
      const std::int64_t each = amount(operation, row);
      const auto times = static_cast<std::int64_t>(applied(operation, row));
      if (told == Told::ok) {
        ledger.acknowledged += each;
        ledger.acknowledged_never_applied += times == 0 ? each : 0;
      }
      ledger.unknown_applied += told == Told::unknown && times > 0 ? each : 0;
      ledger.failed_applied += told == Told::failed && times > 0 ? each : 0;
      ledger.extra_applications += times > 1 ? each * (times - 1) : 0;
      ledger.overwritten += each * (times - static_cast<std::int64_t>(surviving(operation, row)));
    }
    return ledger;
  }

  [[nodiscard]] std::size_t applied(OperationName operation, std::uint32_t row) const {
    return of(operation, committed_on(row));
  }
  [[nodiscard]] std::size_t surviving(OperationName operation, std::uint32_t row) const {
    return of(operation, contained(row));
  }
  [[nodiscard]] std::size_t applications(OperationName operation) const {
    std::set<ExecutionId> all;
    for (const auto& [row, executions] : committed_) {
      all.insert(executions.begin(), executions.end());
    }
    return of(operation, all);
  }
  [[nodiscard]] Told told(OperationName operation) const { return told_.at(operation); }

  /// Over the rows of the operation's change: 0 if any has 0, else the largest.
  [[nodiscard]] std::size_t surviving(OperationName operation) const {
    std::size_t most = 0;
    bool none = false;
    for (const RowAmount& wanted : change(operation)) {
      const std::size_t here = surviving(operation, wanted.row);
      none = none || here == 0;
      most = std::max(most, here);
    }
    return none ? 0 : most;
  }

  [[nodiscard]] bool survives_everywhere(ExecutionId execution) const {
    for (const auto& [row, executions] : committed_) {
      if (executions.contains(execution) && !contained(row).contains(execution)) {
        return false;
      }
    }
    return true;
  }

  /// What is wrong, as (anomaly, client, operation).
  using Wrong = std::set<std::tuple<Anomaly, std::uint32_t, std::uint32_t>>;
  [[nodiscard]] Wrong wrong() const {
    Wrong wrong;
    for (const auto& [operation, told] : told_) {
      for (const RowAmount& wanted : change(operation)) {
        const std::size_t times = applied(operation, wanted.row);
        const std::size_t left = surviving(operation, wanted.row);
        const auto note = [&wrong, name = operation](Anomaly anomaly) {
          wrong.insert({anomaly, name.client, name.operation});
        };
        if (told == Told::ok && times == 0) {
          note(Anomaly::false_success);
        }
        if (told == Told::ok && times > 0 && left == 0) {
          note(Anomaly::lost_update);
        }
        if (left > 1) {
          note(Anomaly::duplicate);
        }
        if (told == Told::failed && left > 0) {
          note(Anomaly::false_failure);
        }
      }
    }
    return wrong;
  }

 private:
  struct Known {
    std::uint32_t row = 0;
    std::int64_t value = 0;
    std::set<ExecutionId> contains;
  };
  struct Handler {
    bool in_transaction = false;
    std::vector<VersionId> pending;
  };
  using HandlerName = std::tuple<OperationName, std::uint16_t, std::uint8_t>;

  void follow(const TraceEvent& event) {
    const HandlerName name{event.operation, event.attempt, event.copy};
    switch (event.kind) {
      case TraceKind::told:
        told_[event.operation] = event.told;
        break;
      case TraceKind::try_again:
      case TraceKind::session_ended:
        handlers_[name] = {};
        break;
      case TraceKind::statement:
        follow_statement(event, handlers_[name]);
        break;
      default:
        break;
    }
  }

  void follow_statement(const TraceEvent& event, Handler& handler) {
    if (event.error != StatementError::none || event.verb == Verb::rollback ||
        (event.verb == Verb::commit && event.rolled_back)) {
      handler = {};
    } else if (event.verb == Verb::begin) {
      handler = {.in_transaction = true, .pending = {}};
    } else if (event.verb == Verb::commit) {
      make_permanent(handler);
      handler = {};
    } else if (event.verb == Verb::update_set || event.verb == Verb::update_add) {
      const TraceRow& row = run_.trace_rows[event.first_row];
      if (event.written != no_version && row.key.table() == Table::rows) {
        write(event, row, handler);
      }
    }
  }

  void write(const TraceEvent& event, const TraceRow& row, Handler& handler) {
    const std::uint32_t number = row.key.number();
    VersionId parent = event.computed_from;
    if (event.verb ==
        Verb::update_add) {  // from what stands in the row: its own, or the last committed
      parent = last_[number];
      for (const VersionId own : handler.pending) {
        parent = versions_[own].row == number ? own : parent;
      }
    }
    Known version{.row = number, .value = row.value, .contains = versions_.at(parent).contains};
    version.contains.insert(event.execution);
    versions_[event.written] = std::move(version);
    operation_of_[event.execution] = event.operation;
    execution_of_[event.written] = event.execution;
    handler.pending.push_back(event.written);
    if (!handler.in_transaction) {
      make_permanent(handler);
    }
  }

  void make_permanent(Handler& handler) {
    for (const VersionId version : handler.pending) {
      const std::uint32_t row = versions_[version].row;
      last_[row] = version;
      committed_[row].insert(execution_of_[version]);
    }
    handler.pending.clear();
  }

  [[nodiscard]] std::span<const RowAmount> change(OperationName operation) const {
    const auto& all = run_.history.operations;
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (all[i].name == operation) {
        return run_.history.change(i);
      }
    }
    std::abort();
  }
  [[nodiscard]] std::int64_t amount(OperationName operation, std::uint32_t row) const {
    std::int64_t amount = 0;
    for (const RowAmount& wanted : change(operation)) {
      amount += wanted.row == row ? wanted.amount : 0;
    }
    return amount;
  }
  [[nodiscard]] const std::set<ExecutionId>& contained(std::uint32_t row) const {
    return versions_.at(last_.at(row)).contains;
  }
  [[nodiscard]] std::set<ExecutionId> committed_on(std::uint32_t row) const {
    const auto found = committed_.find(row);
    return found == committed_.end() ? std::set<ExecutionId>{} : found->second;
  }
  [[nodiscard]] std::size_t of(OperationName operation,
                               const std::set<ExecutionId>& executions) const {
    std::size_t count = 0;
    for (const ExecutionId execution : executions) {
      count += operation_of_.at(execution) == operation ? 1 : 0;
    }
    return count;
  }

  const RunResult& run_;
  std::vector<std::int64_t> initial_;
  std::map<VersionId, Known> versions_;
  std::map<std::uint32_t, VersionId> last_;  // row -> its last committed version
  std::map<std::uint32_t, std::set<ExecutionId>>
      committed_;  // row -> executions that wrote it for good
  std::map<VersionId, ExecutionId> execution_of_;
  std::map<ExecutionId, OperationName> operation_of_;
  std::map<HandlerName, Handler> handlers_;
  std::map<OperationName, Told> told_;
};

/// Everything in which the run and the oracle disagree, in words; empty when they agree and the ledger adds up.
inline std::string disagreement(const RunResult& run, std::int64_t initial) {
  const Oracle oracle(run, initial);
  const Judgement& judgement = run.judgement;
  std::string text;
  const auto object = [&text](const std::string& what) { text += what + "; "; };
  if (!judgement.defects.empty()) {
    object("a defect");
  }
  for (std::uint32_t row = 0; row < run.history.rows.size(); ++row) {
    const std::string name = "row " + std::to_string(row) + ": ";
    const Ledger& theirs = judgement.ledger_by_row[row];
    const Ledger ours = oracle.ledger(row);
    const auto terms = [](const Ledger& l) {
      return std::array{l.initial,
                        l.acknowledged,
                        l.unknown_applied,
                        l.failed_applied,
                        l.extra_applications,
                        l.overwritten,
                        l.acknowledged_never_applied,
                        l.final};
    };
    if (!theirs.balanced()) {
      object(name + "the ledger expects " + std::to_string(theirs.expected()) + ", not " +
             std::to_string(theirs.final));
    }
    if (oracle.sum(row) != oracle.final(row) || run.history.rows[row].final != oracle.final(row)) {
      object(name + "the final value is not what its executions add up to");
    }
    if (terms(theirs) != terms(ours)) {
      object(name + "the ledgers differ");
    }
  }
  std::array<std::array<std::uint64_t, 3>, 3> told{};
  for (std::size_t i = 0; i < run.history.operations.size(); ++i) {
    const HistoryOperation& operation = run.history.operations[i];
    const std::size_t surviving = oracle.surviving(operation.name);
    ++told[static_cast<std::size_t>(oracle.told(operation.name))]
          [std::min<std::size_t>(surviving, 2)];
    if (operation.told != oracle.told(operation.name) ||
        judgement.fates[i].applications != oracle.applications(operation.name) ||
        judgement.fates[i].surviving != surviving) {
      object("operation " + std::to_string(i) + " has another fate");
    }
  }
  if (told != judgement.told) {
    object("the told tables differ");
  }
  Oracle::Wrong wrong;
  for (const Finding& finding : judgement.findings) {
    const OperationName name = run.history.operations[finding.operation].name;
    wrong.insert({finding.anomaly, name.client, name.operation});
  }
  if (wrong != oracle.wrong()) {
    object("the findings differ");
  }
  for (std::size_t i = 0; i < run.history.applications.size(); ++i) {
    if (judgement.survives[i] !=
        oracle.survives_everywhere(run.history.applications[i].execution_id)) {
      object("application " + std::to_string(i) + " survives only for one of us");
    }
  }
  return text;
}

}  // namespace racelab::lab
