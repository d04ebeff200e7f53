// The short timeline. First the lines as data (time, client, text, values, note), then their layout.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sim/report/row_values.h"
#include "sim/report/timeline.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t lines_max = 40;
constexpr std::size_t gap_width = 3;
constexpr std::size_t time_width_min = 5 + gap_width;

struct TimelineLine {
  Instant at{};
  std::uint32_t client = 0;
  std::string text;
  std::string values;
  std::string note;
  bool bad = false;  // the note is about a harm
};

std::string reply_text(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::ok:
      return "ok";
    case Reply::Kind::conflict:
      return "conflict";
    case Reply::Kind::refused:
      return "refused";
    case Reply::Kind::unavailable:
      return "unavailable";
  }
  return "";
}

// What a line says of an event; nothing: the event has no line in a short timeline.
std::optional<std::string> text_of(const TraceEvent& event, const RunReport& report) {
  switch (event.kind) {
    case TraceKind::request_sent:
      return event.attempt > 1 ? std::optional<std::string>("asks again") : std::nullopt;
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
    case TraceKind::crashed:
      return "handler crashes";
    case TraceKind::session_lost:
      return event.after_statement ? "session lost after it" : "session lost before it ran";
    case TraceKind::session_ended:
      return "dead session ended";
    case TraceKind::reply_lost:
      return "reply lost (" + reply_text(event.reply) + ")";
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
    case TraceKind::request_failed:
      return "service fails at once";
    case TraceKind::told:
      return event.told == Told::ok       ? "told ok"
             : event.told == Told::failed ? "told failed"
                                          : "told unknown: still in doubt";
    case TraceKind::not_sent:
      return "not sent: its breaker is open";
    case TraceKind::no_retry:
      return event.by_breaker ? "asks no more: its breaker" : "asks no more: no budget";
    case TraceKind::gateway_asks:
      return (event.attempt - 1) % report.settings.retry.attempts_max > 0
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

std::vector<TimelineLine> lines_of(const RunReport& report) {
  std::vector<TimelineLine> lines;
  RowValues values(report);
  const ServiceCounts& counts = report.result.counts.service;
  const bool faultless = std::all_of(counts.faults.begin(), counts.faults.end(),
                                     [](std::uint64_t n) { return n == 0; }) &&
                         report.result.counts.clients.timeouts == 0;
  for (const TraceEvent& event : report.result.trace) {
    values.follow(event);
    const std::optional<std::string> text = text_of(event, report);
    // Where nothing goes wrong on the way, everybody is told ok: no line says so.
    if (!text || (event.kind == TraceKind::told && event.told == Told::ok && faultless)) {
      continue;
    }
    const bool several = report.settings.operations > 1 && event.kind != TraceKind::session_ended;
    const std::string prefix =
        several ? std::to_string(event.operation.operation + 1) + ": " : std::string();
    const std::string harm = harm_of(event, report);
    lines.push_back(
        {event.at, event.operation.client, prefix + *text, values.columns(), harm, !harm.empty()});
  }
  return lines;
}

// Clients side by side where that fits, else one column that names the client.
std::vector<std::size_t> column_widths(const std::vector<TimelineLine>& lines,
                                       const RunReport& report, std::size_t time_width,
                                       std::size_t right_width) {
  std::vector<std::size_t> widths(report.settings.clients, 8);
  for (const TimelineLine& line : lines) {
    widths[line.client] = std::max(widths[line.client], line.text.size());
  }
  std::size_t total = time_width + right_width;
  for (std::size_t& width : widths) {
    width = std::max<std::size_t>(width, report.settings.clients == 2 ? 20 : 8);
    total += width + 3;
  }
  if (total <= text_width) {
    return widths;
  }
  std::size_t widest = 0;
  for (const TimelineLine& line : lines) {
    widest = std::max(widest, line.text.size());
  }
  return {widest};
}

}  // namespace

bool is_short(const RunReport& report) {
  if (report.result.trace.empty() || report.settings.clients > 8 ||
      std::uint64_t{report.settings.clients} * report.settings.operations > 12) {
    return false;
  }
  const auto lines =
      std::count_if(report.result.trace.begin(), report.result.trace.end(),
                    [&](const TraceEvent& event) { return text_of(event, report).has_value(); });
  return static_cast<std::size_t>(lines) <= lines_max;
}

std::string short_timeline(const RunReport& report, const TextStyle& style,
                           const TimeColumn& time) {
  const std::vector<TimelineLine> lines = lines_of(report);
  const RowValues values(report);
  const std::string heading = values.heading();
  std::size_t note_width = 0;
  std::size_t time_width = time_width_min;
  for (const TimelineLine& line : lines) {
    note_width = std::max(note_width, line.note.size());
    time_width = std::max(time_width, time.words(line.at).size() + gap_width);
  }
  const std::size_t right_width = heading.size() + (note_width == 0 ? 0 : note_width + 2);
  const std::vector<std::size_t> widths = column_widths(lines, report, time_width, right_width);
  const bool side_by_side = widths.size() == report.settings.clients;
  // How much less than a gap stands before the values of a line that would be too long.
  std::size_t squeezed = 0;
  if (widths.size() == 1) {
    const std::size_t names = side_by_side ? 0 : gap_width;
    const std::size_t total = time_width + names + widths[0] + gap_width + right_width;
    squeezed = std::min(gap_width - 1, total - std::min(total, text_width));
  }

  std::string text = fmt::format("{:>{}}   ", time.heading, time_width - gap_width);
  if (side_by_side) {
    for (std::uint32_t client = 0; client < widths.size(); ++client) {
      text += fmt::format("{:<{}}   ", client_name(client), widths[client]);
    }
  } else {
    text += fmt::format("   {:<{}}   ", "", widths[0]);
  }
  text.erase(text.size() - squeezed);
  text += heading + '\n';
  for (const TimelineLine& line : lines) {
    std::string row = fmt::format("{:>{}}   ", time.words(line.at), time_width - gap_width);
    if (side_by_side) {
      for (std::uint32_t client = 0; client < widths.size(); ++client) {
        row += fmt::format("{:<{}}   ", client == line.client ? line.text : "", widths[client]);
      }
    } else {
      row += fmt::format("{:<3}{:<{}}   ", client_name(line.client), line.text, widths[0]);
    }
    row.erase(row.size() - squeezed);
    row += line.values;
    if (!line.note.empty()) {
      // A note that does not fit beside its line stands below it, at the right.
      const std::size_t width = line.note.size();
      row += row.size() + 2 + width <= text_width
                 ? "  "
                 : '\n' + std::string(text_width - std::min(width, text_width), ' ');
      row += colored(line.note, 31, style);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

}  // namespace racelab
