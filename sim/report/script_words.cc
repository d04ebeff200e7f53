// Every clause comes from a recorded event.
#include "sim/report/script_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/check/refusal.h"
#include "sim/report/words.h"

namespace racelab {

std::string row_text(const sql::Values& row) {
  std::string text;
  for (const sql::Value& value : row) {
    text += (text.empty() ? "" : ", ") + sql::to_line(value);
  }
  return '(' + text + ')';
}

std::string contents_text(const ScriptSetup& setup, const ScriptEnding& ending) {
  constexpr std::size_t rows_max = 4;
  std::string text;
  for (std::uint16_t table = 0; table < setup.schema->table_count(); ++table) {
    std::vector<sql::Values> before = setup.start->contents(table);
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
    text += (text.empty() ? "" : "; ") + setup.schema->tables[table].full_name() + ' ';
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

std::string operation_name(const ScriptEnding& ending, std::size_t operation) {
  const ScriptOperation& it = ending.operations[operation];
  std::string name = client_name(it.client);
  return several_operations(ending.operations) ? name + std::to_string(it.number + 1) : name;
}

bool several_operations(const std::vector<ScriptOperation>& operations) {
  return std::any_of(operations.begin(), operations.end(),
                     [](const ScriptOperation& it) { return it.number > 0; });
}

std::string told_text(const ScriptOperation& operation) {
  constexpr std::size_t rows_shown_max = 30;
  if (!operation.answered()) {
    const bool failed = operation.told == ScriptTold::failed;
    const std::string cause =
        failed && operation.reply.error.failed()
            ? fmt::format(" ({})",
                          sql::code_text(operation.reply.error, operation.reply.server_code))
            : "";
    return (failed                                  ? "failed"
            : operation.told == ScriptTold::unknown ? "unknown"
                                                    : "waits for ever") +
           cause;
  }
  const Script& script = *operation.script;
  std::string text = std::to_string(operation.reply.status);
  for (std::size_t i = 0; i < operation.reply.values.size(); ++i) {
    if (!operation.reply.values[i].is_null) {
      text += fmt::format(" {}={}", script.variables[script.reply[i]],
                          sql::to_line(operation.reply.values[i]));
    }
  }
  for (std::size_t i = 0; i < operation.reply.rows.size(); ++i) {
    std::string rows;
    for (const sql::Values& row : operation.reply.rows[i]) {
      rows += row_text(row);
    }
    text +=
        fmt::format(" {}={}", script.rows[i],
                    rows.empty()                   ? "none"
                    : rows.size() > rows_shown_max ? counted(operation.reply.rows[i].size(), "row")
                                                   : rows);
  }
  return text;
}

std::string told_text(const ScriptEnding& ending) {
  std::string text;
  for (std::size_t i = 0; i < ending.operations.size(); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", operation_name(ending, i),
                        told_text(ending.operations[i]));
  }
  return text;
}

std::string dependency_text(const DependencyEdge& it, const ScriptSetup& setup,
                            const ScriptEnding& ending) {
  const std::string before = operation_name(ending, it.before);
  const std::string after = operation_name(ending, it.after);
  if (it.kind == DependencyEdge::Kind::real_time) {
    return fmt::format("{} was answered before {} was issued", before, after);
  }
  const std::string what =
      fmt::format("{} {}", setup.schema->tables[it.table].full_name(), row_text(*it.row));
  switch (it.kind) {
    case DependencyEdge::Kind::overwrites:
      return fmt::format("{} wrote over {}'s {}", after, before, what);
    case DependencyEdge::Kind::reads:
      if (is_refusal(it, ending.operations)) {
        return fmt::format("{} was refused for the key of {}'s {}", after, before, what);
      }
      return fmt::format("{} read {}, which {} had written", after, what, before);
    case DependencyEdge::Kind::read_before:
      return it.unseen()
                 ? fmt::format("{} read {} and did not see {}'s change", before, what, after)
                 : fmt::format("{} read {} before {} changed it", before, what, after);
    default:
      return it.unseen() ? fmt::format("{} looked and did not see {}'s {}", before, after, what)
                         : fmt::format("{} looked before {}'s {} was there", before, after, what);
  }
}

std::vector<std::string> broken_checks(const ScriptSetup& setup, const ScriptEnding& ending) {
  std::vector<std::string> broken;
  for (std::size_t i = 0; i < ending.checks.size(); ++i) {
    const std::string& problem = ending.checks[i];
    const std::string quoted = '"' + setup.checks[i].sentence + '"';
    if (problem == "answers false") {
      broken.push_back(quoted);
    } else if (!problem.empty()) {
      broken.push_back(fmt::format("{} {}", quoted, problem));
    }
  }
  return broken;
}

std::string harm_text(const ScriptSetup& setup, const ScriptOrder& order) {
  return harm_text(setup, *order.outcome.ending, order.circle, order.done_twice);
}

std::string harm_text(const ScriptSetup& setup, const ScriptEnding& ending, const Circle& circle,
                      const std::vector<std::size_t>& done_twice) {
  std::string text;
  const auto add = [&text](const std::string& words) {
    text += (text.empty() ? "" : "; ") + words;
  };
  if (ending.stuck > 0) {
    add(counted(ending.stuck, "handler") + " stuck for ever");
  } else if (ending.unanswered > 0) {
    add(counted(ending.unanswered, "client") + (ending.unanswered == 1 ? " waits" : " wait") +
        " for ever");
  }
  if (!done_twice.empty()) {
    add("done twice");
  } else if (!ending.right && !circle.name.empty()) {
    add(circle.name);
  }
  for (const std::string& sentence : broken_checks(setup, ending)) {
    add("broken: " + sentence);
  }
  if (text.empty()) {
    add(ending.answers_only ? "an answer that no one-at-a-time sequence gives"
                            : "no one-at-a-time sequence ends like this");
  }
  return text;
}

std::string why_text(const ScriptSetup& setup, const ScriptOrder& order) {
  return why_text(setup, *order.outcome.ending, order.circle, order.done_twice);
}

std::string why_text(const ScriptSetup& setup, const ScriptEnding& ending, const Circle& circle,
                     const std::vector<std::size_t>& done_twice) {
  constexpr std::size_t shown_max = 12;
  if (!ending.violated()) {
    std::string sequence;
    for (std::size_t i = 0; i < std::min(ending.sequence.size(), shown_max); ++i) {
      sequence += (sequence.empty() ? "" : ", then ") + operation_name(ending, ending.sequence[i]);
    }
    if (ending.sequence.size() > shown_max) {
      sequence += fmt::format(", and so on: {} in all", ending.sequence.size());
    }
    return sequence.empty() ? "nothing was done, and nobody was told otherwise"
                            : "one after another it ends alike: " + sequence;
  }
  std::string why;
  const auto add = [&why](const std::string& words) { why += (why.empty() ? "" : "; ") + words; };
  for (std::size_t i = 0; i < std::min(done_twice.size(), shown_max); ++i) {
    add(operation_name(ending, done_twice[i]) + "'s work was committed by two executions");
  }
  if (done_twice.size() > shown_max) {
    add(fmt::format("and so was that of {} more", done_twice.size() - shown_max));
  }
  for (const DependencyEdge& it : circle.dependencies) {
    if (!ending.right) {
      add(dependency_text(it, setup, ending));
    }
  }
  if (ending.stuck > 0) {
    add("whoever waits for a lock that a dead session holds waits for ever");
  } else if (ending.unanswered > 0) {
    add("an answer that is lost never comes, and without a timeout its client waits for ever");
  }
  if (ending.right && ending.checks_hold()) {
    return why;  // nothing else is wrong
  }
  if (ending.by_dependency) {
    add(fmt::format(
        "one after another, no sequence was found that ends like this (by dependency: of {} "
        "operations not every sequence can be tried, only those that the commits and the "
        "dependencies suggest, and some near them)",
        grouped(ending.operations.size())));
  } else if (!ending.right) {
    add(ending.answers_only ? "one after another, the tables could end like this, but not with "
                              "these answers"
                            : "one after another, in whatever order, it cannot end like this");
  } else if (why.empty()) {
    add("one after another it could end like this, too; but what check.sql asks for does not "
        "hold");
  }
  return why;
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

std::string in_one_line(std::string_view sql) {
  std::string line;
  for (const char c : sql) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string happened_text(const ScriptModel::Happened& happened) {
  using Kind = ScriptModel::Happened::Kind;
  std::string text;
  for (const std::string& before : happened.before) {
    text += before + "; ";
  }
  text += happened.kind == Kind::answered  ? "goes on: "
          : happened.kind == Kind::replied ? "is answered "
                                           : "";
  text += in_one_line(happened.text);
  const std::string& answer = happened.answer;
  switch (happened.kind) {
    case Kind::sent:
    case Kind::answered:
      return text + (answer.empty() ? "" : "  -> " + answer);
    case Kind::waits:
      return text + "  waits for " + (answer.empty() ? "a lock" : answer);
    case Kind::replied:
      return text + (answer.empty() ? "" : ", but " + answer);
    default:
      return text;
  }
}

std::string_view isolation_text(const std::optional<sql::Isolation>& isolation) {
  if (!isolation) {
    return "autocommit";
  }
  switch (*isolation) {
    case sql::Isolation::read_committed:
      return "read-committed";
    case sql::Isolation::repeatable_read:
      return "repeatable-read";
    case sql::Isolation::serializable:
      break;
  }
  return "serializable";
}

std::string size_text(const ScriptOrder& order) {
  std::string size =
      counted(order.clients, "client") + ", " + counted(order.operations, "operation") + ", ";
  if (order.faults > 0) {
    size += counted(order.faults, "fault") + ", ";
  }
  return size + counted(order.steps.size(), "step");
}

}  // namespace racelab
