// Every event of a run, one a line: time, operation, what happened.
#include <fmt/format.h>

#include "sim/report/report.h"
#include "sim/report/timeline.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

// Who makes the call that the event is about.
std::string caller_text(const TraceEvent& event) {
  return event.layer == 0 ? "client" : fmt::format("service {}", event.layer);
}

std::string event_text(const TraceEvent& event, const ExperimentRun& report) {
  switch (event.kind) {
    case TraceKind::operation_started:
      return "operation starts";
    case TraceKind::request_sent:
      return "client sends the request";
    case TraceKind::request_lost:
      return "FAULT lose-request";
    case TraceKind::request_slow:
      return "FAULT slow-call: the request is held back";
    case TraceKind::handler_slow:
      return "FAULT slow-call: the client waits no longer, the handler goes on";
    case TraceKind::request_duplicated:
      return "FAULT duplicate-delivery";
    case TraceKind::handler_started:
      return "request arrives, handler starts";
    case TraceKind::try_again:
      return event.error == StatementError::none ? "handler starts over: conflict"
                                                 : "handler starts over: " + sqlstate(event.error);
    case TraceKind::statement:
      return statement_text(event, report) + answer_text(event, report) +
             (event.waited ? " (after waiting)" : "");
    case TraceKind::sent:
    case TraceKind::sent_waits:
      return sent_text(event, report);
    case TraceKind::statement_waits:
      return statement_text(event, report) + " waits for " +
             operation_text(event.other, report.settings);
    case TraceKind::crashed:
      return "FAULT crash: the handler dies before its statement";
    case TraceKind::session_lost:
      return event.after_statement ? "FAULT lose-session, after the statement"
                                   : "FAULT lose-session, before the statement";
    case TraceKind::session_ended:
      return "the store notices the dead session, and rolls back";
    case TraceKind::reply_sent:
      return fmt::format("service replies {}", reply_name(event.reply));
    case TraceKind::reply_lost:
      return fmt::format("FAULT lose-reply ({})", reply_name(event.reply));
    case TraceKind::reply_received:
      return fmt::format("client hears {}", reply_name(event.reply));
    case TraceKind::reply_ignored:
      return fmt::format("client ignores a late {}", reply_name(event.reply));
    case TraceKind::timed_out:
      return "client gives up on the attempt";
    case TraceKind::told:
      return fmt::format("client knows: {}", told_name(event.told));
    case TraceKind::not_sent:
      return caller_text(event) + " does not send it: its breaker is open";
    case TraceKind::no_retry:
      return caller_text(event) + (event.by_breaker
                                       ? " asks no more: its breaker says that too much fails"
                                       : " asks no more: its retry budget is spent");
    case TraceKind::cancel_sent:
      return caller_text(event) + " waits for it no longer, and sends a cancel";
    case TraceKind::cancelled:
      return event.layer > 0
                 ? fmt::format("service {} gets a cancel, and drops the request", event.layer)
                 : "a cancel arrives: the attempt is ended (57014), what is open rolled back";
    case TraceKind::cancel_in_vain:
      return "a cancel arrives, and finds nothing to end";
    case TraceKind::gateway_called:
      return fmt::format("service {} gets the request", event.layer);
    case TraceKind::gateway_asks:
      return fmt::format("service {} asks service {}", event.layer, event.layer + 1);
    case TraceKind::gateway_hears:
      return fmt::format("service {} hears {}", event.layer, reply_name(event.reply));
    case TraceKind::gateway_ignores:
      return fmt::format("service {} ignores a late {}", event.layer, reply_name(event.reply));
    case TraceKind::gateway_timed_out:
      return fmt::format("service {} gives up on the attempt", event.layer);
    case TraceKind::gateway_answers:
      return fmt::format("service {} replies {}", event.layer, reply_name(event.reply));
    case TraceKind::gateway_silent:
      return fmt::format("service {} has no answer to give", event.layer);
    case TraceKind::request_queued:
      return "request arrives, waits for a worker";
    case TraceKind::request_turned_away:
      return fmt::format("request arrives, the queue is full: service replies {}",
                         reply_name(event.reply));
    case TraceKind::request_dropped:
      return "a worker is free, but the client waits no longer: the request is dropped";
    case TraceKind::call_refused:
      return "FAULT refuse-call";
    case TraceKind::call_reset:
      return "FAULT reset-call";
    case TraceKind::reply_reset:
      return fmt::format("FAULT reset-reply ({})", reply_name(event.reply));
    case TraceKind::request_failed:
      return fmt::format("FAULT fail-call: service replies {}", reply_name(event.reply));
  }
  return "";
}

}  // namespace

std::string sent_text(const TraceEvent& event, const ExperimentRun& report) {
  const TraceText& text = report.result.scripts->texts[event.text];
  std::string words;
  for (const std::string& before : text.before) {
    words += before + "; ";
  }
  words += text.statement;
  if (event.kind == TraceKind::sent_waits) {
    return words + "  -> waits for " + operation_text(event.other, report.settings);
  }
  return words + (text.answer.empty() ? "" : "  -> " + text.answer);
}

std::vector<TraceLine> trace_lines(const ExperimentRun& report) {
  std::vector<TraceLine> lines;
  for (const TraceEvent& event : report.result.trace) {
    std::string who = operation_text(event.operation, report.settings);
    if (event.attempt > 0) {
      const std::uint32_t level = level_of(event, report.settings.layers);
      who += fmt::format(".{}{}", attempt_text(event.attempt, level, report.settings),
                         event.copy > 0 ? "'" : "");
    }
    lines.push_back({event.at, std::move(who), event_text(event, report)});
  }
  return lines;
}

namespace {

// Puts each piece in words.
class TraceWords final : public TraceReader {
 public:
  using Line = std::function<void(const TraceLine&)>;

  TraceWords(const Experiment& experiment, Line line)
      : piece_(experiment), line_(std::move(line)) {}

  void read(const TracePiece& piece) override {
    piece_.result.trace.assign(piece.events.begin(), piece.events.end());
    piece_.result.trace_rows.assign(piece.rows.begin(), piece.rows.end());
    auto scripts = std::make_shared<ScriptRunEnding>();
    scripts->texts.assign(piece.texts.begin(), piece.texts.end());
    piece_.result.scripts = std::move(scripts);
    for (const TraceLine& line : trace_lines(piece_)) {
      line_(line);
    }
  }

 private:
  ExperimentRun piece_;  // the run, with no more than a piece of its events
  Line line_;
};

}  // namespace

bool write_trace(const ExperimentRun& run, const EventTeller& events, const Sink& sink) {
  sink(fmt::format("{:>12}  {:<10}{}\n", "ms", "who", "event"));
  TraceWords words(run, [&sink](const TraceLine& line) {
    const std::int64_t at = line.at.microseconds;
    sink(fmt::format("{:>8}.{:03}  {:<10}{}\n", at / 1000, at % 1000, line.who, line.event));
  });
  const bool all = events(words);
  sink(all ? fmt::format("trace hash {:016x} over {} events\n", run.result.trace_hash,
                         grouped(run.result.events))
           : fmt::format("stopped before all {} events were told\n", grouped(run.result.events)));
  return all;
}

bool write_trace(const ExperimentRun& run, const EventTeller& events, ObjectWriter& json) {
  bool all = false;
  json.add_list("trace", [&](const ObjectWriter::Element& add) {
    TraceWords words(run, [&add](const TraceLine& line) {
      add(boost::json::object{
          {"at_us", line.at.microseconds}, {"who", line.who}, {"event", line.event}});
    });
    all = events(words);
  });
  json.add({{"trace_complete", all}});
  return all;
}

}  // namespace racelab
