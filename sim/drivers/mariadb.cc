// Sends statements one at a time, and learns from the server who waits for whom.
#include "sim/drivers/mariadb.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "sim/drivers/dialect.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/innodb_locks.h"
#include "sim/drivers/laid_out.h"
#include "sim/drivers/maria_errors.h"
#include "sim/kernel/expect.h"

namespace racelab::drivers {

namespace {

using sql::SessionId;

// A statement that has not answered after so long may wait for a lock: the server is asked.
constexpr Micros answers_within(500);
constexpr Micros asks_again_after(200);

constexpr unsigned interrupted = 1317;
constexpr const char* database = "racelab";

std::string level_text(sql::Isolation isolation) {
  switch (isolation) {
    case sql::Isolation::read_committed:
      return "read committed";
    case sql::Isolation::repeatable_read:
      return "repeatable read";
    case sql::Isolation::serializable:
      return "serializable";
  }
  return "";
}

std::vector<sql::Type> types_of(const sql::Table& table,
                                const std::vector<std::uint16_t>& columns) {
  std::vector<sql::Type> types;
  types.reserve(columns.size());
  for (const std::uint16_t column : columns) {
    types.push_back(table.columns[column].type);
  }
  return types;
}

}  // namespace

MariaDb::MariaDb(std::string socket, const ScriptSetup& setup, const std::string& setup_sql,
                 Numbers numbers)
    : setup_(setup),
      socket_(std::move(socket)),
      numbers_(numbers),
      monitor_(std::make_unique<MariaLine>(context_, socket_, "")),
      changed_(changed_tables(setup)) {
  const std::string all = *monitor_->run("select version()").front().front();
  version_ = "MariaDB " + all.substr(0, all.find('-'));
  const auto snapshots = monitor_->run("show global variables like 'innodb_snapshot_isolation'");
  if (!snapshots.empty() && *snapshots.front()[1] == "ON") {
    version_ += " (snapshot isolation)";
  }
  lay_out(setup_sql);
  check_statements();
  remember_start();
  reset();
}

MariaDb::~MariaDb() = default;

void MariaDb::lay_out(const std::string& setup_sql) {
  monitor_->run("set foreign_key_checks = 0");
  const auto databases = monitor_->run(
      "select schema_name from information_schema.schemata where schema_name not in "
      "('mysql', 'information_schema', 'performance_schema', 'sys')");
  for (const auto& row : databases) {
    monitor_->run(fmt::format("drop database \"{}\"", *row.front()));
  }
  monitor_->run(fmt::format("create database {}", database));
  monitor_->run(fmt::format("use {}", database));
  for (const std::string& schema : other_schemas(*setup_.schema)) {
    monitor_->run(fmt::format("create database \"{}\"", schema));
  }
  const std::vector<sql::Table>& tables = setup_.schema->tables;
  for (std::uint16_t table = 0; table < static_cast<std::uint16_t>(tables.size()); ++table) {
    for (const std::string& statement : created(*setup_.schema, table, Dialect::mariadb)) {
      monitor_->run(statement);
    }
    for (const sql::Values& row : setup_.start->contents(table)) {
      std::vector<std::string> values;
      for (const sql::Value& value : row) {
        values.push_back(spelled(value));
      }
      monitor_->run(fmt::format("insert into {} values ({})", spelled_name(tables[table]),
                                fmt::join(values, ", ")));
    }
  }
  for (const std::string& index : plain_indexes(setup_sql)) {
    monitor_->run(index);
  }
}

// What MariaDB does not know it says before the first order.
void MariaDb::check_statements() {
  each_statement(setup_, [this](const Script& script, const Instruction& it) {
    if (it.statement.kind >= sql::Statement::Kind::begin) {
      return;
    }
    const std::string text = spelled(it.statement.text, Dialect::mariadb, *setup_.schema,
                                     [](std::size_t) { return std::string("?"); });
    monitor_->send(
        fmt::format("prepare racelab from {}", spelled(sql::Value::of(sql::Type::text, text))));
    const MariaAnswer answer = monitor_->receive();
    if (answer.error != 0) {
      throw NotInThisDatabase(fmt::format("MariaDB does not know {}:{}: {} ({})", script.file,
                                          it.line, without_advice(answer.message), answer.error));
    }
  });
}

void MariaDb::remember_start() {
  const std::vector<sql::Table>& tables = setup_.schema->tables;
  for (std::uint16_t table = 0; table < static_cast<std::uint16_t>(tables.size()); ++table) {
    const std::string name = spelled_name(tables[table]);
    if (changed_[table]) {
      monitor_->run(fmt::format("create table racelab_start_{} as select * from {}", table, name));
    }
    for (std::uint16_t column = 0;
         column < static_cast<std::uint16_t>(tables[table].columns.size()); ++column) {
      if (const auto sequence = sequence_of(tables[table].columns[column])) {
        const auto generator = static_cast<std::uint16_t>(*sequence + 1);
        monitor_->run(fmt::format("alter table {} auto_increment = {}", name, generator * million));
        counters_.push_back({.table = table,
                             .generator = generator,
                             .shown = last_number(setup_, table, column, numbers_) + 1});
      }
    }
  }
}

void MariaDb::reset() {
  while (!sessions_.empty()) {
    disconnect(sessions_.begin()->first);
  }
  const std::vector<sql::Table>& tables = setup_.schema->tables;
  monitor_->run("begin");
  for (std::uint16_t table = 0; table < static_cast<std::uint16_t>(tables.size()); ++table) {
    if (changed_[table]) {
      const std::string name = spelled_name(tables[table]);
      monitor_->run("delete from " + name);
      monitor_->run(fmt::format("insert into {} select * from racelab_start_{}", name, table));
    }
  }
  monitor_->run("commit");
  for (Counter& counter : counters_) {
    if (counter.moved) {
      read_counter(counter);
    }
  }
  set_clock(script_clock);
  woken_.clear();
  may_go_on_ = false;
}

void MariaDb::read_counter(Counter& counter) {
  const sql::Table& table = setup_.schema->tables[counter.table];
  const auto rows = monitor_->run(
      fmt::format("select auto_increment from information_schema.tables where table_schema = '{}' "
                  "and table_name = '{}'",
                  table.schema.empty() ? database : table.schema, table.name));
  counter.drawn = std::stoll(rows.front().front().value_or("0"));
  counter.moved = false;
  const std::int64_t first = counter.generator * million;
  if (counter.drawn > first + (million / 2)) {
    monitor_->run(fmt::format("alter table {} auto_increment = {}", spelled_name(table), first));
    counter.drawn = first;
  }
}

// ---- sessions

void MariaDb::connect(SessionId session, sql::Isolation isolation) {
  RACELAB_EXPECT(sessions_.find(session) == sessions_.end());
  Session& it = sessions_[session];
  it.isolation = isolation;
  std::vector<Line>& idle = idle_[isolation];
  if (idle.empty()) {
    it.line = std::make_unique<MariaLine>(context_, socket_, database);
    it.line->run(fmt::format("set session transaction isolation level {}", level_text(isolation)));
  } else {
    it.line = std::move(idle.back());
    idle.pop_back();
  }
}

// A session that is lost is rolled back by the server.
void MariaDb::disconnect(SessionId session) {
  const auto found = sessions_.find(session);
  RACELAB_EXPECT(found != sessions_.end());
  Session it = std::move(found->second);
  sessions_.erase(found);
  may_go_on_ = true;
  if (!it.line->busy()) {
    if (it.line->in_transaction()) {
      it.line->run("rollback");
    }
    idle_[it.isolation].push_back(std::move(it.line));
    return;
  }
  const unsigned long thread = it.line->thread();
  monitor_->run(fmt::format("kill {}", thread));
  it.line.reset();
  const std::string there =
      fmt::format("select 1 from information_schema.processlist where id = {}", thread);
  while (!monitor_->run(there).empty()) {
  }
}

bool MariaDb::waiting(SessionId session) const {
  const auto found = sessions_.find(session);
  return found != sessions_.end() && found->second.waits;
}

bool MariaDb::in_transaction(SessionId session) const {
  const Session& it = sessions_.at(session);
  return !it.begin.empty() || it.line->in_transaction();
}

const sql::Result& MariaDb::result(SessionId session) const { return sessions_.at(session).result; }

std::vector<SessionId> MariaDb::blockers(SessionId session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? std::vector<SessionId>{} : found->second.blockers;
}

// ---- statements

sql::Server::Progress MariaDb::execute(SessionId session, const sql::Statement& statement,
                                       sql::Values parameters,
                                       const std::vector<sql::FoundLocked>* /*pretend*/) {
  Session& it = sessions_.at(session);
  RACELAB_EXPECT(!it.line->busy());
  it.statement = &statement;
  it.result = {};
  if (!in_transaction(session)) {
    it.started = clock_;
    if (statement.kind == sql::Statement::Kind::begin) {
      if (statement.isolation) {
        it.begin.push_back("set transaction isolation level " + level_text(*statement.isolation));
      }
      it.begin.emplace_back("begin");  // nobody sees it: it goes with the next statement
      return Progress::done;
    }
  }
  it.found_locked.clear();
  if (numbers_ == Numbers::in_millions && asks_without_waiting(statement)) {
    it.found_locked = locked_now(statement);  // in lockstep the store knows
  }
  send(it, statement, parameters);
  for (Micros patience = answers_within;; patience = asks_again_after) {
    if (std::optional<MariaAnswer> answer = it.line->receive(patience)) {
      finish(it, std::move(*answer));
      return Progress::done;
    }
    collect();
    if (all_stand()) {
      it.waits = true;
      it.result.waited = true;
      return Progress::waiting;
    }
  }
}

void MariaDb::send(Session& it, const sql::Statement& statement, const sql::Values& parameters) {
  for (const std::string& word : it.begin) {
    it.line->run(word);
  }
  it.begin.clear();
  const std::string text =
      spelled(statement.text, Dialect::mariadb, *setup_.schema,
              [&](std::size_t number) { return spelled(as_drawn(parameters[number])); });
  if (text.find("@racelab_") != std::string::npos) {
    it.line->run(fmt::format("set @racelab_now = {}, @racelab_clock = {}", it.started, clock_));
  }
  if (statement.kind == sql::Statement::Kind::insert) {
    for (Counter& counter : counters_) {
      counter.moved = counter.moved || counter.table == statement.insert.table;
    }
  }
  it.line->send(text);
}

void MariaDb::finish(Session& it, MariaAnswer answer) {
  const sql::Statement& statement = *it.statement;
  const bool waited = it.result.waited;
  it.result = {};
  it.result.waited = waited;
  it.result.found_locked = std::move(it.found_locked);
  it.waits = false;
  it.blockers.clear();
  may_go_on_ = true;
  if (answer.error != 0) {
    it.result.error = state_of(answer.error);
    it.result.server_code = std::to_string(answer.error);
    it.result.message = std::move(answer.message);
    return;
  }
  it.result.affected =
      statement.kind < sql::Statement::Kind::begin ? answer.affected : std::uint64_t{0};
  it.result.changed = statement.changes_rows() ? answer.affected : 0;
  const std::vector<sql::Type> types = types_of(statement.answers());
  for (const std::vector<MariaText>& row : answer.rows) {
    sql::Values& values = it.result.rows.emplace_back();
    for (std::size_t column = 0; column < types.size(); ++column) {
      values.push_back(value_of(row[column], types[column]));
    }
  }
}

// ---- waits

void MariaDb::collect() {
  for (auto& [session, it] : sessions_) {
    if (it.waits) {
      if (std::optional<MariaAnswer> answer = it.line->receive(Micros(0))) {
        finish(it, std::move(*answer));
        woken_.push_back(session);
      }
    }
  }
}

// The count is taken while no deadlock is being looked for; who was let go since is still in it, but is not said to wait.
bool MariaDb::all_stand() {
  std::map<unsigned long, SessionId> session_of;
  std::size_t busy = 0;
  for (const auto& [session, it] : sessions_) {
    session_of.emplace(it.line->thread(), session);
    busy += it.line->busy() ? 1 : 0;
  }
  const auto count = monitor_->run("show global status like 'Innodb_row_lock_current_waits'");
  if (*count.front()[1] != std::to_string(busy)) {
    return false;
  }
  const auto status = monitor_->run("show engine innodb status");
  const auto waits = innodb_waits(*status.front()[2]);
  for (auto& [session, it] : sessions_) {
    const auto found = waits.find(it.line->thread());
    if (it.line->busy() && found == waits.end()) {
      return false;
    }
    it.blockers.clear();
    if (found != waits.end()) {
      for (const unsigned long thread : found->second) {
        const auto other = session_of.find(thread);
        it.blockers.push_back(other == session_of.end() ? sql::nobody : other->second);
      }
    }
  }
  return true;
}

void MariaDb::settle(Branches& /*branches*/) {
  const auto waits = [](const auto& it) { return it.second.waits; };
  while (may_go_on_) {
    collect();
    const auto first = std::find_if(sessions_.begin(), sessions_.end(), waits);
    if (first == sessions_.end() || all_stand()) {
      may_go_on_ = false;
    } else if (auto answer = first->second.line->receive(asks_again_after)) {
      finish(first->second, std::move(*answer));
      woken_.push_back(first->first);
    }
  }
}

void MariaDb::end_wait(SessionId session, const sql::SqlState& error) {
  Session& it = sessions_.at(session);
  RACELAB_EXPECT(it.waits);
  monitor_->run(fmt::format("kill query {}", it.line->thread()));
  MariaAnswer answer = it.line->receive();
  const bool timed_out = answer.error == interrupted && error == sql::state::lock_not_available;
  if (timed_out) {  // which undoes the same: the statement, and nothing else
    answer.error = 1205;
    answer.message = "Lock wait timeout exceeded; try restarting transaction";
  }
  finish(it, std::move(answer));
}

std::vector<sql::FoundLocked> MariaDb::locked_now(const sql::Statement& statement) {
  if (!prober_) {
    prober_ = std::make_unique<MariaLine>(context_, socket_, database);
    prober_->run("set session transaction isolation level read committed");
  }
  std::vector<sql::FoundLocked> found;
  const auto look_at = [&](const sql::Select& select) {
    if (select.lock == sql::LockMode::none || select.if_locked == sql::IfLocked::wait) {
      return;
    }
    for (const sql::Source& source : select.from) {
      if (source.derived) {
        continue;
      }
      const sql::Table& table = setup_.schema->tables[source.table];
      const std::vector<std::uint16_t> key = key_columns(table);
      std::vector<std::string> names;
      names.reserve(key.size());
      for (const std::uint16_t column : key) {
        names.push_back(fmt::format("\"{}\"", table.columns[column].name));
      }
      const std::string query =
          fmt::format("select {} from {}", fmt::join(names, ", "), spelled_name(table));
      const std::vector<sql::Type> types = types_of(table, key);
      prober_->run("begin");
      prober_->send(query + " for update skip locked");
      const MariaAnswer free = prober_->receive();
      prober_->run("rollback");
      for (const sql::Values& row : rows_of(query, types)) {
        const bool is_free =
            std::any_of(free.rows.begin(), free.rows.end(), [&](const auto& other) {
              for (std::size_t i = 0; i < row.size(); ++i) {
                if (!(value_of(other[i], types[i]) == row[i])) {
                  return false;
                }
              }
              return true;
            });
        if (!is_free) {
          found.push_back({source.table, row});
        }
      }
    }
  };
  sql::each_part(statement, look_at, [](const sql::Expression&) {});
  return found;
}

// ---- values

sql::Value MariaDb::value_of(const MariaText& text, sql::Type type) const {
  if (!text) {
    return sql::Value::null(type);
  }
  if (type == sql::Type::timestamptz || type == sql::Type::interval) {
    std::int64_t micros = 0;
    std::from_chars(text->data(), text->data() + text->size(), micros);
    return sql::Value::of(type, micros);
  }
  std::optional<sql::Value> value = sql::from_text(type, *text);
  if (!value) {
    throw DriverError(fmt::format("MariaDB answers '{}', which is no {} that can be compared",
                                  *text, sql::name_of(type)));
  }
  for (const Counter& counter : counters_) {
    const std::int64_t first = counter.generator * million;
    if (sql::is_number(type) && value->number >= first && value->number < first + million) {
      value->number += counter.shown - counter.drawn;
      break;
    }
  }
  return marked(*std::move(value), *setup_.schema, numbers_);
}

// A number that was drawn and shown goes back as it stands in the tables.
sql::Value MariaDb::as_drawn(sql::Value value) const {
  for (const Counter& counter : counters_) {
    if (!value.is_null && value.generator == counter.generator) {
      value.number += counter.drawn - counter.shown;
    }
  }
  return value;
}

std::vector<sql::Values> MariaDb::rows_of(const std::string& query,
                                          const std::vector<sql::Type>& types) const {
  std::vector<sql::Values> rows;
  for (const std::vector<MariaText>& row : monitor_->run(query)) {
    sql::Values& values = rows.emplace_back();
    for (std::size_t column = 0; column < types.size(); ++column) {
      values.push_back(value_of(row[column], types[column]));
    }
  }
  return rows;
}

std::vector<sql::Values> MariaDb::contents(std::uint16_t table) const {
  const sql::Table& it = setup_.schema->tables[table];
  if (it.bookkeeping) {
    return {};
  }
  std::vector<sql::Values> rows = rows_of("select * from " + spelled_name(it), types_of(it));
  sort_rows(rows);
  return rows;
}

}  // namespace racelab::drivers
