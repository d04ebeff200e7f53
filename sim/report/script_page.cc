// What an exploration of endpoints in SQL found, for people.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/script_report.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

std::string row_text(const sql::Values& row) {
  std::string text;
  for (const sql::Value& value : row) {
    text += (text.empty() ? "" : ", ") + sql::to_text(value);
  }
  return '(' + text + ')';
}

// What became of the tables: rows that are new or changed, and how many are gone.
std::string contents_text(const ScriptReport& report, const ScriptEnding& ending) {
  constexpr std::size_t rows_max = 4;
  std::string text;
  for (std::uint16_t table = 0; table < report.setup->schema->table_count(); ++table) {
    std::vector<sql::Values> before = report.setup->start->contents(table);
    std::vector<sql::Values> changed;
    for (const sql::Values& row : ending.contents[table]) {
      const auto same = std::find(before.begin(), before.end(), row);
      if (same != before.end()) {
        before.erase(same);
      } else {
        changed.push_back(row);
      }
    }
    if (changed.empty() && before.empty()) {
      continue;
    }
    text += (text.empty() ? "" : "; ") + report.setup->schema->tables[table].full_name() + ' ';
    for (std::size_t i = 0; i < std::min(changed.size(), rows_max); ++i) {
      text += row_text(changed[i]);
    }
    if (changed.size() > rows_max) {
      text += " and " + std::to_string(changed.size() - rows_max) + " more";
    }
    if (before.size() > changed.size()) {
      text +=
          (changed.empty() ? "" : " ") + counted(before.size() - changed.size(), "row") + " less";
    }
  }
  return text.empty() ? "nothing changed" : text;
}

std::string operation_name(const ScriptOperation& operation, bool several) {
  std::string name(1, letter_of_client(operation.client));
  return several ? name + std::to_string(operation.number + 1) : name;
}

bool several_operations(const ScriptEnding& ending) {
  return std::any_of(ending.operations.begin(), ending.operations.end(),
                     [](const ScriptOperation& it) { return it.number > 0; });
}

// "A 200 sale=1, B 409".
std::string told_text(const ScriptEnding& ending) {
  constexpr std::size_t rows_shown_max = 30;
  std::string text;
  for (const ScriptOperation& it : ending.operations) {
    text += (text.empty() ? "" : ", ") + operation_name(it, several_operations(ending)) + ' ';
    if (!it.answered()) {
      text += it.told == ScriptTold::unknown  ? "unknown"
              : it.told == ScriptTold::failed ? "failed"
                                              : "waits for ever";
      if (it.told == ScriptTold::failed && it.reply.error.failed()) {
        text += " (" + std::string(it.reply.error.code()) + ')';
      }
      continue;
    }
    text += std::to_string(it.reply.status);
    for (std::size_t i = 0; i < it.reply.values.size(); ++i) {
      if (!it.reply.values[i].is_null) {
        text += ' ' + it.script->variables[it.script->reply[i]] + '=' +
                sql::to_text(it.reply.values[i]);
      }
    }
    for (std::size_t i = 0; i < it.reply.rows.size(); ++i) {
      std::string rows;
      for (const sql::Values& row : it.reply.rows[i]) {
        rows += row_text(row);
      }
      text += ' ' + it.script->rows[i] + '=' +
              (rows.empty()                   ? "none"
               : rows.size() > rows_shown_max ? counted(it.reply.rows[i].size(), "row")
                                              : rows);
    }
  }
  return text;
}

// A dependency in words: an event that was recorded.
std::string words_of(const DependencyEdge& it, const ScriptReport& report,
                     const ScriptEnding& ending) {
  const bool several = several_operations(ending);
  const std::string before = operation_name(ending.operations[it.before], several);
  const std::string after = operation_name(ending.operations[it.after], several);
  if (it.kind == DependencyEdge::Kind::real_time) {
    return fmt::format("{} was answered before {} was issued", before, after);
  }
  const std::string what =
      report.setup->schema->tables[it.table].full_name() + ' ' + row_text(*it.row);
  switch (it.kind) {
    case DependencyEdge::Kind::overwrites:
      return fmt::format("{} wrote over {}'s {}", after, before, what);
    case DependencyEdge::Kind::reads:
      return fmt::format("{} read {}, which {} had written", after, what, before);
    case DependencyEdge::Kind::read_before:
      return fmt::format("{} read {} before {} changed it", before, what, after);
    default:
      return fmt::format("{} looked before {}'s {} was there", before, after, what);
  }
}

std::vector<std::string> broken_checks(const ScriptReport& report, const ScriptEnding& ending) {
  std::vector<std::string> broken;
  for (std::size_t i = 0; i < ending.checks.size(); ++i) {
    const std::string& problem = ending.checks[i];
    const std::string quoted = '"' + report.setup->checks[i].sentence + '"';
    if (problem == "answers false") {
      broken.push_back(quoted);
    } else if (!problem.empty()) {
      broken.push_back(fmt::format("{} {}", quoted, problem));
    }
  }
  return broken;
}

// What went wrong in the smallest counterexample, in a few words.
std::string harm_text(const ScriptReport& report) {
  const ScriptOrder& order = *report.exploration.counterexample;
  const ScriptEnding& ending = *order.outcome.ending;
  std::string text;
  const auto add = [&text](const std::string& words) {
    text += (text.empty() ? "" : "; ") + words;
  };
  if (ending.stuck > 0) {
    add(counted(ending.stuck, "handler") + " stuck for ever");
  }
  if (!order.done_twice.empty()) {
    add("done twice");
  } else if (!ending.right && !order.circle.name.empty()) {
    add(order.circle.name);
  }
  for (const std::string& sentence : broken_checks(report, ending)) {
    add("broken: " + sentence);
  }
  if (text.empty()) {
    add(ending.answers_only ? "an answer that no one-at-a-time sequence gives"
                            : "no one-at-a-time sequence ends like this");
  }
  return text;
}

// "somebody is told failed in 4 of 12 orders (40P01)".
std::string failing_text(const ScriptExploration& all) {
  if (all.orders_failing == 0) {
    return "";
  }
  std::vector<std::string> causes;
  for (const ScriptOutcome& outcome : all.outcomes) {
    for (const ScriptOperation& it : outcome.ending->operations) {
      std::string cause = it.told == ScriptTold::unknown  ? "no answer"
                          : it.told != ScriptTold::failed ? ""
                          : it.reply.error.failed()       ? std::string(it.reply.error.code())
                                                          : std::to_string(it.reply.status);
      if (!cause.empty() && std::find(causes.begin(), causes.end(), cause) == causes.end()) {
        causes.push_back(cause);
      }
    }
  }
  std::string list;
  for (const std::string& cause : causes) {
    list += (list.empty() ? "" : ", ") + cause;
  }
  if (all.orders_failing == all.odds.orders) {
    return "in every order some operation fails or stays unknown (" + list + ')';
  }
  return fmt::format("in {} of {} orders some operation fails or stays unknown ({})",
                     grouped(all.orders_failing), grouped(all.odds.orders), list);
}

std::string stopped_text(const ScriptReport& report) {
  switch (report.exploration.stopped) {
    case OrderGraph::Stopped::states:
      return "--states-max was reached";
    case OrderGraph::Stopped::steps:
      return "some orders are longer than --steps-max";
    case OrderGraph::Stopped::executions:
      return "some orders have more than 8 handlers of one client at once";
    case OrderGraph::Stopped::memory:
      return "--memory-max was reached";
    case OrderGraph::Stopped::asked:
      return report.stopped_by == "seconds-max" ? "--seconds-max was reached" : "it was stopped";
    case OrderGraph::Stopped::no:
      break;
  }
  return "";
}

Headline headline(const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  const std::string orders =
      grouped(all.odds.orders) + (all.odds.orders == 1 ? " order" : " orders");
  switch (all.verdict) {
    case Verdict::holds:
      return {Tone::good, "HOLDS",
              "in " + every_order(all.odds.orders) +
                  ", as PostgreSQL 15 does it: a proof, within "
                  "these settings"};
    case Verdict::gave_up:
      return {Tone::open, "GAVE UP",
              fmt::format("{}; no violation in the {} that were followed", stopped_text(report),
                          orders)};
    case Verdict::idle:
      return {Tone::open, "IDLE", "nothing was done in any order"};
    case Verdict::violated:
      break;
  }
  return {Tone::bad, "VIOLATED",
          fmt::format("in {} of {}{}{}", grouped(all.odds.orders_violating), orders,
                      all.complete() ? "" : " that were followed",
                      report.exploration.counterexample ? ": " + harm_text(report) : "")};
}

void add_odds(Page& page, const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  const auto both = [](const Odds& odds) {
    return fmt::format("{} of the orders; {} when every next step is as likely as the others",
                       percent(odds.uniform_orders()), percent(odds.scheduler_low));
  };
  if (all.verdict == Verdict::violated) {
    page.add(Labelled{
        "odds",
        all.complete() ? both(all.odds)
                       : fmt::format("between {} and {} when every next step is as likely as the "
                                     "others; not all orders were followed: {}",
                                     percent(all.odds.scheduler_low),
                                     percent(all.odds.scheduler_high), stopped_text(report)),
        Tone::plain});
    if (all.odds_without_faults) {
      page.add(Labelled{"",
                        all.odds_without_faults->orders_violating == 0
                            ? "without faults: none of " + grouped(all.odds_without_faults->orders)
                            : "without faults: " + both(*all.odds_without_faults),
                        Tone::plain});
    }
    if (all.orders_answers_only > 0) {
      page.add(Labelled{"",
                        fmt::format("in {} of them the tables end as they should, and only an "
                                    "answer is wrong: a dashboard can live with that, a payment "
                                    "cannot",
                                    grouped(all.orders_answers_only)),
                        Tone::plain});
    }
  }
  if (const std::string failing = failing_text(all); !failing.empty()) {
    page.add(Labelled{"failed", failing, Tone::plain});
  }
}

void add_endings(Page& page, const ScriptReport& report) {
  constexpr std::size_t shown_max = 6;
  const ScriptExploration& all = report.exploration;
  struct Ending {
    std::string text;
    bool violated = false;
    OrderCount orders;
  };
  std::vector<Ending> endings;  // those that look the same are one
  for (std::size_t i = 0; i < all.outcomes.size(); ++i) {
    const ScriptEnding& it = *all.outcomes[i].ending;
    const std::string text = told_text(it) + "; " + contents_text(report, it);
    const auto same = std::find_if(endings.begin(), endings.end(), [&](const Ending& other) {
      return other.text == text && other.violated == it.violated();
    });
    if (same == endings.end()) {
      endings.push_back({text, it.violated(), all.odds.by_outcome[i]});
    } else {
      same->orders += all.odds.by_outcome[i];
    }
  }
  std::stable_sort(endings.begin(), endings.end(), [](const Ending& a, const Ending& b) {
    return a.violated != b.violated ? a.violated : a.orders > b.orders;
  });
  for (std::size_t i = 0; i < std::min(endings.size(), shown_max); ++i) {
    const Ending& it = endings[i];
    page.add(Labelled{i == 0 ? "ends" : "",
                      fmt::format("{} {} {}: {}", it.violated ? "✗" : "✓", grouped(it.orders),
                                  it.orders == 1 ? "order" : "orders", it.text),
                      Tone::plain});
  }
  if (endings.size() > shown_max) {
    page.add(Labelled{"", fmt::format("and {} more", endings.size() - shown_max), Tone::plain});
  }
}

std::string chance_text(double chance) {
  return chance == 1 ? "100 %" : chance == 0 ? "0 %" : percent(chance);
}

std::string who_text(const ScriptWho& who, bool several) {
  if (who.client == UINT8_MAX) {
    return "~";
  }
  std::string text(1, letter_of_client(who.client));
  if (several) {
    text += std::to_string(who.operation + 1);
  }
  return text + std::string(static_cast<std::size_t>(who.attempt - 1 + who.copy), '\'');
}

// The text in lines of at most so many columns, broken between words.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::string word;
  const auto put = [&] {
    if (!lines.back().empty() && columns_of(lines.back()) + 1 + columns_of(word) > width) {
      lines.emplace_back();
    }
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    word.clear();
  };
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      if (!word.empty()) {
        put();
      }
    } else {
      word += c;
    }
  }
  if (!word.empty()) {
    put();
  }
  return lines;
}

// Why the order ends as it does: what depended on what, and what no sequence explains.
std::string why_text(const ScriptReport& report) {
  const ScriptOrder& order = *report.exploration.counterexample;
  const ScriptEnding& ending = *order.outcome.ending;
  if (!ending.violated()) {
    std::string sequence;
    for (const std::size_t operation : ending.sequence) {
      sequence += (sequence.empty() ? "" : ", then ") +
                  operation_name(ending.operations[operation], several_operations(ending));
    }
    return sequence.empty() ? "nothing was done, and nobody was told otherwise"
                            : "one after another it ends alike: " + sequence;
  }
  std::string why;
  const auto add = [&why](const std::string& words) { why += (why.empty() ? "" : "; ") + words; };
  for (const std::size_t operation : order.done_twice) {
    add(operation_name(ending.operations[operation], several_operations(ending)) +
        "'s work was committed by two executions");
  }
  for (const DependencyEdge& it : order.circle.dependencies) {
    if (!ending.right) {
      add(words_of(it, report, ending));
    }
  }
  if (ending.stuck > 0) {
    add("whoever waits for a lock that a dead session holds waits for ever");
  }
  if (!ending.right) {
    add(ending.answers_only ? "one after another, the tables could end like this, but not with "
                              "these answers"
                            : "one after another, in whatever order, it cannot end like this");
  } else if (why.empty()) {
    add("one after another it could end like this, too; but what check.sql asks for does not "
        "hold");
  }
  return why;
}

void add_order(Page& page, const ScriptReport& report, const char* label) {
  constexpr std::size_t text_at = 10;
  constexpr std::size_t chance_width = 8;
  constexpr std::size_t width = text_width - text_at - chance_width;
  const ScriptOrder& order = *report.exploration.counterexample;
  const ScriptEnding& ending = *order.outcome.ending;
  const bool several = several_operations(ending);
  std::string size =
      counted(order.clients, "client") + ", " + counted(order.operations, "operation") + ", ";
  if (order.faults > 0) {
    size += counted(order.faults, "fault") + ", ";
  }
  size += counted(order.steps.size(), "step") + ": " + order.word();
  page.add(Line{});
  page.add(Labelled{label, size, Tone::plain});
  page.add(Line{});
  const auto put = [&page](const std::string& head, const std::string& text,
                           const std::string& chance) {
    std::vector<std::string> lines = wrapped(text, width);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::string line = (i == 0 ? head : "");
      line.resize(text_at, ' ');
      line += (i == 0 ? "" : "  ") + lines[i];
      const bool last = i + 1 == lines.size() && !chance.empty();
      if (last && columns_of(line) + 1 + columns_of(chance) > text_width) {
        page.add(Line{{{line, Tone::plain}}});
        line.clear();
      }
      if (last) {
        line += right_aligned(chance, text_width - columns_of(line));
      }
      page.add(Line{{{line, Tone::plain}}});
    }
  };
  put("", "", "odds of a");
  put("", "", "violation " + chance_text(order.chance));
  std::size_t number = 0;
  bool was_doomed = false;
  for (const ScriptOrder::Taken& taken : order.steps) {
    ++number;
    std::string head = fmt::format("{:>3}  ", number);
    const bool doomed = taken.chance == 1 && !was_doomed;
    was_doomed = was_doomed || taken.chance == 1;
    for (std::size_t i = 0; i < taken.happened.size(); ++i) {
      const ScriptModel::Happened& it = taken.happened[i];
      std::string text;
      for (const std::string& before : it.before) {
        text += before + "; ";
      }
      switch (it.kind) {
        case ScriptModel::Happened::Kind::sent:
          text += it.text + (it.answer.empty() ? "" : "  -> " + it.answer);
          break;
        case ScriptModel::Happened::Kind::waits:
          text += it.text + "  waits for " + (it.answer.empty() ? "a lock" : it.answer);
          break;
        case ScriptModel::Happened::Kind::answered:
          text += "goes on: " + it.text + (it.answer.empty() ? "" : "  -> " + it.answer);
          break;
        case ScriptModel::Happened::Kind::replied:
          text += "is answered " + it.text + (it.answer.empty() ? "" : ", but " + it.answer);
          break;
        default:
          text += it.text;
      }
      const bool last = i + 1 == taken.happened.size();
      put((i == 0 ? head : "     ") + who_text(it.who, several), text,
          last ? (doomed ? "DOOMED " : "") + chance_text(taken.chance) : "");
    }
  }
  page.add(Line{});
  page.add(Labelled{"end", told_text(ending) + "; " + contents_text(report, ending), Tone::plain});
  page.add(Labelled{"why", why_text(report), Tone::plain});
}

void add_saved(Page& page, const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  constexpr std::string_view words[] = {
      "a wait for another transaction", "an error 40001: somebody else was first",
      "an error 23505: the key was there", "a deadlock, which the server ended",
      "a wait for a lock that ended without it"};
  for (std::size_t i = 0; i < all.near_misses.size(); ++i) {
    page.add(Labelled{i == 0 ? "saved" : "",
                      fmt::format("by {} in {} of {} orders",
                                  words[static_cast<std::size_t>(all.near_misses[i].kind)],
                                  grouped(all.near_misses[i].orders), grouped(all.odds.orders)),
                      Tone::plain});
  }
}

void add_settings(Page& page, const ScriptReport& report) {
  std::string text = "strategy=" + report.strategy;
  for (const auto& [key, value] : report.shaped) {
    text += ' ';
    text += key;
    text += '=';
    text += value;
  }
  page.add(Labelled{"with", text, Tone::plain});
}

Page order_page_of(const ScriptReport& report) {
  const ScriptEnding& ending = *report.exploration.counterexample->outcome.ending;
  Page page;
  if (ending.violated()) {
    page.add(Headline{Tone::bad, "VIOLATED", "in this order: " + harm_text(report)});
  } else {
    page.add(Headline{Tone::good, "HOLDS", "in this order"});
  }
  add_order(page, report, "order");
  page.add(ShellCommand{"all", report.command + " --strategy " + report.strategy, ""});
  add_settings(page, report);
  return page;
}

Page page_of(const ScriptReport& report) {
  const ScriptExploration& all = report.exploration;
  Page page;
  page.add(headline(report));
  add_odds(page, report);
  add_endings(page, report);
  page.add(Labelled{"covered",
                    counted(all.states, "state") + ", " + counted(all.transitions, "transition"),
                    Tone::plain});
  add_saved(page, report);
  if (all.counterexample) {
    add_order(page, report, "least");
    page.add(ShellCommand{"again",
                          report.command + " --strategy " + report.strategy + " --order " +
                              all.counterexample->word(),
                          ""});
    for (std::size_t i = 0; i < report.that_hold.size(); ++i) {
      page.add(ShellCommand{i == 0 ? "holds" : "",
                            report.command + " --strategy " + report.that_hold[i], ""});
    }
  }
  const bool any_writes =
      std::any_of(report.setup->plan.begin(), report.setup->plan.end(), [&](const auto& plan) {
        return std::any_of(plan.begin(), plan.end(), [&](std::size_t script) {
          return report.setup->scripts[script]->writes;
        });
      });
  const bool left_open =
      std::any_of(all.outcomes.begin(), all.outcomes.end(), [](const ScriptOutcome& outcome) {
        const auto& operations = outcome.ending->operations;
        return std::any_of(operations.begin(), operations.end(),
                           [](const ScriptOperation& it) { return it.left_open; });
      });
  if (left_open) {
    page.add(Labelled{"note",
                      "a script ends inside its own transaction, which is rolled back: it wants a "
                      "commit",
                      Tone::open});
  }
  if (!any_writes) {
    page.add(Labelled{"note", "no endpoint here writes: nothing can be lost", Tone::open});
  }
  add_settings(page, report);
  return page;
}

Page table_of(const std::vector<ScriptReport>& reports) {
  Grid grid;
  grid.name_width = 10;
  for (const ScriptReport& report : reports) {
    grid.name_width = std::max(grid.name_width, report.strategy.size() + 2);
  }
  grid.title = "strategy";
  grid.columns = {{"verdict", 8, Grid::Side::left}, {"odds", 9}, {"orders that fail", 20}};
  for (const ScriptReport& report : reports) {
    const ScriptExploration& all = report.exploration;
    const Tone tone = all.verdict == Verdict::holds      ? Tone::good
                      : all.verdict == Verdict::violated ? Tone::bad
                                                         : Tone::open;
    const std::string verdict = all.verdict == Verdict::holds      ? "holds"
                                : all.verdict == Verdict::violated ? "violated"
                                : all.verdict == Verdict::idle     ? "idle"
                                                                   : "gave up";
    grid.rows.push_back(
        {report.strategy,
         {{verdict, tone},
          {all.complete() ? percent(all.odds.uniform_orders()) : "?", Tone::plain},
          {grouped(all.odds.orders_violating) + " of " + grouped(all.odds.orders), Tone::plain}},
         ""});
  }
  Page page;
  page.add(grid);
  page.add(Line{});
  bool first = true;
  for (const ScriptReport& report : reports) {
    if (report.exploration.verdict == Verdict::violated) {
      page.add(ShellCommand{first ? "least" : "", report.command + " --strategy " + report.strategy,
                            ""});
      first = false;
    }
  }
  return page;
}

}  // namespace

Page script_order_page(const ScriptReport& report) { return order_page_of(report); }

Page script_page(const std::vector<ScriptReport>& reports) {
  return reports.size() == 1 ? page_of(reports.front()) : table_of(reports);
}

}  // namespace racelab
