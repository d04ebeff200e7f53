// A driver for literal histories of SQL: sessions by number, answers as words.
//
//   1: begin                                        -> BEGIN
//   1: update item set stock = 4 where id = 1       -> 1 row
//   2: update item set stock = 3 where id = 1       -> waits
//   1 (0/2): commit                                 -> COMMIT | 2: 1 row
//   item                                            -> 1, 3; 2, 10
//
// "(0/2)": the server was free to choose among two ways, and the first was taken; no such words: it was not free. After "|" stand the
// statements of others that went on. A table's name: its committed rows. "2: [lock timeout]", "2: [deadlock]", "2: [lost]" end a
// wait, or the session.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sim/parse/binder.h"
#include "sim/store/relational.h"

namespace racelab::sql {

inline std::string trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \n");
  return from == std::string_view::npos
             ? std::string()
             : std::string(text.substr(from, text.find_last_not_of(" \n") + 1 - from));
}

inline std::string text_of(const std::vector<Values>& rows) {
  std::string text;
  for (const Values& row : rows) {
    text += text.empty() ? "" : "; ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += (i == 0 ? "" : ", ") + to_text(row[i]);
    }
  }
  return text.empty() ? "nothing" : text;
}

inline std::string text_of(const Statement& statement, const Result& result) {
  if (result.error.failed()) {
    return std::string(result.error.code());
  }
  switch (statement.kind) {
    case Statement::Kind::begin:
      return "BEGIN";
    case Statement::Kind::commit:
      return result.rolled_back ? "ROLLBACK" : "COMMIT";
    case Statement::Kind::rollback:
    case Statement::Kind::rollback_to:
      return "ROLLBACK";
    case Statement::Kind::savepoint:
      return "SAVEPOINT";
    case Statement::Kind::release:
      return "RELEASE";
    default:
      return !statement.answers().empty() ? text_of(result.rows)
             : result.affected == 1       ? "1 row"
                                          : std::to_string(result.affected) + " rows";
  }
}

/// Sessions 1, 2, … on a database that a setup has made. Throws parse::Problem.
class Lab {
 public:
  explicit Lab(const std::string& setup, Isolation level = Isolation::read_committed,
               SessionId sessions = 4) {
    const parse::Source source{"setup.sql", setup};
    const std::vector<Statement> statements = parse::read_setup(source, schema_);
    database_ = std::make_unique<Database>(schema_);
    database_->connect(0, Isolation::read_committed);
    for (const Statement& statement : statements) {
      EXPECT_EQ(database_->execute(0, statement, {}), Database::Progress::done);
      EXPECT_EQ(database_->result(0).message, "") << statement.text;
    }
    for (SessionId session = 1; session <= sessions; ++session) {
      database_->connect(session, level);
    }
    running_.resize(sessions + 1);
  }

  /// After every line: what nobody can see any more is forgotten.
  bool vacuums = false;

  Database& database() { return *database_; }
  const Schema& schema() const { return schema_; }

  const Statement& bind(const std::string& text) {
    const parse::Source& source = sources_.emplace_back(parse::Source{"test.sql", text});
    std::vector<parse::ParsedStatement> parsed;
    try {
      parsed = parse::parse_sql(text);
    } catch (const parse::SyntaxError& error) {
      throw parse::syntax_problem(source, error, error.offset);
    }
    parse::Binder binder(schema_, source);
    return statements_.emplace_back(binder.statement(parsed.at(0), text));
  }

  /// The answer; "waits".
  std::string start(SessionId session, const Statement& statement, Values parameters = {}) {
    running_[session] = &statement;
    if (database_->execute(session, statement, std::move(parameters)) ==
        Database::Progress::waiting) {
      return "waits";
    }
    return text_of(statement, database_->result(session));
  }
  std::string start(SessionId session, const std::string& text) {
    return start(session, bind(text));
  }

  /// Whose statements went on: " | 2: 1 row".
  std::string settle(Branches& branches) {
    database_->settle(branches);
    std::string text;
    for (const SessionId woken : database_->woken()) {
      text += " | " + std::to_string(woken) + ": " +
              text_of(*running_[woken], database_->result(woken));
    }
    database_->clear_woken();
    return text;
  }

  std::string contents(const std::string& table) const {
    for (std::uint16_t i = 0; i < schema_.tables.size(); ++i) {
      if (schema_.tables[i].full_name() == table) {
        return text_of(database_->contents(i));
      }
    }
    return "no such table";
  }

  /// One line of a history, up to its arrow: how it goes on from there, and the ways that there were.
  std::string line(const std::string& text, std::string& ways) {
    const std::size_t colon = text.find(": ");
    if (colon == std::string::npos) {
      return contents(text);
    }
    const auto session = static_cast<SessionId>(text[0] - '0');
    const std::size_t open = text.find(" (");
    Branches::Ways taken;
    if (open < colon) {
      taken.push_back(static_cast<std::uint8_t>(text[open + 2] - '0'));
    }
    const std::string command = text.substr(colon + 2);
    std::string answer;
    if (command == "[lock timeout]" || command == "[deadlock]") {
      const bool timeout = command == "[lock timeout]";
      EXPECT_TRUE(timeout || database_->deadlocked(session)) << text;
      database_->end_wait(session, timeout ? state::lock_not_available : state::deadlock_detected);
      answer = text_of(*running_[session], database_->result(session));
    } else if (command == "[lost]") {
      database_->disconnect(session);
      answer = "gone";
    } else {
      answer = start(session, command);
    }
    Branches branches(taken);
    answer += settle(branches);
    if (vacuums) {
      database_->vacuum();
    }
    for (std::size_t i = 0; i < branches.asked().size(); ++i) {
      ways += (i == 0 ? " (" : ", ") + std::to_string(branches.taken()[i]) + '/' +
              std::to_string(branches.asked()[i]);
    }
    ways += ways.empty() ? "" : ")";
    return answer;
  }

 private:
  Schema schema_;
  std::unique_ptr<Database> database_;
  std::deque<parse::Source> sources_;
  std::deque<Statement> statements_;
  std::vector<const Statement*> running_;
};

/// Plays a history and compares every line.
inline void expect_history(Lab& lab, std::string_view history) {
  std::string wanted;
  std::string got;
  while (!history.empty()) {
    const std::size_t end = std::min(history.find('\n'), history.size());
    const std::string line = trimmed(history.substr(0, end));
    history.remove_prefix(std::min(end + 1, history.size()));
    const std::size_t arrow = line.rfind("-> ");
    if (arrow == std::string::npos) {
      continue;
    }
    const std::string before = trimmed(line.substr(0, arrow));
    wanted += before + " -> " + line.substr(arrow + 3) + '\n';
    std::string ways;
    std::string answer;
    try {
      answer = lab.line(before, ways);
    } catch (const parse::Problem& problem) {
      answer = problem.what();
    }
    const std::size_t colon = before.find(": ");
    const std::size_t open = std::min(before.find(" ("), colon);
    got += colon == std::string::npos
               ? before
               : before.substr(0, std::min(open, colon)) + ways + before.substr(colon);
    got += " -> " + answer + '\n';
  }
  EXPECT_EQ(got, wanted);
}

inline void expect_history(const std::string& setup, std::string_view history,
                           Isolation level = Isolation::read_committed) {
  Lab lab(setup, level);
  expect_history(lab, history);
}

}  // namespace racelab::sql
