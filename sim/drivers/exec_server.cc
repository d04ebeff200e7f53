// Every request has a number, and its answer has the same; the answer of a statement that waits comes later than others.
#include "sim/drivers/exec_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/laid_out.h"
#include "sim/kernel/expect.h"
#include "sim/parse/lexer.h"
#include "sim/parse/tree.h"

namespace racelab::drivers {

namespace {

namespace json = boost::json;
using sql::SessionId;

constexpr std::int64_t whole_max = std::int64_t{1} << 53;  // as JavaScript's numbers go
constexpr std::chrono::microseconds asks_after(3'000);

// From the weakest; a stronger one may stand for a weaker one.
constexpr std::array<std::string_view, 3> levels{
    {"read-committed", "repeatable-read", "serializable"}};

// What a driver cannot have from us: our clock, and ids that are drawn again.
constexpr std::array<std::string_view, 5> unsteady{
    {"now", "clock_timestamp", "current_timestamp", "transaction_timestamp", "gen_random_uuid"}};

// Calls `visit` with what is no quoted text and no comment: a word, or one other letter; and with the rest as it is.
template <typename Word, typename Rest>
void each_word(const std::string& sql, const Word& word, const Rest& rest) {
  for (std::size_t at = 0; at < sql.size();) {
    std::size_t end = parse::end_of_quoted(sql, at);
    if (end > at) {
      rest(sql.substr(at, end - at));
    } else {
      end = at + 1;
      while (end < sql.size() && parse::in_name(sql[end]) &&
             (parse::starts_name(sql[at]) || sql[at] == '$')) {
        ++end;
      }
      word(sql.substr(at, end - at));
    }
    at = end;
  }
}

void refuse_unsteady(const std::string& sql, const std::string& name) {
  each_word(
      sql,
      [&name](const std::string& word) {
        if (std::find(unsteady.begin(), unsteady.end(), word) != unsteady.end()) {
          throw NotInThisDatabase(fmt::format(
              "{} has its own {}: what asks for the time or draws ids is not run on a driver", name,
              word));
        }
      },
      [](const std::string&) {});
}

json::value json_of(const sql::Value& value) {
  if (value.is_null) {
    return nullptr;
  }
  if (value.type == sql::Type::boolean) {
    return value.is_true();
  }
  if (sql::is_number(value.type) && value.number < whole_max && value.number > -whole_max) {
    return value.number;
  }
  return json::string(sql::to_text(value));
}

// $2 … $1 as ? … ?, with the parameters in that order.
std::pair<std::string, json::array> with_marks(const std::string& sql, const json::array& given) {
  std::string text;
  json::array ordered;
  each_word(
      sql,
      [&](const std::string& word) {
        const bool numbered =
            word.size() > 1 && word[0] == '$' &&
            std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (numbered) {
          ordered.push_back(given.at(std::stoul(word.substr(1)) - 1));
        }
        text += numbered ? "?" : word;
      },
      [&text](const std::string& rest) { text += rest; });
  return {text, ordered};
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

[[noreturn]] void nonsense(const std::string& what) {
  throw DriverError("the driver does not keep to docs/drivers.md: " + what);
}

sql::SqlState state_in(const json::object& error) {
  const std::string code = text_in(error, "sqlstate");
  const bool right = code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                     });
  if (!right) {
    nonsense(fmt::format("the 'sqlstate' of an error has five digits or capitals, not '{}'", code));
  }
  return sql::SqlState(code.c_str());
}

// SQL that this database does not have.
bool is_unknown_sql(const sql::SqlState& state) {
  return state == sql::SqlState("42601") || state == sql::SqlState("0A000") ||
         state == sql::SqlState("42883") || state == sql::SqlState("42704");
}

}  // namespace

ExecServer::ExecServer(const std::string& command, const ScriptSetup& setup,
                       const std::string& setup_sql, Numbers numbers, const ExecPatience& patience)
    : setup_(setup), numbers_(numbers), patience_(patience), process_(command) {
  say_hello();
  lay_out(setup_sql);
  remember_start();
  reset();
}

// ---- requests

void ExecServer::say_hello() {
  const json::object hello = ask({{"do", "hello"}, {"version", 1}}, patience_.hello);
  const std::string name = text_in(hello, "name");
  const std::string version = text_in(hello, "version");
  const std::string marks = text_in(hello, "placeholders");
  if (name.empty() || version.empty() || (marks != "$1" && marks != "?")) {
    nonsense("to hello it answers with 'name', 'version' and 'placeholders', which are $1 or ?");
  }
  name_ = name + ' ' + version;
  numbered_ = marks == "$1";
  const json::value* waits = hello.if_contains("waits");
  knows_waits_ = waits != nullptr && waits->is_bool() && waits->as_bool();
  const json::value* isolation = hello.if_contains("isolation");
  if (isolation != nullptr && isolation->is_array()) {
    for (const json::value& it : isolation->as_array()) {
      levels_.emplace_back(it.is_string() ? std::string(it.as_string()) : "");
    }
  }
  if (levels_.empty()) {
    nonsense("to hello it answers with the levels of 'isolation' that it has");
  }
}

json::object ExecServer::ask(json::object request, std::chrono::microseconds patience) const {
  const std::uint64_t number = ++last_number_;
  const std::string what = text_in(request, "do");
  request["id"] = number;
  process_.send(request);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
        end - std::chrono::steady_clock::now());
    std::optional<json::object> message = left.count() > 0 ? process_.receive(left) : std::nullopt;
    if (!message) {
      throw DriverError(fmt::format("the driver does not answer '{}' within {} ms", what,
                                    patience.count() / 1'000));
    }
    const json::value* id = message->if_contains("id");
    if (id != nullptr && id->is_int64() && id->as_int64() == static_cast<std::int64_t>(number)) {
      if (const json::value* error = message->if_contains("error");
          error != nullptr && what != "run") {
        throw DriverError(fmt::format(
            "the driver cannot {}: {}", what,
            error->is_object() ? text_in(error->as_object(), "message") : json::serialize(*error)));
      }
      return std::move(*message);
    }
    take(*message);
  }
}

json::object ExecServer::ask(json::object request) const {
  return ask(std::move(request), patience_.answer);
}

void ExecServer::take(const json::object& message) const {
  const json::value* id = message.if_contains("id");
  const auto number =
      id != nullptr && id->is_int64() ? static_cast<std::uint64_t>(id->as_int64()) : 0;
  const bool asked =
      number != 0 && std::any_of(sessions_.begin(), sessions_.end(),
                                 [number](const auto& it) { return it.second.running == number; });
  if (!asked || answers_.contains(number)) {
    nonsense(
        fmt::format("it answers what was not asked: {}", json::serialize(message).substr(0, 60)));
  }
  answers_.emplace(number, message);
}

bool ExecServer::receive(std::chrono::microseconds patience) const {
  std::optional<json::object> message = process_.receive(patience);
  if (message) {
    take(*message);
  }
  return message.has_value();
}

json::object ExecServer::run(const std::string& sql) const {
  json::object answer =
      ask({{"do", "run"}, {"session", 0}, {"sql", sql}, {"parameters", json::array()}});
  if (const json::value* error = answer.if_contains("error")) {
    const json::object& it = error->is_object() ? error->as_object() : answer;
    const std::string problem =
        fmt::format("{} refuses what was sent: {}", name_, text_in(it, "message"));
    if (is_unknown_sql(state_in(it))) {
      throw NotInThisDatabase(problem);
    }
    throw DriverError(problem);
  }
  return answer;
}

// ---- tables

void ExecServer::lay_out(const std::string& setup_sql) {
  refuse_unsteady(setup_sql, name_);
  for (const auto& script : setup_.scripts) {
    for (const Instruction& it : script->instructions) {
      refuse_unsteady(it.statement.text, name_);
    }
  }
  ask({{"do", "open"}, {"session", 0}, {"isolation", levels_.front()}});
  for (const parse::ParsedStatement& it : parse::parse_sql(setup_sql)) {
    run(setup_sql.substr(it.offset, it.length));
  }
  bool schema = false;
  for (const sql::Table& table : setup_.schema->tables) {
    if (table.bookkeeping) {
      if (!schema) {
        run("create schema racelab");
        schema = true;
      }
      run(create_table(table, table.full_name()));
    }
  }
}

// As ordinary statements: copies of the tables, from which they are laid back.
void ExecServer::remember_start() {
  const std::vector<bool> changed = changed_tables(setup_);
  const std::vector<sql::Table>& tables = setup_.schema->tables;
  std::vector<std::string> inserts;
  for (std::size_t table = 0; table < tables.size(); ++table) {
    if (!changed[table]) {
      continue;
    }
    const std::string name = tables[table].full_name();
    const bool always = std::any_of(tables[table].columns.begin(), tables[table].columns.end(),
                                    [](const sql::Column& it) { return it.always; });
    run(fmt::format("create table racelab_start_{} as select * from {}", table, name));
    reset_statements_.insert(reset_statements_.begin(), fmt::format("delete from {}", name));
    inserts.push_back(fmt::format("insert into {} {}select * from racelab_start_{}", name,
                                  always ? "overriding system value " : "", table));
  }
  reset_statements_.insert(reset_statements_.end(), inserts.begin(), inserts.end());
  std::int64_t at = 0;
  for (const sql::Sequence& it : setup_.schema->sequences) {
    at += million;
    if (numbers_ == Numbers::in_millions) {
      reset_statements_.push_back(fmt::format("select setval('{}', {}, false)", it.name, at));
      continue;
    }
    const json::object answer = run(fmt::format("select last_value, is_called from {}", it.name));
    const json::value* rows = answer.if_contains("rows");
    if (rows == nullptr || !rows->is_array() || rows->as_array().size() != 1) {
      nonsense("a SELECT of one row answers with 'rows', a list of it");
    }
    const std::vector<sql::Value> row =
        row_of(rows->as_array().front(), {sql::Type::bigint, sql::Type::boolean});
    reset_statements_.push_back(
        fmt::format("select setval('{}', {}, {})", it.name, row[0].number, row[1].is_true()));
  }
}

void ExecServer::reset() {
  while (!sessions_.empty()) {
    disconnect(sessions_.begin()->first);
  }
  for (const std::string& it : reset_statements_) {
    run(it);
  }
  clock_ = script_clock;
  woken_.clear();
  may_go_on_ = false;
  missed_deadlock_ = false;
}

std::vector<sql::Values> ExecServer::contents(std::uint16_t table) const {
  const sql::Table& it = setup_.schema->tables[table];
  std::vector<sql::Values> rows;
  if (it.bookkeeping) {
    return rows;
  }
  std::vector<sql::Type> types;
  for (const sql::Column& column : it.columns) {
    types.push_back(column.type);
  }
  const json::object answer = run(fmt::format("select * from {}", it.full_name()));
  const json::value* found = answer.if_contains("rows");
  if (found == nullptr || !found->is_array()) {
    nonsense("a SELECT answers with 'rows', a list");
  }
  for (const json::value& row : found->as_array()) {
    rows.push_back(row_of(row, types));
  }
  sort_rows(rows);
  return rows;
}

// ---- sessions; the driver's session 0 is our own

void ExecServer::connect(SessionId session, sql::Isolation isolation) {
  RACELAB_EXPECT(!sessions_.contains(session));
  for (auto level = static_cast<std::size_t>(isolation); level < levels.size(); ++level) {
    const std::string name(levels[level]);
    if (std::find(levels_.begin(), levels_.end(), name) != levels_.end()) {
      ask({{"do", "open"}, {"session", session + 1}, {"isolation", name}});
      sessions_[session];
      return;
    }
  }
  throw NotInThisDatabase(fmt::format("{} has no level as strong as {}; --isolation takes another",
                                      name_, levels[static_cast<std::size_t>(isolation)]));
}

void ExecServer::disconnect(SessionId session) {
  const Session& it = sessions_.at(session);
  may_go_on_ = true;
  const bool cut = it.running != 0 || it.in_transaction;
  const std::uint64_t running = it.running;
  ask({{"do", cut ? "cut" : "close"}, {"session", session + 1}});
  answers_.erase(running);
  sessions_.erase(session);
}

bool ExecServer::waiting(SessionId session) const {
  const auto found = sessions_.find(session);
  return found != sessions_.end() && found->second.waits;
}

bool ExecServer::in_transaction(SessionId session) const {
  const Session& it = sessions_.at(session);
  return !it.begin.empty() || it.in_transaction;
}

const sql::Result& ExecServer::result(SessionId session) const {
  return sessions_.at(session).result;
}

std::vector<SessionId> ExecServer::blockers(SessionId session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() || !found->second.waits ? std::vector<SessionId>{}
                                                          : found->second.blockers;
}

// ---- statements

sql::Server::Progress ExecServer::execute(SessionId session, const sql::Statement& statement,
                                          sql::Values parameters,
                                          const std::vector<sql::FoundLocked>* /*pretend*/) {
  Session& it = sessions_.at(session);
  it.statement = &statement;
  it.result = {};
  if (statement.kind == sql::Statement::Kind::begin && !in_transaction(session)) {
    it.begin = statement.text;  // nobody sees it: it goes before the next statement
    return Progress::done;
  }
  if (!it.begin.empty()) {
    it.to_send.push_back({std::exchange(it.begin, ""), {}});
  }
  json::array values;
  for (const sql::Value& value : parameters) {
    values.push_back(json_of(value));
  }
  it.to_send.push_back({statement.text, std::move(values)});
  send_next(session, it);
  return await(session);
}

void ExecServer::send_next(SessionId session, Session& it) {
  Request next = std::move(it.to_send.front());
  it.to_send.pop_front();
  it.running = ++last_number_;
  if (!numbered_) {
    auto [text, ordered] = with_marks(next.sql, next.parameters);
    next = {std::move(text), std::move(ordered)};
  }
  process_.send({{"id", it.running},
                 {"do", "run"},
                 {"session", session + 1},
                 {"sql", next.sql},
                 {"parameters", next.parameters}});
}

sql::Server::Progress ExecServer::await(SessionId session) {
  Session& it = sessions_.at(session);
  const auto begin = std::chrono::steady_clock::now();
  const bool somebody =
      std::any_of(sessions_.begin(), sessions_.end(), [session](const auto& other) {
        return other.first != session && other.second.in_transaction;
      });
  while (true) {
    const auto found = answers_.find(it.running);
    if (found != answers_.end()) {
      const json::object answer = std::move(found->second);
      answers_.erase(found);
      if (!it.to_send.empty() && !answer.contains("error")) {  // BEGIN has been done
        it.in_transaction = true;
        send_next(session, it);
        continue;
      }
      finish(it, answer);
      return Progress::done;
    }
    const auto spent = std::chrono::steady_clock::now() - begin;
    if (spent > patience_.answer) {
      throw DriverError(
          fmt::format("the driver does not answer a statement within {} ms, and does "
                      "not say that it waits",
                      patience_.answer.count() / 1'000));
    }
    if (receive(asks_after)) {
      continue;
    }
    if (knows_waits_ || (somebody && spent > patience_.waits_after)) {
      look();
      if (!it.blockers.empty()) {
        it.waits = true;
        it.result.waited = true;
        return Progress::waiting;
      }
    }
  }
}

void ExecServer::look() {
  for (auto& [session, it] : sessions_) {
    it.blockers.clear();
  }
  if (!knows_waits_) {
    for (auto& [session, it] : sessions_) {
      for (const auto& [other, of_other] : sessions_) {
        if (it.running != 0 && other != session && of_other.in_transaction) {
          it.blockers.push_back(other);
        }
      }
    }
    return;
  }
  const json::object answer = ask({{"do", "waits"}});
  const json::value* waits = answer.if_contains("waits");
  if (waits == nullptr || !waits->is_object()) {
    nonsense("to waits it answers with 'waits', an object: by session, for whom");
  }
  for (const auto& [who, whom] : waits->as_object()) {
    for (auto& [session, it] : sessions_) {
      if (fmt::format("{}", session + 1) != std::string_view(who.data(), who.size()) ||
          it.running == 0 || answers_.contains(it.running)) {
        continue;
      }
      for (const json::value& other : whom.is_array() ? whom.as_array() : json::array()) {
        const std::int64_t number = other.is_int64() ? other.as_int64() - 1 : -1;
        const auto found = sessions_.find(static_cast<SessionId>(number));
        if (number < 0 || found == sessions_.end()) {
          nonsense(fmt::format("a session waits for {}, which is none", json::serialize(other)));
        }
        it.blockers.push_back(found->first);
      }
    }
  }
}

void ExecServer::finish(Session& it, const json::object& answer) {
  const sql::Statement& statement = *it.statement;
  const bool waited = it.result.waited;
  it.result = {};
  it.result.waited = waited;
  it.running = 0;
  it.to_send.clear();
  it.waits = false;
  it.blockers.clear();
  const json::value* error = answer.if_contains("error");
  if (error != nullptr) {
    const json::object& what = error->is_object() ? error->as_object() : answer;
    it.result.error = state_in(what);
    it.result.message = text_in(what, "message");
    if (is_unknown_sql(it.result.error)) {
      throw NotInThisDatabase(fmt::format("{} does not know this SQL: {} ({})", name_,
                                          it.result.message, it.result.error.code()));
    }
    if (it.ends_with && it.result.error == sql::SqlState("57014")) {
      it.result.error = *it.ends_with;
    }
  } else {
    const json::value* count = answer.if_contains("count");
    const bool counted = count != nullptr && count->is_int64() && count->as_int64() >= 0;
    if (statement.changes_rows() && !counted) {
      nonsense("a statement that changes rows answers with 'count', how many");
    }
    it.result.affected = counted ? static_cast<std::uint64_t>(count->as_int64()) : 0;
    it.result.changed =
        statement.changes_rows()
            ? std::max<std::uint64_t>(it.result.affected, statement.with.empty() ? 0 : 1)
            : 0;
    std::vector<sql::Type> types;
    for (const sql::Target& target : statement.answers()) {
      types.push_back(target.expression.type);
    }
    const json::value* rows = answer.if_contains("rows");
    if (!types.empty() && (rows == nullptr || !rows->is_array())) {
      nonsense("a statement that asks for rows answers with 'rows', a list");
    }
    for (const json::value& row : types.empty() ? json::array() : rows->as_array()) {
      it.result.rows.push_back(row_of(row, types));
    }
  }
  it.ends_with.reset();
  using Kind = sql::Statement::Kind;
  if (statement.kind == Kind::begin || statement.kind == Kind::savepoint) {
    it.in_transaction = true;
  } else if (statement.kind == Kind::commit || statement.kind == Kind::rollback) {
    it.in_transaction = false;
  }
  may_go_on_ =
      may_go_on_ || error != nullptr || !it.in_transaction || statement.kind == Kind::rollback_to;
}

// ---- waits

void ExecServer::settle(Branches& /*branches*/) {
  const auto waits = [](const auto& it) { return it.second.waits; };
  const auto begin = std::chrono::steady_clock::now();
  bool may_go_on = std::exchange(may_go_on_, false);
  while (may_go_on && std::any_of(sessions_.begin(), sessions_.end(), waits)) {
    bool went = false;
    for (auto& [session, it] : sessions_) {
      const auto found = it.waits ? answers_.find(it.running) : answers_.end();
      if (found != answers_.end()) {
        const json::object answer = std::move(found->second);
        answers_.erase(found);
        went = true;
        if (!it.to_send.empty() && !answer.contains("error")) {
          it.in_transaction = true;
          send_next(session, it);
        } else {
          finish(it, answer);
          woken_.push_back(session);
        }
      }
    }
    if (went || receive(knows_waits_ ? asks_after : patience_.waits_after)) {
      continue;
    }
    look();
    // Who waits for nobody is at work; where that is not known, enough time has passed.
    const bool all_stand = std::all_of(sessions_.begin(), sessions_.end(), [](const auto& it) {
      return !it.second.waits || !it.second.blockers.empty();
    });
    if (!knows_waits_ || (all_stand && answers_.empty())) {
      break;
    }
    if (std::chrono::steady_clock::now() - begin > patience_.answer) {
      throw DriverError("a statement waits for nobody, and the driver does not answer it");
    }
  }
  may_go_on_ = false;
}

void ExecServer::end_wait(SessionId session, const sql::SqlState& error) {
  Session& it = sessions_.at(session);
  RACELAB_EXPECT(it.waits);
  missed_deadlock_ = missed_deadlock_ || error == sql::state::deadlock_detected;
  it.ends_with = error;
  it.to_send.clear();
  ask({{"do", "cancel"}, {"session", session + 1}});
  (void)await(session);
  may_go_on_ = true;
}

// ---- values

sql::Value ExecServer::value_of(const json::value& value, sql::Type type) const {
  if (value.is_null()) {
    return sql::Value::null(type);
  }
  if (type == sql::Type::nothing) {
    return sql::Value::of(type, std::string());
  }
  std::string text;
  if (value.is_string()) {
    text = value.as_string();
  } else if (value.is_double() && std::floor(value.as_double()) == value.as_double() &&
             std::abs(value.as_double()) < static_cast<double>(whole_max)) {
    text = fmt::format("{}", static_cast<std::int64_t>(value.as_double()));
  } else {
    text = json::serialize(value);
  }
  std::optional<sql::Value> read = sql::from_text(type, text);
  if (!read) {
    nonsense(fmt::format("it answers {}, which is no {}", json::serialize(value).substr(0, 60),
                         sql::name_of(type)));
  }
  return marked(std::move(*read), *setup_.schema, numbers_);
}

std::vector<sql::Value> ExecServer::row_of(const json::value& row,
                                           const std::vector<sql::Type>& types) const {
  if (!row.is_array() || row.as_array().size() != types.size()) {
    nonsense(fmt::format("a row here is a list of {} values, not {}", types.size(),
                         json::serialize(row).substr(0, 60)));
  }
  std::vector<sql::Value> values;
  for (std::size_t i = 0; i < types.size(); ++i) {
    values.push_back(value_of(row.as_array()[i], types[i]));
  }
  return values;
}

}  // namespace racelab::drivers
