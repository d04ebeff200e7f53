// What exploring an isolation spec found, for people.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/spec_report.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t outcomes_shown_max = 8;
constexpr std::size_t reasons_shown_max = 8;
constexpr std::size_t rows_shown_max = 12;

std::string contents_text(const SpecServer::Contents& contents) {
  std::string text;
  std::size_t rows_left = rows_shown_max;
  for (const auto& [table, rows] : contents) {
    text += text.empty() ? "" : "; ";
    text += table;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows_left == 0) {
        text += fmt::format(" and {} more", rows.size() - i);
        break;
      }
      --rows_left;
      std::string cells;
      for (const SpecAnswer::Cell& cell : rows[i]) {
        cells += cells.empty() ? "" : ", ";
        cells += cell.value_or("NULL");
      }
      text += fmt::format(" ({})", cells);
    }
    text += rows.empty() ? " empty" : "";
  }
  return text.empty() ? "no tables" : text;
}

std::string outcome_text(const SpecReport& report, const SpecOutcome& outcome) {
  std::string text = contents_text(outcome.contents);
  for (std::size_t session = 0; session < outcome.errors.size(); ++session) {
    if (!outcome.errors[session].empty()) {
      text += fmt::format("; {}: {}", report.spec->sessions[session].name, outcome.errors[session]);
    }
  }
  return outcome.right == false ? text + "; not as one after another" : text;
}

std::string of_orders(const SpecReport& report) {
  const SpecExploration& all = report.exploration;
  return all.orders == all.ran ? counted(all.orders, "permutation")
                               : fmt::format("{} of {}", counted(all.orders, "order"),
                                             counted(all.ran, "permutation"));
}

Headline headline(const SpecReport& report) {
  const SpecExploration& all = report.exploration;
  const std::string on = " on " + report.on;
  switch (report.verdict()) {
    case Verdict::violated:
      return {Tone::bad, "VIOLATED",
              fmt::format("in {} of {}{}: the sessions, one after another, never end like it",
                          grouped(all.orders_wrong), of_orders(report), on)};
    case Verdict::holds:
      return report.judged()
                 ? Headline{Tone::good, "HOLDS",
                            fmt::format("in {}{}: each ends as the sessions can one after another",
                                        of_orders(report), on)}
                 : Headline{Tone::plain, "RAN",
                            fmt::format("{}{}: not judged, because {}", of_orders(report), on,
                                        all.why_not_judged)};
    case Verdict::gave_up:
    case Verdict::idle:
      break;
  }
  return {Tone::open, "GAVE UP",
          all.ran == 0 ? fmt::format("none of {} could be run{}",
                                     counted(all.permutations, "permutation"), on)
                       : fmt::format("{} ran{}, and not all there are; nothing wrong in these",
                                     of_orders(report), on)};
}

void add_left_out(Page& page, const SpecReport& report) {
  const SpecExploration& all = report.exploration;
  if (!all.complete) {
    page.add(Labelled{"left out",
                      report.stopped_by == "seconds-max" ? "what comes after --seconds-max"
                      : report.stopped_by.empty()        ? "what is beyond --orders-max"
                                                         : "what comes after it was stopped",
                      Tone::plain});
  }
  if (all.impossible > 0) {
    page.add(Labelled{
        "cannot be",
        fmt::format("{}, such as {}: {}", counted(all.impossible, "permutation"),
                    permutation_text(*report.spec, all.impossible_example), all.impossible_why),
        Tone::plain});
  }
  for (std::size_t i = 0; i < std::min(all.not_run.size(), reasons_shown_max); ++i) {
    page.add(Labelled{i == 0 ? "not run" : "",
                      fmt::format("{}: {}", counted(all.not_run[i].permutations, "permutation"),
                                  all.not_run[i].why),
                      Tone::plain});
  }
  if (all.not_run.size() > reasons_shown_max) {
    page.add(Labelled{"",
                      fmt::format("and {} more reasons", all.not_run.size() - reasons_shown_max),
                      Tone::plain});
  }
}

}  // namespace

Verdict SpecReport::verdict() const {
  return exploration.orders_wrong > 0 ? Verdict::violated
         : exploration.ran == 0 || !exploration.complete || !exploration.not_run.empty()
             ? Verdict::gave_up
             : Verdict::holds;
}

Page spec_page(const SpecReport& report) {
  const SpecExploration& all = report.exploration;
  Page page;
  page.add(headline(report));
  std::string sessions;
  for (const IsolationSpec::Session& session : report.spec->sessions) {
    sessions += fmt::format("{}{} ({})", sessions.empty() ? "" : ", ", session.name,
                            counted(session.steps.size(), "step"));
  }
  page.add(Labelled{"spec",
                    fmt::format("{}; {}: {}", sessions,
                                report.spec->permutations.empty() ? "every permutation"
                                                                  : "the permutations it lists",
                                grouped(all.permutations)),
                    Tone::plain});
  add_left_out(page, report);
  Terms ends{"ends", {}};
  for (std::size_t i = 0; i < std::min(all.outcomes.size(), outcomes_shown_max); ++i) {
    ends.terms.push_back({grouped(all.outcomes[i].orders), outcome_text(report, all.outcomes[i])});
  }
  if (!ends.terms.empty()) {
    page.add(ends);
  }
  if (all.outcomes.size() > outcomes_shown_max) {
    page.add(Labelled{"",
                      fmt::format("and {} more endings", all.outcomes.size() - outcomes_shown_max),
                      Tone::plain});
  }
  const auto wrong =
      std::find_if(all.outcomes.begin(), all.outcomes.end(),
                   [](const SpecOutcome& outcome) { return outcome.right == false; });
  if (wrong != all.outcomes.end()) {
    page.add(Labelled{"such as", permutation_text(*report.spec, wrong->example), Tone::plain});
  }
  if (!report.note.empty()) {
    page.add(Labelled{"note", report.note, Tone::plain});
  }
  page.add(ShellCommand{"again", report.again, "as PostgreSQL's isolation tester prints it"});
  return page;
}

}  // namespace racelab
