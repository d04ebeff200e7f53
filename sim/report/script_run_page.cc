// The page of one timed run of endpoints in SQL.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/report/run_parts.h"
#include "sim/report/script_run_report.h"
#include "sim/report/script_words.h"
#include "sim/report/timeline.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t lines_max = 40;
constexpr std::size_t operations_told_max = 12;

const ScriptEnding& ending_of(const ScriptRunReport& report) {
  return report.run.result.scripts->ending;
}

std::uint64_t count_of(const ScriptEnding& ending, ScriptTold told) {
  return static_cast<std::uint64_t>(
      std::count_if(ending.operations.begin(), ending.operations.end(),
                    [told](const ScriptOperation& it) { return it.told == told; }));
}

// "3 told ok, 1 refused".
std::string counts_text(const ScriptEnding& ending) {
  std::string text;
  const auto add = [&](ScriptTold told, std::string_view words) {
    if (const std::uint64_t count = count_of(ending, told); count > 0) {
      add_item(text, fmt::format("{} {}", grouped(count), words));
    }
  };
  add(ScriptTold::ok, "told ok");
  add(ScriptTold::refused, "refused");
  add(ScriptTold::failed, "told failed");
  add(ScriptTold::unknown, "left in doubt");
  add(ScriptTold::nothing, "never told");
  return text;
}

Headline headline(const ScriptRunReport& report) {
  const RunResult& result = report.run.result;
  const ScriptEnding& ending = ending_of(report);
  switch (result.verdict) {
    case Verdict::violated:
      return {Tone::bad, "VIOLATED",
              harm_text(*report.setup, ending, result.scripts->circle, result.scripts->done_twice) +
                  (ending.by_dependency ? " (by dependency)" : "")};
    case Verdict::gave_up:
      return {Tone::open, "GAVE UP",
              fmt::format("after {} events, at {}: nothing is proved", grouped(result.happenings),
                          time_text(result.ended))};
    case Verdict::idle:
      return {Tone::open, "IDLE", "nothing was done, so nothing was tested"};
    case Verdict::holds:
      break;
  }
  return {Tone::good, "HOLDS", "in this run: " + counts_text(ending)};
}

// What happened, one line each; nothing: it is too long to be read.
struct Happened {
  std::string time;
  std::string who;
  std::string text;
};
std::vector<Happened> happened(const ScriptRunReport& report) {
  const RunResult& result = report.run.result;
  const ScriptEnding& ending = ending_of(report);
  std::vector<Happened> lines;
  if (ending.operations.size() > operations_told_max) {
    return lines;
  }
  for (const TraceEvent& event : result.trace) {
    std::optional<std::string> text = timeline_text(event, report.run);
    if (event.kind == TraceKind::told) {
      const auto operation =
          std::find_if(ending.operations.begin(), ending.operations.end(), [&](const auto& it) {
            return it.client == event.operation.client && it.number == event.operation.operation;
          });
      text = operation->answered()        ? "is told " + told_text(*operation)
             : event.told == Told::failed ? "gives up: not done"
                                          : "gives up, and does not know";
    }
    if (!text) {
      continue;
    }
    std::string who = client_name(event.operation.client);
    who +=
        several_operations(ending.operations) ? std::to_string(event.operation.operation + 1) : "";
    const std::size_t again = (event.attempt > 0 ? event.attempt - 1U : 0U) + event.copy;
    who += std::string(std::min<std::size_t>(again, 3), '\'');
    lines.push_back({milliseconds_text(event.at), std::move(who), std::move(*text)});
  }
  return lines.size() > lines_max ? std::vector<Happened>{} : lines;
}

// Of a long run: how many were told what, with which status or error.
void add_told(Page& page, const ScriptEnding& ending) {
  std::map<std::pair<ScriptTold, std::string>, std::uint64_t> counts;
  for (const ScriptOperation& it : ending.operations) {
    const std::string detail = it.answered() ? std::to_string(it.reply.status)
                               : it.told == ScriptTold::failed && it.reply.error.failed()
                                   ? sql::code_text(it.reply.error, it.reply.server_code)
                                   : "";
    ++counts[{it.told, detail}];
  }
  constexpr std::string_view names[] = {"never told", "ok", "refused", "failed", "unknown"};
  std::string text;
  for (const auto& [told, count] : counts) {
    add_item(text,
             fmt::format("{} {}{}", grouped(count), names[static_cast<std::size_t>(told.first)],
                         told.second.empty() ? "" : " (" + told.second + ')'));
  }
  page.add(Labelled{"told", text});
}

void add_commands(Page& page, const ScriptRunReport& report) {
  const std::string seed = fmt::format(" --seed {}", report.run.result.seed);
  if (report.first_of > 1) {
    page.add(Labelled{"took", fmt::format("{}, the first of {} strategies; --strategy NAME takes "
                                          "another, and `racelab explore` all of them",
                                          report.strategy, report.first_of)});
  }
  page.add(ShellCommand{"again", report.command("run", report.strategy) + seed, ""});
  for (std::size_t i = 0; i < report.that_hold.size(); ++i) {
    page.add(
        ShellCommand{i == 0 ? "holds" : "", report.command("run", report.that_hold[i]) + seed, ""});
  }
  if (report.proof) {
    const Odds& odds = report.proof->odds;
    const bool violated = report.proof->verdict == Verdict::violated;
    const bool luck = report.run.result.verdict == Verdict::holds && violated;
    page.add(ShellCommand{luck ? "but" : "proof", report.command("explore", report.strategy),
                          violated
                              ? fmt::format("fails in {} of {} orders",
                                            grouped(odds.orders_violating), grouped(odds.orders))
                              : "holds in " + every_order(odds.orders)});
  }
  if (!report.smallest.empty()) {
    page.add(ShellCommand{"least", report.smallest, ""});
  }
}

}  // namespace

std::string script_run_why(const ScriptRunReport& report) {
  const ScriptRunEnding& run = *report.run.result.scripts;
  return why_text(*report.setup, run.ending, run.circle, run.done_twice);
}

Page script_run_page(const ScriptRunReport& report) {
  const RunResult& result = report.run.result;
  const ScriptEnding& ending = ending_of(report);
  const std::vector<Happened> lines = happened(report);
  Page page;
  page.add(headline(report));
  if (!lines.empty()) {
    constexpr std::size_t time_width = 8;
    page.add(Line{});
    std::size_t who_width = 2;
    for (const Happened& it : lines) {
      who_width = std::max(who_width, it.who.size());
    }
    page.add(Line{{{right_aligned("ms", time_width), Tone::plain}}});
    for (const Happened& it : lines) {
      add_step_line(page, {fmt::format("{}  {}", right_aligned(it.time, time_width), it.who),
                           it.text, "", time_width + who_width + 4});
    }
    page.add(Line{});
  } else {
    add_told(page, ending);
  }
  const std::string contents = contents_text(*report.setup, ending);
  page.add(Labelled{"end", lines.empty() ? contents : told_text(ending) + "; " + contents});
  if (result.verdict == Verdict::violated || result.verdict == Verdict::holds) {
    page.add(Labelled{"why", script_run_why(report)});
  }
  if (lines.empty()) {
    add_calls(page, result.counts);
    page.add(latency_of(result));
  }
  add_commands(page, report);
  add_settings(page, report);
  return page;
}

}  // namespace racelab
