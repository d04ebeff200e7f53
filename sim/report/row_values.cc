// What a transaction wrote counts from its COMMIT on; a row shows the latest value, in brackets while it may still vanish.
#include "sim/report/row_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t value_rows_max = 3;  // with more rows than that, their values are left out

}  // namespace

RowValues::RowValues(const ExperimentRun& report) : report_(report) {
  for (const HistoryRow& row : report.result.history.rows) {
    committed_.push_back(row.initial);
  }
  in_flight_.resize(committed_.size());
}

void RowValues::follow(const TraceEvent& event) {
  const auto& trace = report_.result;
  if (event.kind == TraceKind::session_ended || event.kind == TraceKind::try_again ||
      event.error != StatementError::none || event.verb == Verb::rollback) {
    settle(event.execution, false);
    return;
  }
  if (event.kind != TraceKind::statement) {
    return;
  }
  if (event.verb == Verb::begin) {
    open_[event.execution] = true;
  } else if (event.verb == Verb::commit) {
    settle(event.execution, true);
  } else if (event.written != no_version) {
    const TraceRow& row = trace.trace_rows[event.first_row];
    if (row.key.table() == Table::rows) {
      in_flight_[row.key.number()] = {event.execution, row.value};
      if (!open_[event.execution]) {
        settle(event.execution, true);
      }
    }
  }
}

std::vector<std::string> RowValues::names() const {
  return committed_.size() > value_rows_max ? std::vector<std::string>() : report_.row_names;
}

std::vector<std::string> RowValues::cells() const {
  std::vector<std::string> all;
  for (std::size_t row = 0; row < names().size(); ++row) {
    all.push_back(in_flight_[row] ? fmt::format("({})", in_flight_[row]->value)
                                  : std::to_string(committed_[row]));
  }
  return all;
}

std::string RowValues::equation(std::size_t row) const {
  return in_flight_[row] ? fmt::format("({} = {})", report_.row_names[row], in_flight_[row]->value)
                         : fmt::format("{} = {}", report_.row_names[row], committed_[row]);
}

void RowValues::settle(ExecutionId execution, bool commit) {
  for (std::size_t row = 0; row < in_flight_.size(); ++row) {
    if (in_flight_[row] && in_flight_[row]->execution == execution) {
      if (commit) {
        committed_[row] = in_flight_[row]->value;
      }
      in_flight_[row].reset();
    }
  }
  open_[execution] = false;
}

std::string harm_of(const TraceEvent& event, const ExperimentRun& report) {
  const RunResult& result = report.result;
  const auto name = [&](ApplicationId application) {
    const std::uint32_t operation = result.history.applications[application].operation;
    return operation_text(result.history.operations[operation].name, report.settings);
  };
  std::string harm;
  for (std::size_t i = 0; i < result.history.versions.size(); ++i) {
    if (event.written != no_version && result.judgement.overwritten_by[i] == event.written) {
      harm += (harm.empty() ? "" : ", ") + name(result.history.versions[i].application) +
              " overwritten";
    }
  }
  const auto version = std::find_if(result.history.versions.begin(), result.history.versions.end(),
                                    [&](const HistoryVersion& v) { return v.id == event.written; });
  if (event.written == no_version || version == result.history.versions.end()) {
    return harm;
  }
  const Application& done = result.history.applications[version->application];
  // What was overwritten was not done any more.
  bool again = false;
  for (ApplicationId earlier = 0; earlier < version->application; ++earlier) {
    again = again || (result.judgement.survives[earlier] &&
                      result.history.applications[earlier].operation == done.operation);
  }
  return again ? harm + (harm.empty() ? "" : ", ") + name(version->application) + " done again"
               : harm;
}

}  // namespace racelab
