// Each part of the screen is one function from data to blocks.
#include "sim/report/step_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/report/order_steps.h"
#include "sim/report/step_words.h"
#include "sim/report/timeline.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t timeline_rows_max = 20;  // more would push the choice off the screen

// What to type for a handler: "A", "A2"; "Ae" for a dead one.
std::string letter_of(const Standing::Handler& handler) {
  return client_name(handler.who.client) +
         (handler.ordinal == 0 ? "" : std::to_string(handler.ordinal + 1)) +
         (handler.dead ? "e" : "");
}

// A key row's value is the reply that is kept with it.
std::string value_text(RowKey key, std::int64_t value) {
  return key.table() == Table::keys ? (value == 0 ? "ok" : "pending") : std::to_string(value);
}

// ---- what happened

// Time is abstracted: what happened has the number of its step.
TimelineOptions by_steps(const StepReport& report) {
  TimelineOptions options;
  options.unit = "step";
  options.time = [&report](Instant at) {
    const std::size_t step = step_at(report.moves, at);
    return step == 0 ? "" : std::to_string(step);
  };
  return options;
}

// The real world's events, as far as the moves go; what it did by itself afterwards is nobody's business yet.
Timeline timeline_so_far(const StepReport& report) {
  const auto turns = std::count_if(report.moves.begin(), report.moves.end(),
                                   [](const Move& move) { return move.issues; });
  TimelineOptions options = by_steps(report);
  options.until = Instant{turns * 1'000};
  options.with_harm = false;
  Timeline timeline = short_timeline(report, options);
  timeline.rows_max = timeline_rows_max;
  return timeline;
}

// ---- what stands

std::string row_text(const Standing::Row& row, const StepReport& report) {
  const std::string name = row_name(row.key, report.row_names);
  const std::string holder =
      row.holder ? task_name(report.standing.handlers[*row.holder]) : std::string();
  std::string text;
  if (row.committed) {
    text = name + " = " + value_text(row.key, *row.committed) + ", version " +
           std::to_string(row.version);
    text += row.holder ? ", locked by " + holder : "";
    text +=
        row.in_flight ? " (wrote " + value_text(row.key, *row.in_flight) + ", not committed)" : "";
  } else if (row.in_flight) {
    text = name + " = " + value_text(row.key, *row.in_flight) + ", inserted by " + holder +
           ", not committed";
  } else {
    text = "no " + name + " yet" + (row.holder ? ", locked by " + holder : "");
  }
  for (std::size_t i = 0; i < row.queue.size(); ++i) {
    text += (i == 0 ? ", queue: " : ", ") + letter_of(report.standing.handlers[row.queue[i]]);
  }
  return text;
}

void add_rows(Page& page, const StepReport& report) {
  constexpr std::size_t rows_max = 12;
  std::size_t quiet = 0;
  const char* label = "rows";
  for (const Standing::Row& row : report.standing.rows) {
    // Of many rows, those that somebody is at.
    if (report.standing.rows.size() > rows_max && !row.holder && row.version == 0) {
      ++quiet;
      continue;
    }
    page.add(Labelled{std::exchange(label, ""), row_text(row, report)});
  }
  if (quiet > 0) {
    page.add(Labelled{label, counted(quiet, "row") + " as at the start"});
  }
}

std::string told_text(const std::vector<Standing::Told>& told) {
  std::string text;
  for (const Standing::Told& known : told) {
    add_item(text, known ? told_name(*known) : "nothing");
  }
  return "done: told " + text;
}

// Which call it is, when the letter does not say.
std::string call_text(const Standing::Handler& handler, const StepReport& report) {
  std::string text;
  if (report.settings.operations > 1) {
    add_item(text, "operation " + std::to_string(handler.who.operation + 1));
  }
  if (handler.who.attempt > 1) {
    add_item(text, "attempt " + std::to_string(handler.who.attempt));
  }
  if (handler.who.copy > 0) {
    add_item(text, "delivered again");
  }
  if (handler.slow) {
    add_item(text, "nobody waits for it");
  }
  return text.empty() ? "" : "   (" + text + ")";
}

bool is_possible(const std::string& word, const StepReport& report) {
  const auto& next = report.standing.next;
  return std::any_of(next.begin(), next.end(),
                     [&word](const Move& move) { return word_of(move) == word; });
}

Labelled handler_line(const Standing::Handler& handler, const StepReport& report) {
  const std::string letter = letter_of(handler);
  std::string text;
  if (handler.dead) {
    text = is_possible(letter, report) ? "the store notices that this session is dead"
                                       : "a dead session that nobody notices";
  } else if (!handler.statement) {
    text = "a reply, without a statement";
  } else {
    text = to_sql(*handler.statement, report.row_names);
  }
  if (handler.blocker) {
    text = "waits for " + task_name(report.standing.handlers[*handler.blocker]) + ": " + text;
    text += is_possible(letter + "t", report) ? "   (" + letter + "t: the wait ends)" : "";
  }
  return {letter, text + call_text(handler, report)};
}

void add_clients(Page& page, const StepReport& report) {
  for (std::uint32_t client = 0; client < report.standing.told.size(); ++client) {
    bool any = false;
    for (const Standing::Handler& handler : report.standing.handlers) {
      if (handler.who.client == client) {
        page.add(handler_line(handler, report));
        any = any || !handler.dead;
      }
    }
    const auto& told = report.standing.told[client];
    const bool finished = std::all_of(
        told.begin(), told.end(), [](const Standing::Told& known) { return known.has_value(); });
    if (!any) {
      page.add(Labelled{client_name(client), finished ? told_text(told) : "waits for an answer"});
    }
  }
}

// Where several wait for a row that has changed: who has it next.
void add_ways(Page& page, const StepReport& report) {
  std::string ways;
  for (const Move& move : report.standing.next) {
    if (!move.went_on.empty()) {
      const HandlerName& next = move.went_on.front();
      const auto it =
          std::find_if(report.standing.handlers.begin(), report.standing.handlers.end(),
                       [&next](const Standing::Handler& handler) { return handler.who == next; });
      add_clause(ways, fmt::format("{}: then {} goes on", word_of(move), letter_of(*it)));
    }
  }
  if (!ways.empty()) {
    page.add(Labelled{"ways", ways});
  }
}

std::string fault_of(const Move& move) {
  return fault_words({.request_fault = move.step.request_fault,
                      .statement_fault = move.step.statement_fault,
                      .replies_lost = move.step.replies_lost,
                      .replies_reset = move.step.replies_reset});
}

std::string faults_of(const StepReport& report) {
  std::vector<std::pair<std::string, std::string>> steps;
  for (const Move& move : report.standing.next) {
    steps.emplace_back(word_of(move), fault_of(move));
  }
  return faults_text(steps);
}

std::vector<std::string> next_words(const StepReport& report) {
  std::vector<std::string> words;
  for (const Move& move : report.standing.next) {
    words.push_back(word_of(move));
  }
  return words;
}

// ---- the end

Page end_page(const StepReport& report) {
  Page page;
  page.add(report.result.verdict == Verdict::violated
               ? Headline{Tone::bad, "VIOLATED", headline(report)}
               : Headline{Tone::good, "HOLDS",
                          "this order does no harm; whether others do, `racelab explore` tells"});
  const TimelineOptions options = by_steps(report);
  page.add(short_timeline(report, options));
  const auto when = [&options](Instant at) {
    const std::string step = options.time(at);
    return step.empty() ? "the start" : "step " + step;
  };
  if (const std::string reason = why(report, when); !reason.empty()) {
    page.add(Labelled{"why", reason});
  }
  page.add(Labelled{"order", word_of(report.moves)});
  for (const char* verb : {"explain", "replay"}) {
    page.add(ShellCommand{verb, fmt::format("racelab {} {}", verb, report.token), ""});
  }
  return page;
}

}  // namespace

std::string task_name(const Standing::Handler& handler) {
  return handler.dead ? "a dead session of " + client_name(handler.who.client) : letter_of(handler);
}

std::string task_name(const Move& move) {
  return move.step.kind == Step::Kind::session_end
             ? "a dead session of " + client_name(move.step.client)
             : client_name(move.step.client) +
                   (move.ordinal == 0 ? "" : std::to_string(move.ordinal + 1));
}

std::string step_what(const Move& move) {
  switch (move.step.kind) {
    case Step::Kind::deadlock:
      return "it is ended, one of a circle";
    case Step::Kind::lock_timeout:
      return "its wait ends";
    case Step::Kind::session_end:
      return "the store notices that this session is dead";
    default:
      return fault_of(move);
  }
}

Page step_greeting(const StepReport& report) {
  return {{Labelled{"step", fmt::format("you are the scheduler of {}, {}", report.scenario,
                                        name_of(report.fleet))},
           Labelled{"", "type a letter to run that client's next statement; ? tells the rest"},
           Line{}}};
}

Page step_page(const StepReport& report) {
  if (report.standing.next.empty()) {
    return end_page(report);
  }
  Page page;
  if (Timeline timeline = timeline_so_far(report); !timeline.rows.empty()) {
    page.add(std::move(timeline));
    page.add(Line{});
  }
  add_rows(page, report);
  add_clients(page, report);
  add_ways(page, report);
  if (const std::string faults = faults_of(report); !faults.empty()) {
    page.add(Labelled{"faults", faults});
  }
  return page;
}

Page step_odds(const StepReport& report, const Outlook* outlook) {
  return odds_page(next_words(report), outlook);
}

Page step_hint(const StepReport& report, const Outlook* outlook) {
  return hint_page(next_words(report), outlook);
}

std::string step_text(const StepReport& report, const TextStyle& style) {
  return page_text(step_page(report), style);
}

std::string step_help_text() { return typing_help(""); }

std::string step_refusal_text(const StepReport& report, const std::string& letter) {
  const std::string start = "'" + letter + "' is not possible here: ";
  const Standing& standing = report.standing;
  if (standing.next.empty()) {
    return start + "the execution has ended; u undoes the last step";
  }
  if (is_possible(letter, report)) {
    return start + "one order has at most " + std::to_string(Model::executions_max) +
           " executions, and this would be one more";
  }
  const auto client = static_cast<std::size_t>(letter.front() - 'A');
  if (client >= standing.told.size()) {
    return start + "the clients are A to " +
           client_name(static_cast<std::uint32_t>(standing.told.size()) - 1);
  }
  const auto handler = std::find_if(
      standing.handlers.begin(), standing.handlers.end(),
      [&letter](const Standing::Handler& known) { return letter_of(known) == letter; });
  if (handler != standing.handlers.end() && handler->blocker) {
    return start + "it waits for " + task_name(standing.handlers[*handler->blocker]);
  }
  return start + possible_text(next_words(report));
}

}  // namespace racelab
