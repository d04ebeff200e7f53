// The page of one run. Verdict first, numbers that add up, one reason in plain words, the next command to type.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "sim/report/report.h"
#include "sim/report/run_parts.h"
#include "sim/report/stack_text.h"
#include "sim/report/timeline.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

Headline verdict_of(const RunReport& report) {
  const RunResult& result = report.result;
  switch (result.verdict) {
    case Verdict::violated:
      return {Tone::bad, "VIOLATED", headline(report)};
    case Verdict::gave_up:
      return {Tone::open, "GAVE UP",
              fmt::format("after {} events, at {}{}: nothing is proved", grouped(result.happenings),
                          time_text(result.ended),
                          result.happenings < report.settings.happenings_max ? ", stopped" : "")};
    case Verdict::idle:
    case Verdict::holds:
      break;
  }
  const auto& told = result.judgement.told;
  const auto& failed = told[static_cast<std::size_t>(Told::failed)];
  const auto& unknown = told[static_cast<std::size_t>(Told::unknown)];
  const std::uint64_t survive = told[0][1] + failed[1] + unknown[1];
  const std::uint64_t operations = result.counts.operations;
  std::string text = fmt::format("{} of {} {}", grouped(survive), counted(operations, "update"),
                                 operations == 1 ? "survives, once" : "survive, each once");
  if (survive == 0) {
    text += ": nothing was done, so nothing was tested";
  }
  if (failed[0] > 0) {
    text += fmt::format("; {} told failed", grouped(failed[0]));
  }
  if (unknown[0] + unknown[1] > 0) {
    text += fmt::format("; {} left in doubt ({} of them done)", grouped(unknown[0] + unknown[1]),
                        grouped(unknown[1]));
  }
  return {Tone::good, "HOLDS", text};
}

// "0 + 2 acknowledged - 1 overwritten = 1". A term that is made of both signs shows both, since they may cancel:
// "100 + (50-50) acknowledged - (10-20) overwritten = 110". `taken` is the part of the terms that is below zero.
std::string ledger_text(const Ledger& ledger, const Ledger& taken) {
  std::string text = std::to_string(ledger.initial);
  const auto term = [&](std::int64_t Ledger::*which, bool adds, std::string_view name) {
    const std::int64_t amount = ledger.*which;
    const std::int64_t below = taken.*which;
    const std::int64_t above = amount - below;
    if (above != 0 && below != 0) {
      text += fmt::format(" {} ({}{}) {}", adds ? '+' : '-', above, below, name);
    } else if (amount != 0) {
      const bool plus = adds == (amount > 0);
      text += fmt::format(" {} {} {}", plus ? '+' : '-', amount < 0 ? -amount : amount, name);
    }
  };
  if (ledger.acknowledged == 0 && taken.acknowledged == 0) {
    text += " + 0 acknowledged";
  }
  term(&Ledger::acknowledged, true, "acknowledged");
  term(&Ledger::unknown_applied, true, "unknown but applied");
  term(&Ledger::failed_applied, true, "failed but applied");
  term(&Ledger::extra_applications, true, "done again");
  term(&Ledger::overwritten, false, "overwritten");
  term(&Ledger::acknowledged_never_applied, false, "acknowledged but never applied");
  text += fmt::format(" = {}", ledger.expected());
  return ledger.balanced() ? text : text + fmt::format(", but the store holds {}", ledger.final);
}

void add_ledger(Page& page, const RunReport& report) {
  const Judgement& judgement = report.result.judgement;
  const std::size_t rows = judgement.ledger_by_row.size();
  constexpr std::size_t rows_shown_max = 8;
  const std::string total = ledger_text(judgement.ledger, judgement.taken);
  if (rows == 1) {
    page.add(Labelled{"ledger", total});
    return;
  }
  for (std::size_t row = 0; row < std::min(rows, rows_shown_max); ++row) {
    page.add(Labelled{row == 0 ? "ledger" : "",
                      report.row_names[row] + ": " +
                          ledger_text(judgement.ledger_by_row[row], judgement.taken_by_row[row])});
  }
  if (rows > rows_shown_max) {
    page.add(Labelled{"", "all " + std::to_string(rows) + " rows: " + total});
  }
}

// The verdict counts operations, the ledger every time that one was done. Where that makes a difference, which operations
// make it; empty where each overwritten application is a lost update and each further one a duplicate.
std::string difference_text(const RunResult& result) {
  struct Harm {
    bool lost = false;
    bool duplicate = false;
    std::uint32_t overwritten = 0;  // applications
  };
  const Judgement& judgement = result.judgement;
  std::vector<Harm> harms(result.history.operations.size());
  for (const Finding& finding : judgement.findings) {
    harms[finding.operation].lost |= finding.anomaly == Anomaly::lost_update;
    harms[finding.operation].duplicate |= finding.anomaly == Anomaly::duplicate;
  }
  for (ApplicationId i = 0; i < result.history.applications.size(); ++i) {
    harms[result.history.applications[i].operation].overwritten += judgement.survives[i] ? 0 : 1;
  }

  struct Reason {
    std::string_view one;  // "1 update done again …"
    std::string_view several;
    std::uint64_t operations = 0;
  };
  Reason survives_once{"update done again survives once: neither lost nor a duplicate",
                       "updates done again survive once: neither lost nor duplicates"};
  Reason not_told_ok{"overwritten update was never told ok, so not lost",
                     "overwritten updates were never told ok, so not lost"};
  Reason lost_repeatedly{"lost update was done more than once",
                         "lost updates were done more than once"};
  Reason overwritten_too{"duplicate was also overwritten", "duplicates were also overwritten"};
  Reason done_often{"duplicate was done more than twice", "duplicates were done more than twice"};
  for (std::size_t i = 0; i < harms.size(); ++i) {
    const Harm& harm = harms[i];
    const Fate& fate = judgement.fates[i];
    const bool told_ok = result.history.operations[i].told == Told::ok;
    if (harm.lost) {  // and on another row a duplicate, perhaps
      const std::uint32_t done = harm.duplicate ? 2 : 1;
      lost_repeatedly.operations += harm.overwritten != 1 || fate.applications != done ? 1 : 0;
    } else if (harm.duplicate) {
      overwritten_too.operations += harm.overwritten > 0 ? 1 : 0;
      done_often.operations += harm.overwritten == 0 && fate.applications > 2 ? 1 : 0;
    } else if (!told_ok && harm.overwritten > 0 && fate.surviving == 0) {
      ++not_told_ok.operations;
    } else {
      survives_once.operations += fate.applications > 1 ? 1 : 0;
    }
  }
  std::string text;
  for (const Reason& reason :
       {survives_once, not_told_ok, lost_repeatedly, overwritten_too, done_often}) {
    if (reason.operations > 0) {
      add_clause(text, fmt::format("{} {}", grouped(reason.operations),
                                   reason.operations == 1 ? reason.one : reason.several));
    }
  }
  return text;
}

Grid told_table(const RunResult& result) {
  Grid table{.title = "told",
             .name_width = label_width + 10,
             .columns = {{"0 survive", 10}, {"1", 10}, {"2+", 10}},
             .rows = {},
             .indent = label_width};
  for (const Told told : {Told::ok, Told::failed, Told::unknown}) {
    Grid::Row row{std::string(told_name(told)), {}, ""};
    for (const std::uint64_t count : result.judgement.told[static_cast<std::size_t>(told)]) {
      row.cells.push_back({grouped(count)});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// "12 x, 3 y": what is not zero, each count before its words.
std::string present(std::initializer_list<std::pair<std::uint64_t, std::string_view>> counts) {
  std::string text;
  for (const auto& [count, what] : counts) {
    if (count > 0) {
      add_item(text, fmt::format("{} {}", grouped(count), what));
    }
  }
  return text;
}

std::string faults_text(const Counts& counts) {
  std::string text;
  for (const FaultDescription& fault : fault_descriptions()) {
    const std::uint64_t struck = counts.service.faults[static_cast<std::size_t>(fault.kind)];
    if (struck > 0) {
      add_item(text, fmt::format("{} {}", fault.name, grouped(struck)));
    }
  }
  if (counts.clients.late_calls > 0) {
    add_item(text, "late by themselves " + grouped(counts.clients.late_calls));
  }
  return text;
}

}  // namespace

void add_calls(Page& page, const Counts& counts) {
  const ServiceCounts& service = counts.service;
  page.add(Labelled{
      "calls",
      fmt::format("{}, {}, {}, {}; {}, {}, {}, {}", counted(counts.operations, "operation"),
                  counted(counts.clients.attempts, "attempt"),
                  counted(service.handlers, "run") + " of a handler",
                  counted(service.statements, "statement"),
                  counted(counts.clients.timeouts, "timeout"),
                  counted(service.conflicts, "conflict"), counted(service.deadlocks, "deadlock"),
                  counted(service.lock_waits, "lock wait"))});
  const std::string limits =
      present({{counts.clients.hedges + counts.gateways.hedges, "sent beside another (hedges)"},
               {counts.service.cancelled, "ended by a cancel"},
               {counts.clients.retries_denied + counts.gateways.retries_denied,
                "not asked again (budget or breaker)"},
               {counts.clients.calls_refused_by_breaker + counts.gateways.calls_refused_by_breaker,
                "not sent (breaker open)"},
               {counts.gateways.attempts, "calls between services"},
               {counts.gateways.for_nobody, "of them made when nobody waited any more"},
               {counts.gateways.timeouts, "timed out"}});
  if (!limits.empty()) {
    page.add(Labelled{"", limits});
  }
  if (service.queued + service.shed > 0) {
    std::string queue =
        fmt::format("{} waited for a worker, {} in all", counted(service.queued, "request"),
                    time_text({service.queue_wait_time.microseconds}));
    queue += service.shed == 0 ? "" : fmt::format("; turned away {}", grouped(service.shed));
    queue += service.expired == 0 ? "" : fmt::format("; dropped {}", grouped(service.expired));
    page.add(Labelled{"queue", queue});
  }
  if (const std::string faults = faults_text(counts); !faults.empty()) {
    page.add(Labelled{"faults", faults});
  }
}

Labelled latency_of(const RunResult& result) {
  const std::optional<Latency> latency = result.latency();
  if (!latency) {
    return {"latency", "none: no operation ended"};
  }
  return {
      "latency",
      fmt::format("p50 {}   p90 {}   p99 {}   max {}", time_text({latency->p50.microseconds}),
                  time_text({latency->p90.microseconds}), time_text({latency->p99.microseconds}),
                  time_text({latency->max.microseconds}))};
}

namespace {

// Who runs what: "A read-modify-write, B atomic-increment, and so on".
std::string fleet_text(const RunReport& report) {
  std::string text;
  for (std::uint32_t client = 0; client < report.fleet.size(); ++client) {
    text += (client == 0 ? "" : ", ") + client_name(client) + ' ' + report.fleet[client].name();
  }
  return text + (report.settings.clients > report.fleet.size() ? ", and so on in turn" : "");
}

// What to type next: the same run, a mended one, every order, the smallest violation.
void add_commands(Page& page, const RunReport& report) {
  const std::string strategy = name_of(report.fleet);
  const std::uint64_t seed = report.result.seed;
  page.add(ShellCommand{"again", experiment_command("run", report, strategy, seed), ""});
  if (!report.fix.empty()) {
    page.add(ShellCommand{"fix", experiment_command("run", report, report.fix, seed), ""});
  }
  if (report.proof) {
    // Where other orders go wrong, this one was luck.
    const bool luck =
        report.result.verdict == Verdict::holds && report.proof->verdict == Verdict::violated;
    page.add(ShellCommand{
        luck ? "but" : "proof", experiment_command("explore", report, strategy),
        (report.proof_of_twin ? "its small twin: " : "") + orders_text(*report.proof)});
  }
  if (report.smallest) {
    page.add(ShellCommand{"least", "racelab explain " + report.smallest->token, ""});
  }
}

}  // namespace

Page run_page(const RunReport& report) {
  const bool brief = is_short(report);
  Page page;
  page.add(verdict_of(report));
  page.add(brief ? Block(short_timeline(report)) : Block(long_timeline(report)));
  if (report.fleet.size() > 1) {
    page.add(Labelled{"fleet", fleet_text(report)});
  }
  if (const std::string reason = why(report); !reason.empty()) {
    page.add(Labelled{"why", reason});
  }
  for (Labelled& block : stack_blocks(report.settings)) {
    page.add(std::move(block));
  }
  add_ledger(page, report);
  if (const std::string difference = difference_text(report.result); !difference.empty()) {
    page.add(Labelled{"", difference});
  }
  if (!brief) {
    page.add(told_table(report.result));
    add_calls(page, report.result.counts);
    page.add(latency_of(report.result));
  }
  add_commands(page, report);
  page.add(settings_block(report, Shaped::timed_run));
  return page;
}

std::string run_text(const RunReport& report, const TextStyle& style) {
  return page_text(run_page(report), style);
}

}  // namespace racelab
