// Statements run to their end in the call that sends them.
#include "sim/drivers/sqlite.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/drivers/dialect.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/laid_out.h"
#include "sim/kernel/expect.h"

namespace racelab::drivers {

namespace {

using sql::SessionId;

struct Code {
  int code;
  const char* name;
  sql::SqlState state;
};
constexpr Code codes[] = {
    {SQLITE_BUSY, "BUSY", sql::state::lock_not_available},
    {SQLITE_BUSY_SNAPSHOT, "BUSY_SNAPSHOT", sql::state::serialization_failure},
    {SQLITE_LOCKED, "LOCKED", sql::state::lock_not_available},
    {SQLITE_CONSTRAINT_UNIQUE, "CONSTRAINT_UNIQUE", sql::state::unique_violation},
    {SQLITE_CONSTRAINT_PRIMARYKEY, "CONSTRAINT_PRIMARYKEY", sql::state::unique_violation},
    {SQLITE_CONSTRAINT_ROWID, "CONSTRAINT_ROWID", sql::state::unique_violation},
    {SQLITE_CONSTRAINT_NOTNULL, "CONSTRAINT_NOTNULL", sql::state::not_null_violation},
    {SQLITE_CONSTRAINT_CHECK, "CONSTRAINT_CHECK", sql::state::check_violation},
    {SQLITE_CONSTRAINT_FOREIGNKEY, "CONSTRAINT_FOREIGNKEY", sql::state::foreign_key_violation},
    {SQLITE_MISMATCH, "MISMATCH", sql::state::invalid_text},
    {SQLITE_TOOBIG, "TOOBIG", sql::state::too_long},
    {SQLITE_ERROR, "ERROR", "XX000"},
};

const Code& code_of(const SqliteAnswer& answer) {
  const auto* found = std::find_if(std::begin(codes), std::end(codes),
                                   [&](const Code& it) { return it.code == answer.code; });
  if (found == std::end(codes)) {  // the disk is full, a file is gone
    throw DriverError(fmt::format("SQLite fails: {} ({})", answer.message, answer.code));
  }
  return *found;
}

}  // namespace

Sqlite::Sqlite(std::string folder, const ScriptSetup& setup, Numbers numbers, SqliteOptions options)
    : setup_(setup),
      folder_(std::move(folder)),
      numbers_(numbers),
      options_(options),
      monitor_(folder_, other_schemas(*setup.schema), clock_) {
  lay_out();
  check_statements();
  remember_start();
  reset();
}

Sqlite::~Sqlite() = default;

std::string Sqlite::version() const {
  std::string words;
  for (const auto& [given, word] : {std::pair(options_.journal, "rollback journal"),
                                    std::pair(options_.immediate, "begin immediate"),
                                    std::pair(options_.waits, "busy_timeout")}) {
    if (given) {
      words += fmt::format("{}{}", words.empty() ? " (" : ", ", word);
    }
  }
  return fmt::format("SQLite {}{}{}", sqlite3_libversion(), words, words.empty() ? "" : ")");
}

void Sqlite::lay_out() {
  std::vector<std::string> schemas = other_schemas(*setup_.schema);
  schemas.emplace_back("main");
  for (const std::string& schema : schemas) {
    monitor_.run(fmt::format("pragma \"{}\".journal_mode = {}", schema,
                             options_.journal ? "delete" : "wal"));
  }
  monitor_.run("pragma foreign_keys = off");
  const std::vector<sql::Table>& tables = setup_.schema->tables;
  for (std::uint16_t table = 0; table < static_cast<std::uint16_t>(tables.size()); ++table) {
    for (const std::string& statement : created(*setup_.schema, table, Dialect::sqlite)) {
      monitor_.run(statement);
    }
    for (const sql::Values& row : setup_.start->contents(table)) {
      std::string values;
      for (const sql::Value& value : row) {
        values += (values.empty() ? "" : ", ") + spelled(value);
      }
      monitor_.run(fmt::format("insert into {} values ({})", spelled_name(tables[table]), values));
    }
  }
}

// What SQLite does not know it says before the first order.
void Sqlite::check_statements() {
  each_statement(setup_, [this](const Script& script, const Instruction& it) {
    if (it.statement.kind == sql::Statement::Kind::begin) {
      return;
    }
    const std::string problem = monitor_.problem_with(text_of(it.statement));
    if (!problem.empty()) {
      throw NotInThisDatabase(
          fmt::format("SQLite does not know {}:{}: {}", script.file, it.line, problem));
    }
  });
}

// What brings the setup's end back: rows and numbers.
void Sqlite::remember_start() {
  const std::vector<bool> changed = changed_tables(setup_);
  const std::vector<sql::Table>& tables = setup_.schema->tables;
  reset_statements_ = "begin immediate;";
  for (std::uint16_t table = 0; table < static_cast<std::uint16_t>(tables.size()); ++table) {
    if (!changed[table]) {
      continue;
    }
    const std::string name = spelled_name(tables[table]);
    const std::string copy = fmt::format("main.racelab_start_{}", table);
    monitor_.run(fmt::format("create table {} as select * from {}", copy, name));
    reset_statements_ +=
        fmt::format("delete from {0};insert into {0} select * from {1};", name, copy);
    for (std::uint16_t column = 0;
         column < static_cast<std::uint16_t>(tables[table].columns.size()); ++column) {
      if (sequence_of(tables[table].columns[column])) {
        const std::string schema = tables[table].schema.empty() ? "main" : tables[table].schema;
        reset_statements_ += fmt::format(
            "delete from \"{0}\".sqlite_sequence where name = '{1}';"
            "insert into \"{0}\".sqlite_sequence (name, seq) values ('{1}', {2});",
            schema, tables[table].name, last_number(setup_, table, column, numbers_));
      }
    }
  }
  reset_statements_ += "commit";
}

void Sqlite::reset() {
  while (!sessions_.empty()) {
    disconnect(sessions_.begin()->first);
  }
  monitor_.run(reset_statements_);
  clock_ = {.now = script_clock};
  waiting_.clear();
  woken_.clear();
  may_go_on_ = false;
}

// ---- sessions

void Sqlite::connect(SessionId session, sql::Isolation /*isolation*/) {
  RACELAB_EXPECT(sessions_.find(session) == sessions_.end());
  Session& it = sessions_[session];
  if (idle_.empty()) {
    it.line = std::make_unique<SqliteLine>(folder_, other_schemas(*setup_.schema), clock_);
  } else {
    it.line = std::move(idle_.back());
    idle_.pop_back();
  }
}

// A process that dies holds no locks any more; its transaction is rolled back by whoever comes next.
void Sqlite::disconnect(SessionId session) {
  Session& it = sessions_.at(session);
  if (it.line->in_transaction()) {
    it.line->run("rollback");
  }
  may_go_on_ = true;
  idle_.push_back(std::move(it.line));
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), session), waiting_.end());
  sessions_.erase(session);
}

bool Sqlite::in_transaction(SessionId session) const {
  const Session& it = sessions_.at(session);
  return it.begins || it.line->in_transaction();
}

bool Sqlite::waiting(SessionId session) const {
  const auto found = sessions_.find(session);
  return found != sessions_.end() && found->second.waits;
}

const sql::Result& Sqlite::result(SessionId session) const { return sessions_.at(session).result; }

// Those that write; a COMMIT with a rollback journal waits for those that read.
std::vector<SessionId> Sqlite::blockers(SessionId session) const {
  std::vector<SessionId> writers;
  std::vector<SessionId> readers;
  if (!waiting(session)) {
    return writers;
  }
  for (const auto& [other, it] : sessions_) {
    if (other != session && it.line->reads()) {
      (it.line->writes() ? writers : readers).push_back(other);
    }
  }
  return writers.empty() ? readers : writers;
}

// ---- statements

std::string Sqlite::text_of(const sql::Statement& statement) {
  std::string& text = texts_[&statement];
  if (text.empty()) {
    text = spelled(statement.text, Dialect::sqlite, *setup_.schema,
                   [](std::size_t number) { return fmt::format("?{}", number + 1); });
  }
  return text;
}

sql::Server::Progress Sqlite::execute(SessionId session, const sql::Statement& statement,
                                      sql::Values parameters,
                                      const std::vector<sql::FoundLocked>* /*pretend*/) {
  Session& it = sessions_.at(session);
  RACELAB_EXPECT(!it.waits);
  it.statement = &statement;
  it.parameters = std::move(parameters);
  it.result = {};
  if (!in_transaction(session)) {
    it.line->set_started(clock_.now);
    if (statement.kind == sql::Statement::Kind::begin) {
      it.begins = true;  // nobody sees it: it goes with the next statement
      return Progress::done;
    }
  }
  if (it.begins && statement.kind == sql::Statement::Kind::rollback) {
    it.begins = false;
    return Progress::done;
  }
  const Progress progress = attempt(it);
  if (progress == Progress::waiting) {
    waiting_.push_back(session);
  }
  return progress;
}

sql::Server::Progress Sqlite::attempt(Session& it) {
  SqliteAnswer answer;
  if (it.begins) {
    answer = it.line->run(options_.immediate ? "begin immediate" : "begin", {}, {});
  }
  if (!answer.failed()) {
    it.begins = false;
    answer = it.line->run(text_of(*it.statement), it.parameters, types_of(it.statement->answers()));
  }
  if (answer.would_wait && options_.waits) {
    it.waits = true;
    it.result.waited = true;
    return Progress::waiting;
  }
  it.begins = false;
  finish(it, std::move(answer));
  return Progress::done;
}

void Sqlite::finish(Session& it, SqliteAnswer answer) {
  const sql::Statement& statement = *it.statement;
  const bool waited = it.result.waited;
  it.result = {};
  it.result.waited = waited;
  it.waits = false;
  if (answer.failed()) {
    const Code& code = code_of(answer);
    it.result.error = code.state;
    it.result.server_code = code.name;
    it.result.message = std::move(answer.message);
  } else {
    it.result.rows = std::move(answer.rows);
    for (sql::Values& row : it.result.rows) {
      for (sql::Value& value : row) {
        value = marked(std::move(value), *setup_.schema, numbers_);
      }
    }
    it.result.changed = statement.changes_rows() ? answer.changed : 0;
    it.result.affected =
        statement.kind == sql::Statement::Kind::select ? it.result.rows.size() : it.result.changed;
  }
  may_go_on_ = true;
}

void Sqlite::settle(Branches& /*branches*/) {
  while (may_go_on_ && !waiting_.empty()) {
    may_go_on_ = false;
    for (const SessionId session : std::vector<SessionId>(waiting_)) {
      Session& it = sessions_.at(session);
      if (attempt(it) == Progress::done) {
        waiting_.erase(std::find(waiting_.begin(), waiting_.end(), session));
        woken_.push_back(session);
      }
    }
  }
  may_go_on_ = false;
}

void Sqlite::end_wait(SessionId session, const sql::SqlState& error) {
  Session& it = sessions_.at(session);
  RACELAB_EXPECT(it.waits);
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), session));
  it.waits = false;
  it.begins = false;
  it.result = {};
  it.result.waited = true;
  it.result.error = error;
  it.result.server_code = "BUSY";
  it.result.message = "database is locked";
}

std::vector<sql::Values> Sqlite::contents(std::uint16_t table) const {
  const sql::Table& it = setup_.schema->tables[table];
  if (it.bookkeeping) {
    return {};
  }
  SqliteAnswer answer = monitor_.run("select * from " + spelled_name(it), {}, types_of(it));
  if (answer.failed()) {
    throw DriverError(fmt::format("SQLite does not show its tables: {}", answer.message));
  }
  for (sql::Values& row : answer.rows) {
    for (sql::Value& value : row) {
      value = marked(std::move(value), *setup_.schema, numbers_);
    }
  }
  sort_rows(answer.rows);
  return std::move(answer.rows);
}

}  // namespace racelab::drivers
