// The report of one run. Verdict first, numbers that add up, one reason in plain words, the next command to type.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/report.h"
#include "sim/report/timeline.h"
#include "sim/report/why.h"
#include "sim/report/words.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;
constexpr int yellow = 33;

std::string verdict_line(const RunReport& report, const TextStyle& style) {
  const RunResult& result = report.result;
  switch (result.verdict) {
    case Verdict::violated: {
      const std::string line = labelled("VIOLATED", "  " + headline(report));
      return colored("VIOLATED", red, style) + line.substr(8);
    }
    case Verdict::gave_up:
      return colored("GAVE UP", yellow, style) +
             fmt::format("  after {} events, at {}{}: nothing is proved\n",
                         grouped(result.happenings), time_text(result.ended),
                         result.happenings < report.settings.happenings_max ? ", stopped" : "");
    case Verdict::holds:
      break;
  }
  const auto& told = result.judgement.told;
  const auto& failed = told[static_cast<std::size_t>(Told::failed)];
  const auto& unknown = told[static_cast<std::size_t>(Told::unknown)];
  const std::uint64_t survive = told[0][1] + failed[1] + unknown[1];
  const std::uint64_t operations = result.counts.operations;
  std::string text = fmt::format("of {} {}", counted(operations, "update"),
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
  const std::string line = labelled("HOLDS  " + grouped(survive) + ' ', text);
  return colored("HOLDS", green, style) + line.substr(5);
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

std::string ledger_lines(const RunReport& report) {
  const RunResult& result = report.result;
  const Judgement& judgement = result.judgement;
  const std::size_t rows = judgement.ledger_by_row.size();
  constexpr std::size_t rows_shown_max = 8;
  const std::string total = ledger_text(judgement.ledger, judgement.taken);
  if (rows == 1) {
    return labelled("ledger", total);
  }
  std::string text;
  for (std::size_t row = 0; row < std::min(rows, rows_shown_max); ++row) {
    text += labelled(row == 0 ? "ledger" : "",
                     report.row_names[row] + ": " +
                         ledger_text(judgement.ledger_by_row[row], judgement.taken_by_row[row]));
  }
  if (rows > rows_shown_max) {
    text += labelled("", "all " + std::to_string(rows) + " rows: " + total);
  }
  return text;
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
      text += fmt::format("{}{} {}", text.empty() ? "" : "; ", grouped(reason.operations),
                          reason.operations == 1 ? reason.one : reason.several);
    }
  }
  return text;
}

std::string told_table(const RunResult& result) {
  constexpr std::string_view names[] = {"ok", "failed", "unknown"};
  std::string text = fmt::format("{:<{}}{:<10}{:>10}{:>10}{:>10}\n", "told", label_width, "",
                                 "0 survive", "1", "2+");
  for (std::size_t told = 0; told < 3; ++told) {
    text += fmt::format("{:<{}}{:<10}", "", label_width, names[told]);
    for (const std::uint64_t count : result.judgement.told[told]) {
      text += fmt::format("{:>10}", grouped(count));
    }
    text += '\n';
  }
  return text;
}

std::string call_lines(const RunReport& report) {
  const RunResult& result = report.result;
  const ServiceCounts& service = result.counts.service;
  std::string text = labelled(
      "calls",
      fmt::format("{}, {}, {}, {}; {}, {}, {}, {}", counted(result.counts.operations, "operation"),
                  counted(result.counts.clients.attempts, "attempt"),
                  counted(service.handlers, "run") + " of a handler",
                  counted(service.statements, "statement"),
                  counted(result.counts.clients.timeouts, "timeout"),
                  counted(service.conflicts, "conflict"), counted(service.deadlocks, "deadlock"),
                  counted(service.lock_waits, "lock wait")));
  const ClientCounts& clients = result.counts.clients;
  std::string limits;
  const auto add = [&limits](std::uint64_t count, std::string_view what) {
    if (count > 0) {
      limits += fmt::format("{}{} {}", limits.empty() ? "" : ", ", grouped(count), what);
    }
  };
  add(clients.retries_denied, "not asked again (budget or breaker)");
  add(clients.calls_refused_by_breaker, "not sent (breaker open)");
  add(result.counts.gateways.attempts, "calls between services");
  add(result.counts.gateways.timeouts, "of them timed out");
  text += limits.empty() ? "" : labelled("", limits);
  if (service.queued + service.shed > 0) {
    std::string queue =
        fmt::format("{} waited for a worker, {} in all", counted(service.queued, "request"),
                    time_text({service.queue_wait_time.microseconds}));
    queue += service.shed == 0 ? "" : fmt::format("; turned away {}", grouped(service.shed));
    queue += service.expired == 0 ? "" : fmt::format("; dropped {}", grouped(service.expired));
    text += labelled("queue", queue);
  }
  std::string faults;
  for (const FaultDescription& fault : fault_descriptions()) {
    const std::uint64_t struck = service.faults[static_cast<std::size_t>(fault.kind)];
    if (struck > 0) {
      faults += fmt::format("{}{} {}", faults.empty() ? "" : ", ", fault.name, grouped(struck));
    }
  }
  if (result.counts.clients.late_calls > 0) {
    faults += fmt::format("{}late by themselves {}", faults.empty() ? "" : ", ",
                          grouped(result.counts.clients.late_calls));
  }
  return faults.empty() ? text : text + labelled("faults", faults);
}

std::string latency_line(const RunResult& result) {
  const std::optional<Latency> latency = result.latency();
  if (!latency) {
    return labelled("latency", "none: no operation ended");
  }
  return labelled(
      "latency",
      fmt::format("p50 {}   p90 {}   p99 {}   max {}", time_text({latency->p50.microseconds}),
                  time_text({latency->p90.microseconds}), time_text({latency->p99.microseconds}),
                  time_text({latency->max.microseconds})));
}

// Who runs what: "A read-modify-write, B atomic-increment, and so on".
std::string fleet_text(const RunReport& report) {
  std::string text;
  for (std::uint32_t client = 0; client < report.fleet.size(); ++client) {
    text += (client == 0 ? "" : ", ") + client_name(client) + ' ' + report.fleet[client].name();
  }
  return text + (report.settings.clients > report.fleet.size() ? ", and so on in turn" : "");
}

std::string command(const RunReport& report, const std::string& strategy) {
  std::string text = "racelab run " + shell_word(report.scenario) + " --seed " +
                     std::to_string(report.result.seed);
  if (strategy != "read-modify-write") {
    text += " --strategy " + strategy;
  }
  for (const auto& [key, value] : report.flags) {
    text += " --" + key + ' ' + shell_word(value);
  }
  return text;
}

std::string proof_line(const RunReport& report) {
  std::string text = "racelab explore " + shell_word(report.scenario);
  const std::string strategy = name_of(report.fleet);
  if (strategy != "read-modify-write") {
    text += " --strategy " + strategy;
  }
  for (const auto& [key, value] : report.flags) {
    text += " --" + key + ' ' + shell_word(value);
  }
  // Where other orders go wrong, this one was luck.
  const bool luck =
      report.result.verdict == Verdict::holds && report.proof->verdict == Verdict::violated;
  return fmt::format("{:<{}}{}     # {}{}\n", luck ? "but" : "proof", label_width, text,
                     report.proof_of_twin ? "its small twin: " : "", orders_text(*report.proof));
}

// A violation, made as small as it can be.
std::string smallest_line(const OrderReport& smallest) {
  return fmt::format("{:<{}}racelab explain {}\n", "least", label_width, smallest.token);
}

}  // namespace

std::string run_text(const RunReport& report, const TextStyle& style) {
  const bool brief = is_short(report);
  std::string text = verdict_line(report, style);
  text += brief ? short_timeline(report, style) : long_timeline(report, style);
  if (report.fleet.size() > 1) {
    text += labelled("fleet", fleet_text(report));
  }
  if (const std::string reason = why(report); !reason.empty()) {
    text += labelled("why", reason);
  }
  text += ledger_lines(report);
  if (const std::string difference = difference_text(report.result); !difference.empty()) {
    text += labelled("", difference);
  }
  if (!brief) {
    text += told_table(report.result) + call_lines(report) + latency_line(report.result);
  }
  // A command that a reader can copy stays on one line, however long.
  text += fmt::format("{:<{}}{}\n", "again", label_width, command(report, name_of(report.fleet)));
  if (!report.fix.empty()) {
    text += fmt::format("{:<{}}{}\n", "fix", label_width, command(report, report.fix));
  }
  if (report.proof) {
    text += proof_line(report);
  }
  if (report.smallest) {
    text += smallest_line(*report.smallest);
  }
  return text + settings_lines(report, Shaped::timed_run);
}

}  // namespace racelab
