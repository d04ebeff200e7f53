// The table, and the one place that reads it off a run.
#include "sim/sweep/measure.h"

#include <algorithm>

namespace racelab {

const std::array<MeasureDescription, measure_kinds>& measure_descriptions() {
  constexpr double per_second = 1e6;     // of microseconds
  constexpr double milliseconds = 1e-3;  // of microseconds
  static constexpr std::array<MeasureDescription, measure_kinds> descriptions{{
      {Measure::lost_updates, "lost_updates", 1, true},
      {Measure::duplicates, "duplicates", 1, true},
      {Measure::false_successes, "false_successes", 1, true},
      {Measure::false_failures, "false_failures", 1, true},
      {Measure::success, "success_share", 1, true},
      {Measure::goodput, "goodput_per_second", per_second, false},
      {Measure::latency, "latency_mean_ms", milliseconds, false},
      {Measure::attempts, "attempts_per_operation", 1, false},
      {Measure::deliveries, "deliveries_per_operation", 1, false},
      {Measure::statements, "statements_per_operation", 1, false},
      {Measure::wasted_statements, "wasted_statements_per_operation", 1, false},
      {Measure::aborts, "aborts_per_operation", 1, false},
      {Measure::lock_wait, "lock_wait_ms_per_operation", milliseconds, false},
      {Measure::queue_wait, "queue_wait_ms_per_operation", milliseconds, false},
      {Measure::shed, "shed_per_operation", 1, false},
      {Measure::expired, "expired_per_operation", 1, false},
      {Measure::last_event, "last_event_ms", milliseconds, false},
      {Measure::write_calls, "write_calls", 1, false},
  }};
  return descriptions;
}

const MeasureDescription& description_of(Measure measure) {
  return measure_descriptions()[static_cast<std::size_t>(measure)];
}

RunFigures figures_of(const RunResult& result) {
  const auto whole = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  const Judgement& judgement = result.judgement;
  std::int64_t answered = 0;
  Duration latency{};
  Instant last_told{};
  for (const HistoryOperation& operation : result.history.operations) {
    if (operation.finished) {
      ++answered;
      latency = latency + (operation.ended - operation.started);
      last_told = std::max(last_told, operation.ended);
    }
  }
  const auto& ok = judgement.told[static_cast<std::size_t>(Told::ok)];
  // Of endpoints in SQL a refusal is an answer as good as any.
  const auto refused = static_cast<std::uint64_t>(
      std::count_if(result.history.operations.begin(), result.history.operations.end(),
                    [](const HistoryOperation& it) { return it.told == Told::refused; }));
  const std::uint64_t told_ok = ok[0] + ok[1] + ok[2] + refused;
  const ServiceCounts& service = result.counts.service;
  const std::int64_t operations = whole(result.counts.operations);

  RunFigures figures{};
  const auto set = [&figures](Measure measure, std::int64_t x, std::int64_t y) {
    figures[static_cast<std::size_t>(measure)] = {x, y};
  };
  set(Measure::lost_updates, whole(judgement.count(Anomaly::lost_update)), operations);
  set(Measure::duplicates, whole(judgement.count(Anomaly::duplicate)), operations);
  set(Measure::false_successes, whole(judgement.count(Anomaly::false_success)), operations);
  set(Measure::false_failures, whole(judgement.count(Anomaly::false_failure)), operations);
  set(Measure::success, whole(told_ok), operations);
  set(Measure::goodput, whole(ok[1] + refused), last_told.microseconds);
  set(Measure::latency, latency.microseconds, answered);
  set(Measure::attempts, whole(result.counts.clients.attempts), operations);
  set(Measure::deliveries, whole(service.deliveries), operations);
  set(Measure::statements, whole(service.statements), operations);
  set(Measure::wasted_statements, whole(service.wasted), operations);
  set(Measure::aborts, whole(service.conflicts + service.deadlocks), operations);
  set(Measure::lock_wait, service.lock_wait_time.microseconds, operations);
  set(Measure::queue_wait, service.queue_wait_time.microseconds, operations);
  set(Measure::shed, whole(service.shed), operations);
  set(Measure::expired, whole(service.expired), operations);
  set(Measure::last_event, result.ended.microseconds, 1);
  set(Measure::write_calls, whole(service.writes), 1);
  return figures;
}

}  // namespace racelab
