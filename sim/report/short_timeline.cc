// A short run, event by event: what each client did, what came of it, and what the rows hold afterwards.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sim/report/row_values.h"
#include "sim/report/timeline.h"
#include "sim/report/words.h"
#include "sim/scenario/layers.h"

namespace racelab {

namespace {

constexpr std::size_t lines_max = 40;

std::string of_service(const TraceEvent& event) {
  return event.layer == 0 ? "" : fmt::format("service {}: ", event.layer);
}

}  // namespace

std::optional<std::string> timeline_text(const TraceEvent& event, const ExperimentRun& report) {
  switch (event.kind) {
    case TraceKind::request_sent:
      return event.attempt == 1
                 ? std::nullopt
                 : std::optional<std::string>(report.settings.retry.hedge_after ? "sends a hedge"
                                                                                : "asks again");
    case TraceKind::request_lost:
      return "request lost";
    case TraceKind::request_slow:
      return "request held back";
    case TraceKind::handler_slow:
      return "slow: nobody waits for it";
    case TraceKind::request_duplicated:
      return "request delivered twice";
    case TraceKind::try_again:
      return "starts over";
    case TraceKind::statement:
      if (event.verb == Verb::begin) {
        return std::nullopt;
      }
      return statement_text(event, report) + answer_text(event, report);
    case TraceKind::statement_waits:
      return statement_text(event, report) + " waits";
    case TraceKind::sent:
    case TraceKind::sent_waits:
      return sent_text(event, report);
    case TraceKind::crashed:
      return "handler crashes";
    case TraceKind::session_lost:
      return event.after_statement ? "session lost after it" : "session lost before it ran";
    case TraceKind::session_ended:
      return "dead session ended";
    case TraceKind::reply_lost:
      return fmt::format("reply lost ({})", reply_name(event.reply));
    case TraceKind::reply_ignored:
      return "late reply ignored";
    case TraceKind::timed_out:
      return "timed out";
    case TraceKind::request_queued:
      return "waits for a worker";
    case TraceKind::request_turned_away:
      return "turned away: queue full";
    case TraceKind::request_dropped:
      return "dropped: nobody waits for it";
    case TraceKind::call_refused:
      return "connection refused";
    case TraceKind::call_reset:
      return "connection reset: not read";
    case TraceKind::reply_reset:
      return fmt::format("connection reset ({} was due)", reply_name(event.reply));
    case TraceKind::request_failed:
      return "service fails at once";
    case TraceKind::told:
      return event.told == Told::ok        ? "told ok"
             : event.told == Told::failed  ? "told failed"
             : event.told == Told::refused ? "is refused"
                                           : "told unknown: still in doubt";
    case TraceKind::not_sent:
      return of_service(event) + "not sent: its breaker is open";
    case TraceKind::no_retry:
      return of_service(event) +
             (event.by_breaker ? "asks no more: its breaker" : "asks no more: no budget");
    case TraceKind::cancel_sent:
      return of_service(event) + "sends a cancel";
    case TraceKind::cancelled:
      return of_service(event) + "cancelled";
    case TraceKind::cancel_in_vain:
      return "the cancel finds nothing";
    case TraceKind::gateway_asks:
      return (event.attempt - 1U) % attempts_possible(report.settings, event.layer + 1U) > 0
                 ? std::optional(fmt::format("service {} asks again", event.layer))
                 : std::nullopt;
    case TraceKind::gateway_timed_out:
      return fmt::format("service {} gives up", event.layer);
    case TraceKind::gateway_silent:
      return fmt::format("service {} cannot answer", event.layer);
    default:
      return std::nullopt;
  }
}

namespace {

// Where nothing goes wrong on the way, everybody is told ok: no line says so.
bool goes_without_saying(const TraceEvent& event, const RunResult& result) {
  const auto& faults = result.counts.service.faults;
  return event.kind == TraceKind::told && event.told == Told::ok &&
         result.counts.clients.timeouts == 0 &&
         std::all_of(faults.begin(), faults.end(), [](std::uint64_t n) { return n == 0; });
}

}  // namespace

bool is_short(const ExperimentRun& report) {
  if (report.result.trace.empty() || report.settings.clients > 8 ||
      std::uint64_t{report.settings.clients} * report.settings.operations > 12) {
    return false;
  }
  const auto lines = std::count_if(
      report.result.trace.begin(), report.result.trace.end(),
      [&](const TraceEvent& event) { return timeline_text(event, report).has_value(); });
  return static_cast<std::size_t>(lines) <= lines_max;
}

Timeline short_timeline(const ExperimentRun& report, const TimelineOptions& options) {
  RowValues values(report);
  Timeline timeline;
  timeline.unit = options.unit;
  timeline.value_names = values.names();
  for (std::uint32_t client = 0; client < report.settings.clients; ++client) {
    timeline.lanes.push_back(client_name(client));
  }
  for (const TraceEvent& event : report.result.trace) {
    if (options.until && event.at > *options.until) {
      break;
    }
    values.follow(event);
    const std::optional<std::string> text = timeline_text(event, report);
    if (!text || goes_without_saying(event, report.result)) {
      continue;
    }
    const bool several = report.settings.operations > 1 && event.kind != TraceKind::session_ended;
    timeline.rows.push_back(
        {.time = options.time(event.at),
         .lane = event.operation.client,
         .text = (several ? std::to_string(event.operation.operation + 1) + ": " : "") + *text,
         .values = values.cells(),
         .harm = options.with_harm ? harm_of(event, report) : ""});
  }
  return timeline;
}

}  // namespace racelab
