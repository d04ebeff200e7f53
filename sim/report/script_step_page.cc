// Each part of the screen is one function from data to blocks. What stands goes first to its place; the order so far takes the lines
// that are left, its last steps if not all fit.
#include "sim/report/script_step_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/report/script_words.h"
#include "sim/report/step_words.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

constexpr std::size_t screen_lines = 21;  // of 24: one before, one after, one for the prompt

bool several(const ScriptStepReport& report) {
  return several_operations(report.standing.operations);
}

// What to type for a handler: "A", "A2"; "Ae" for a dead one.
std::string letter_of(const ScriptStanding::Handler& handler) {
  return std::string(1, letter_of_client(handler.who.client)) +
         (handler.ordinal == 0 ? "" : std::to_string(handler.ordinal + 1)) +
         (handler.dead ? "e" : "");
}

std::string names_of(const ScriptStanding& standing, const std::vector<ScriptWho>& all) {
  std::string text;
  for (const ScriptWho& who : all) {
    add_item(text, task_name(standing, who));
  }
  return text;
}

bool is_possible(const std::string& word, const ScriptStanding& standing) {
  return std::any_of(
      standing.next.begin(), standing.next.end(),
      [&word](const ScriptStanding::Next& next) { return word_of(next.move) == word; });
}

std::string change_text(const ScriptStanding& standing, const ScriptStanding::Table::Change& it) {
  const std::string who = task_name(standing, it.who);
  return it.before == nullptr ? fmt::format("{} + {}", who, row_text(*it.after))
         : it.after == nullptr
             ? fmt::format("{} - {}", who, row_text(*it.before))
             : fmt::format("{} {} -> {}", who, row_text(*it.before), row_text(*it.after));
}

std::string table_text(const ScriptStanding& standing, const ScriptStanding::Table& table) {
  constexpr std::size_t rows_max = 8;
  std::string text = table.name + ' ';
  for (std::size_t i = 0; i < std::min(table.rows.size(), rows_max); ++i) {
    text += row_text(table.rows[i]);
  }
  if (table.rows.size() > rows_max) {
    text += fmt::format(" and {} more", table.rows.size() - rows_max);
  } else if (table.rows.empty()) {
    text += "empty";
  }
  for (std::size_t i = 0; i < table.changes.size(); ++i) {
    text += (i == 0 ? "; not committed: " : ", ") + change_text(standing, table.changes[i]);
  }
  return text;
}

// Of many tables, and of long ones, those that somebody is at.
void add_tables(Page& page, const ScriptStanding& standing) {
  constexpr std::size_t tables_max = 4;
  constexpr std::size_t rows_max = 4;
  std::size_t quiet = 0;
  const char* label = "rows";
  for (const ScriptStanding::Table& table : standing.tables) {
    const bool dull = table.as_at_the_start && table.changes.empty() &&
                      (table.rows.size() > rows_max || standing.tables.size() > tables_max);
    if (dull) {
      ++quiet;
    } else {
      page.add(Labelled{std::exchange(label, ""), table_text(standing, table)});
    }
  }
  if (quiet > 0) {
    page.add(Labelled{label, counted(quiet, "table") + " as at the start"});
  }
}

void add_locks(Page& page, const ScriptStanding& standing) {
  const char* label = "locks";
  for (const ScriptStanding::Lock& lock : standing.locks) {
    if (lock.holders.empty() && lock.waiters.empty()) {
      continue;
    }
    std::string text = fmt::format("{}: {}", lock.what, names_of(standing, lock.holders));
    if (!lock.waiters.empty()) {
      text += fmt::format("; {} {}{}", names_of(standing, lock.waiters),
                          lock.waiters.size() == 1 ? "waits" : "wait",
                          lock.open && lock.waiters.size() > 1 ? ", any of them may go on" : "");
    }
    page.add(Labelled{std::exchange(label, ""), text});
  }
}

void add_told(Page& page, const ScriptStepReport& report) {
  std::string text;
  for (const ScriptOperation& it : report.standing.operations) {
    if (it.told != ScriptTold::nothing) {
      const std::string number = several(report) ? std::to_string(it.number + 1) : "";
      add_item(text, fmt::format("{}{} {}", letter_of_client(it.client), number, told_text(it)));
    }
  }
  if (!text.empty()) {
    page.add(Labelled{"told", text});
  }
}

// Which call it is, when the letter does not say.
std::string call_text(const ScriptStanding::Handler& handler, bool several_of_them) {
  std::string text;
  if (several_of_them) {
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

Labelled handler_line(const ScriptStanding::Handler& handler, const ScriptStepReport& report) {
  const std::string letter = letter_of(handler);
  std::string text;
  if (handler.dead) {
    text = is_possible(letter, report.standing) ? "the server notices that this session is dead"
                                                : "a dead session that nobody notices";
  } else if (handler.waits) {
    const std::string whom = names_of(report.standing, handler.blockers);
    text = fmt::format("waits for {}: {}", whom.empty() ? "a lock" : whom,
                       in_one_line(handler.statement));
    text += is_possible(letter + "t", report.standing)
                ? fmt::format("   ({}t: the wait ends)", letter)
                : "";
  } else {
    text =
        handler.statement.empty() ? "a reply, without a statement" : in_one_line(handler.statement);
  }
  return {letter, text + call_text(handler, several(report))};
}

void add_clients(Page& page, const ScriptStepReport& report) {
  const ScriptStanding& standing = report.standing;
  for (std::uint8_t client = 0; client < report.experiment.setup->clients(); ++client) {
    bool any = false;
    for (const ScriptStanding::Handler& handler : standing.handlers) {
      if (handler.who.client == client) {
        page.add(handler_line(handler, report));
        any = any || !handler.dead;
      }
    }
    const bool finished = std::none_of(
        standing.operations.begin(), standing.operations.end(),
        [client](const auto& it) { return it.client == client && it.told == ScriptTold::nothing; });
    if (!any) {
      page.add(Labelled{std::string(1, letter_of_client(client)),
                        finished ? "done" : "waits for an answer"});
    }
  }
}

// Where the server is free: who goes on, and whom it ends.
void add_choices(Page& page, const ScriptStanding& standing) {
  std::string ways;
  std::string ends;
  for (const ScriptStanding::Next& next : standing.next) {
    if (!next.go_on.empty()) {
      add_clause(ways, fmt::format("{}: then {} goes on", word_of(next.move),
                                   task_name(standing, next.go_on.front())));
    }
    if (next.move.step.kind == ScriptStep::Kind::deadlock) {
      add_item(ends, word_of(next.move));
    }
  }
  if (!ways.empty()) {
    page.add(Labelled{"ways", ways});
  }
  if (!ends.empty()) {
    page.add(Labelled{"server", ends + ": it ends that one, as they wait for each other"});
  }
}

std::string fault_of(const ScriptStep& step) {
  return step.kind == ScriptStep::Kind::time_passes
             ? "time passes"
             : fault_words({.request_fault = step.request_fault,
                            .statement_fault = step.statement_fault,
                            .replies_lost = step.replies_lost,
                            .replies_reset = step.replies_reset});
}

void add_faults(Page& page, const ScriptStanding& standing) {
  std::vector<std::pair<std::string, std::string>> steps;
  for (const ScriptStanding::Next& next : standing.next) {
    steps.emplace_back(word_of(next.move), fault_of(next.move.step));
  }
  if (const std::string text = faults_text(steps); !text.empty()) {
    page.add(Labelled{"faults", text});
  }
}

std::size_t lines_of(const Page& page) {
  const std::string text = page_text(page, {});
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// The order so far, or its last steps, in so many lines; at least the last step.
Page history_page(const ScriptStepReport& report, std::size_t lines_max) {
  const auto& steps = report.standing.happened;
  std::vector<Page> shown;  // the last first
  std::size_t lines = 0;
  std::size_t first = steps.size();
  while (first > 0) {
    Page step;
    add_step(step, {first, &steps[first - 1], ""}, several(report));
    const std::size_t more = lines_of(step);
    const std::size_t dots = first > 1 ? 1 : 0;  // "..." for the steps before it
    if (!shown.empty() && lines + more + dots > lines_max) {
      break;
    }
    lines += more;
    shown.push_back(std::move(step));
    --first;
  }
  Page page;
  if (first > 0) {
    page.add(Line{{{"  ..."}}});
  }
  std::reverse(shown.begin(), shown.end());
  for (Page& step : shown) {
    page.append(std::move(step));
  }
  return page;
}

Page end_page(const ScriptStepReport& report) {
  const ScriptOrderReport& order = *report.ended;
  const ScriptSetup& setup = *order.setup;
  const ScriptEnding& ending = *order.order.outcome.ending;
  Page below;
  below.add(Line{});
  below.add(Labelled{"end", told_text(ending) + "; " + contents_text(setup, ending)});
  below.add(Labelled{"why", why_text(setup, order.order)});
  below.add(Labelled{"order", order.order.word()});
  for (const char* verb : {"explain", "replay"}) {
    below.add(ShellCommand{verb, order.command_for(verb), ""});
  }
  Page page;
  page.add(ending.violated()
               ? Headline{Tone::bad, "VIOLATED", harm_text(setup, order.order)}
               : Headline{Tone::good, "HOLDS",
                          "this order does no harm; whether others do, `racelab explore` tells"});
  page.add(Line{});
  const std::size_t taken = lines_of(page) + lines_of(below);
  page.append(history_page(report, screen_lines - std::min(taken, screen_lines)));
  page.append(std::move(below));
  return page;
}

}  // namespace

std::string task_name(const ScriptStanding& standing, const ScriptWho& who) {
  for (const ScriptStanding::Handler& it : standing.handlers) {
    if (it.who == who) {
      return it.dead ? fmt::format("a dead session of {}", letter_of_client(who.client))
                     : letter_of(it);
    }
  }
  return std::string(1, letter_of_client(who.client));
}

std::string step_what(const ScriptStanding::Next& next, const ScriptStanding& standing) {
  std::string text;
  switch (next.move.step.kind) {
    case ScriptStep::Kind::lock_timeout:
      text = "its wait ends";
      break;
    case ScriptStep::Kind::deadlock:
      text = "the server ends it: they wait for each other";
      break;
    case ScriptStep::Kind::session_end:
      text = "the server notices that this session is dead";
      break;
    default:
      text = fault_of(next.move.step);
      break;
  }
  if (!next.go_on.empty()) {
    add_item(text, "then " + task_name(standing, next.go_on.front()) + " goes on");
  }
  return text;
}

std::vector<std::string> next_words(const ScriptStepReport& report) {
  std::vector<std::string> words;
  for (const ScriptStanding::Next& next : report.standing.next) {
    words.push_back(word_of(next.move));
  }
  return words;
}

Page script_step_greeting(const ScriptStepReport& report) {
  return {{Labelled{"step", fmt::format("you are the scheduler of {}, {}, {}",
                                        report.experiment.scenario, report.experiment.strategy,
                                        isolation_text(report.experiment.setup->rules.isolation))},
           Labelled{"", "type a letter to run that client's next statement; ? tells the rest"},
           Line{}}};
}

Page script_step_page(const ScriptStepReport& report) {
  if (report.ended) {
    return end_page(report);
  }
  Page below;
  add_tables(below, report.standing);
  add_locks(below, report.standing);
  add_told(below, report);
  add_clients(below, report);
  add_choices(below, report.standing);
  add_faults(below, report.standing);
  Page page;
  if (!report.standing.happened.empty()) {
    const std::size_t taken = lines_of(below) + 1;
    page = history_page(report, screen_lines - std::min(taken, screen_lines));
    page.add(Line{});
  }
  page.append(std::move(below));
  return page;
}

std::string script_step_help() {
  return typing_help("~          time passes (--time-passes.max 1)\n");
}

std::string step_refusal_text(const ScriptStepReport& report, const std::string& letter) {
  const std::string start = "'" + letter + "' is not possible here: ";
  const ScriptStanding& standing = report.standing;
  if (standing.next.empty()) {
    return start + "the execution has ended; u undoes the last step";
  }
  if (is_possible(letter, standing)) {
    return start + fmt::format(
                       "a client has at most {} executions at once, and this would be one "
                       "more",
                       ScriptModel::handlers_max);
  }
  const auto client = static_cast<std::size_t>(letter.front() - 'A');
  if (letter.front() != '~' && client >= report.experiment.setup->clients()) {
    return start + "the clients are A to " +
           letter_of_client(report.experiment.setup->clients() - 1U);
  }
  const auto handler = std::find_if(
      standing.handlers.begin(), standing.handlers.end(),
      [&letter](const ScriptStanding::Handler& known) { return letter_of(known) == letter; });
  if (handler != standing.handlers.end() && handler->waits) {
    const std::string whom = names_of(standing, handler->blockers);
    return start + "it waits for " + (whom.empty() ? "a lock" : whom);
  }
  return start + possible_text(next_words(report));
}

}  // namespace racelab
