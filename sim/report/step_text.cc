// Each part of the screen is one function from data to lines.
#include "sim/report/step_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/order_steps.h"
#include "sim/report/timeline.h"
#include "sim/report/why.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr int red = 31;
constexpr int green = 32;
constexpr std::size_t timeline_lines_max = 20;  // more would push the choice off the screen
constexpr std::size_t next_words_max = 12;

// What to type for a handler: "A", "A2"; "Ae" for a dead one.
std::string letter_of(const Standing::Handler& handler) {
  return client_name(handler.who.client) +
         (handler.ordinal == 0 ? "" : std::to_string(handler.ordinal + 1)) +
         (handler.dead ? "e" : "");
}

std::string holder_text(const Standing::Handler& handler) {
  return handler.dead ? "a dead session of " + client_name(handler.who.client) : letter_of(handler);
}

// A key row's value is the reply that is kept with it.
std::string value_text(RowKey key, std::int64_t value) {
  return key.table() == Table::keys ? (value == 0 ? "ok" : "pending") : std::to_string(value);
}

// ---- what happened

// Time is abstracted: what happened has the number of its step.
std::string step_number(const StepReport& report, Instant at) {
  const std::size_t step = step_at(report.moves, at);
  return step == 0 ? "" : std::to_string(step);
}

TimeColumn step_column(const StepReport& report) {
  return {"step", [&report](Instant at) { return step_number(report, at); }};
}

// The real world's events, as far as the moves go; what it did by itself afterwards is nobody's business yet.
std::string timeline_so_far(const StepReport& report) {
  RunReport run(static_cast<const Experiment&>(report));
  run.result = report.result;
  const auto turns = std::count_if(report.moves.begin(), report.moves.end(),
                                   [](const Move& move) { return move.issues; });
  std::erase_if(run.result.trace,
                [turns](const TraceEvent& event) { return event.at.microseconds > turns * 1'000; });
  // Whose update is lost is known only at the end.
  std::fill(run.result.judgement.overwritten_by.begin(), run.result.judgement.overwritten_by.end(),
            no_version);
  run.result.history.versions.clear();
  std::string text = short_timeline(run, {}, step_column(report));
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (lines <= 1) {
    return "";  // only the heading
  }
  if (lines > 1 + timeline_lines_max) {
    const std::size_t heading_end = text.find('\n') + 1;
    std::size_t from = text.size() - 1;
    for (std::size_t line = 0; line < timeline_lines_max; ++line) {
      from = text.rfind('\n', from - 1);
    }
    text = text.substr(0, heading_end) + "  ...\n" + text.substr(from + 1);
  }
  return text + '\n';
}

// ---- what stands

std::string row_line(const Standing::Row& row, const StepReport& report) {
  const std::string name = row_name(row.key, report.row_names);
  const std::string holder =
      row.holder ? holder_text(report.standing.handlers[*row.holder]) : std::string();
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

std::string row_lines(const StepReport& report) {
  constexpr std::size_t rows_max = 12;
  std::string text;
  std::size_t shown = 0;
  std::size_t quiet = 0;
  for (const Standing::Row& row : report.standing.rows) {
    // Of many rows, those that somebody is at.
    if (report.standing.rows.size() > rows_max && !row.holder && row.version == 0) {
      ++quiet;
      continue;
    }
    text += labelled(shown++ == 0 ? "rows" : "", row_line(row, report));
  }
  return quiet == 0 ? text
                    : text + labelled(shown == 0 ? "rows" : "",
                                      counted(quiet, "row") + " as at the start");
}

std::string told_text(const std::vector<Standing::Told>& told) {
  std::string text = "done: told";
  for (std::size_t i = 0; i < told.size(); ++i) {
    text += i == 0 ? " " : ", ";
    text += !told[i]                   ? "nothing"
            : *told[i] == Told::ok     ? "ok"
            : *told[i] == Told::failed ? "failed"
                                       : "unknown";
  }
  return text;
}

// Which call it is, when the letter does not say.
std::string call_text(const Standing::Handler& handler, const StepReport& report) {
  std::string text;
  const auto add = [&text](const std::string& words) {
    text += (text.empty() ? "" : ", ") + words;
  };
  if (report.settings.operations > 1) {
    add("operation " + std::to_string(handler.who.operation + 1));
  }
  if (handler.who.attempt > 1) {
    add("attempt " + std::to_string(handler.who.attempt));
  }
  if (handler.who.copy > 0) {
    add("delivered again");
  }
  if (handler.slow) {
    add("nobody waits for it");
  }
  return text.empty() ? "" : "   (" + text + ")";
}

bool is_possible(const std::string& word, const StepReport& report) {
  const auto& next = report.standing.next;
  return std::any_of(next.begin(), next.end(),
                     [&word](const Move& move) { return word_of(move) == word; });
}

std::string handler_line(const Standing::Handler& handler, const StepReport& report) {
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
    text = "waits for " + holder_text(report.standing.handlers[*handler.blocker]) + ": " + text;
    text += is_possible(letter + "t", report) ? "   (" + letter + "t: the wait ends)" : "";
  }
  return labelled(letter, text + call_text(handler, report));
}

std::string client_lines(const StepReport& report) {
  std::string text;
  for (std::uint32_t client = 0; client < report.standing.told.size(); ++client) {
    bool any = false;
    for (const Standing::Handler& handler : report.standing.handlers) {
      if (handler.who.client == client) {
        text += handler_line(handler, report);
        any = any || !handler.dead;
      }
    }
    const auto& told = report.standing.told[client];
    const bool finished = std::all_of(
        told.begin(), told.end(), [](const Standing::Told& known) { return known.has_value(); });
    if (!any) {
      text += labelled(client_name(client), finished ? told_text(told) : "waits for an answer");
    }
  }
  return text;
}

// ---- what can go wrong here

std::string fault_words(const Step& step) {
  std::string text;
  const auto add = [&text](const char* words) {
    text += (text.empty() ? "" : ", ") + std::string(words);
  };
  switch (step.request_fault) {
    case Fault::lose_request:
      add("request lost");
      break;
    case Fault::duplicate_delivery:
      add("request delivered twice");
      break;
    default:
      break;
  }
  switch (step.statement_fault) {
    case Fault::crash:
      add("handler crashes before it");
      break;
    case Fault::lose_session_before:
      add("session lost before it");
      break;
    case Fault::lose_session_after:
      add("session lost after it");
      break;
    case Fault::slow_call:
      add("slow, its client waits no longer");
      break;
    default:
      break;
  }
  if (step.replies_lost != 0) {
    add(step.replies_lost == 1   ? "reply lost"
        : step.replies_lost == 2 ? "second reply lost"
                                 : "replies lost");
  }
  return text;
}

// By fault, who can meet it: "Ar, Br reply lost; Ac handler crashes before it".
std::string fault_line(const StepReport& report) {
  std::vector<std::pair<std::string, std::string>> by_fault;  // words, letters
  for (const Move& move : report.standing.next) {
    const std::string words = fault_words(move.step);
    if (words.empty()) {
      continue;
    }
    const auto known = std::find_if(by_fault.begin(), by_fault.end(),
                                    [&words](const auto& entry) { return entry.first == words; });
    if (known == by_fault.end()) {
      by_fault.emplace_back(words, word_of(move));
    } else {
      known->second += ", " + word_of(move);
    }
  }
  std::string text;
  for (const auto& [words, letters] : by_fault) {
    text.append(text.empty() ? "" : "; ").append(letters).append(" ").append(words);
  }
  return text.empty() ? "" : labelled("faults", text);
}

// ---- the end

std::string end_text(const StepReport& report, const TextStyle& style) {
  RunReport run(static_cast<const Experiment&>(report));
  run.result = report.result;
  std::string text;
  if (report.result.verdict == Verdict::violated) {
    const std::string line = labelled("VIOLATED", "  " + headline(run));
    text = colored("VIOLATED", red, style) + line.substr(8);
  } else {
    text = colored("HOLDS", green, style) +
           "  this order does no harm; whether others do, `racelab explore` tells\n";
  }
  text += short_timeline(run, style, step_column(report));
  const auto when = [&report](Instant at) {
    const std::string step = step_number(report, at);
    return step.empty() ? "the start" : "step " + step;
  };
  if (const std::string reason = why(run, when); !reason.empty()) {
    text += labelled("why", reason);
  }
  text += labelled("order", word_of(report.moves));
  // A command that a reader can copy stays on one line, however long.
  for (const char* command : {"explain", "replay"}) {
    text += fmt::format("{:<{}}racelab {} {}\n", command, label_width, command, report.token);
  }
  return text;
}

std::string doomed_text(const Outlook::Way& way, const TextStyle& style) {
  return way.chance == 1 ? "  " + colored("DOOMED", red, style) : "";
}

std::string too_large_text(std::string_view label) {
  return labelled(label,
                  "too large to know: too many states can follow; a few steps on, or with fewer "
                  "clients or operations, ask again");
}

}  // namespace

std::string step_greeting(const StepReport& report) {
  std::string fleet = name_of(report.fleet);
  return labelled("step", "you are the scheduler of " + report.scenario + ", " + fleet) +
         labelled("", "type a letter to run that client's next statement; ? tells the rest") + '\n';
}

std::string step_text(const StepReport& report, const TextStyle& style) {
  if (report.standing.next.empty()) {
    return end_text(report, style);
  }
  return timeline_so_far(report) + row_lines(report) + client_lines(report) + fault_line(report);
}

std::string step_odds_text(const StepReport& report, const Outlook* outlook,
                           const TextStyle& style) {
  if (outlook == nullptr) {
    return too_large_text("odds");
  }
  std::string text = fmt::format("{:<{}}{} of a violation from here on{}\n", "odds", label_width,
                                 percent(outlook->here.chance), doomed_text(outlook->here, style));
  for (std::size_t i = 0; i < outlook->next.size(); ++i) {
    text += fmt::format("{:<{}}{}{}\n", word_of(report.standing.next[i]), label_width,
                        percent(outlook->next[i].chance), doomed_text(outlook->next[i], style));
  }
  return text;
}

std::string step_hint_text(const StepReport& report, const Outlook* outlook) {
  if (outlook == nullptr) {
    return too_large_text("hint");
  }
  if (outlook->here.steps == Outlook::never) {
    return labelled("hint", report.standing.next.empty()
                                ? "the execution has ended, without a violation"
                                : "no violation is possible any more, whatever comes");
  }
  if (report.standing.next.empty()) {
    return labelled("hint", "the execution has ended, with a violation");
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < outlook->next.size(); ++i) {
    best = outlook->next[i].steps < outlook->next[best].steps ? i : best;
  }
  const std::uint32_t further = outlook->next[best].steps;
  return labelled("hint", word_of(report.standing.next[best]) +
                              (further == 0 ? ": with this step it ends in a violation"
                                            : ": then the nearest violation is " +
                                                  counted(further, "step") + " away"));
}

std::string step_help_text() {
  return "A, B, ...  run that client's next statement; ABBA on one line runs four\n"
         "A2 or A'   the client's second live attempt\n"
         "At         its wait for a lock ends (when the lock timeout is set)\n"
         "Ae         the store notices its dead session, and rolls back\n"
         "Ar         with a fault, while its budget (--lose-reply.max 1, ...) lasts:\n"
         "           r reply lost, s slow: its client waits no longer, q request lost,\n"
         "           d request delivered twice, c handler crashes before the statement,\n"
         "           b session lost before it, a session lost after it\n"
         "u          undo a step        r, redo    take it again\n"
         "start      undo all           end        take all of them again\n"
         "o, odds    the chance of a violation from here on, and after each next step when\n"
         "           at each point all steps are equally likely; DOOMED: it is certain\n"
         "h, hint    the next step on the shortest way to a violation\n"
         "?, help    this text          q, quit    leave\n";
}

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
    return start + "it waits for " + holder_text(standing.handlers[*handler->blocker]);
  }
  std::string words;
  for (std::size_t i = 0; i < std::min(standing.next.size(), next_words_max); ++i) {
    words += (i == 0 ? "" : ", ") + word_of(standing.next[i]);
  }
  return start + "possible are " + words + (standing.next.size() > next_words_max ? ", ..." : "");
}

}  // namespace racelab
