// Sends statements one at a time, and learns from the server who waits for whom.
#include "sim/drivers/postgresql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/laid_out.h"
#include "sim/drivers/server_clock.h"
#include "sim/kernel/expect.h"
#include "sim/parse/server_sql.h"

namespace racelab::drivers {

namespace {

using sql::SessionId;

// A statement that has not answered after so long may wait for a lock: the server is asked; and again after twice as long, since it
// may be the processor that is waited for.
constexpr Micros asks_after(60);
constexpr Micros asks_after_at_most(2'000);
// Where nobody else holds anything, there is nobody to wait for.
constexpr Micros asks_when_alone_after(10'000);
// Somebody who has waited for a lock that is free now answers soon.
constexpr Micros wakes_within(300);
// A deadlock that nobody found after so long is not found any more.
constexpr Micros deadlock_within(4'000'000);
// A statement that neither answers nor waits for another of ours is held by somebody else.
constexpr Micros strangers_within(30'000'000);

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

PgText parameter_text(const sql::Value& value) {
  return value.is_null ? PgText() : PgText(sql::to_text(value));
}

std::vector<int> numbers_in(std::string_view array) {  // {1,2}
  std::vector<int> numbers;
  const char* at = array.data();
  const char* const end = at + array.size();
  while (at != end) {
    int number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error == std::errc()) {
      numbers.push_back(number);
      at = next;
    } else {
      ++at;
    }
  }
  return numbers;
}

std::string column_list(const sql::Table& table, const std::vector<std::uint16_t>& columns) {
  std::string text;
  for (const std::uint16_t column : columns) {
    text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", table.columns[column].name);
  }
  return text;
}

std::string mode_text(sql::LockMode mode) {
  switch (mode) {
    case sql::LockMode::key_share:
      return "key share";
    case sql::LockMode::share:
      return "share";
    case sql::LockMode::no_key_update:
      return "no key update";
    case sql::LockMode::none:
    case sql::LockMode::update:
      break;
  }
  return "update";
}

// What ends the work, and is no answer of an endpoint's: no room, a server that shuts down, trouble of its own.
bool is_of_the_server(const sql::SqlState& state) {
  const std::string_view code = state.code();
  return code.starts_with("53") || code.starts_with("57P") || code.starts_with("58") ||
         code.starts_with("XX");
}

}  // namespace

PostgreSql::PostgreSql(PgRun& run, const ScriptSetup& setup, const std::string& setup_sql,
                       Numbers numbers)
    : run_(run),
      setup_(setup),
      own_(parse::schema_on_server(run.name(), "racelab")),
      numbers_(numbers),
      monitor_(context_, run.address()) {
  monitor_.run("set plan_cache_mode = force_generic_plan");  // it asks always the same
  lay_out(setup_sql);
  start_ = std::make_unique<PgStart>(monitor_, run, setup, numbers);
  reset();
}

// The connections go first: they hold locks.
PostgreSql::~PostgreSql() {
  sessions_.clear();
  idle_.clear();
  prober_.reset();
  try {
    run_.drop_schemas();
  } catch (const DriverError&) {
    // The server is gone; the next run drops them.
  }
}

std::string PostgreSql::version() const {
  const std::string all = monitor_.parameter("server_version");  // 15.20 (Debian 15.20-0+deb12u1)
  return "PostgreSQL " + all.substr(0, all.find(' '));
}

const std::string& PostgreSql::sent(const std::string& text) {
  const auto known = sent_.find(text);
  if (known != sent_.end()) {
    return known->second;
  }
  if (run_.guarded()) {
    parse::check_for_server({"a statement", text}, *setup_.schema);
  }
  return sent_.emplace(text, clock_words(parse::on_server(text, run_.name()))).first->second;
}

void PostgreSql::lay_out(const std::string& setup_sql) {
  if (run_.guarded()) {
    parse::check_for_server({"setup.sql", setup_sql}, *setup_.schema);
  }
  run_.create_schemas(*setup_.schema);
  monitor_.run(clock_functions(own_) + ";" + run_.advisory_functions());
  monitor_.run(clock_words(parse::on_server(setup_sql, run_.name())));
  uses_clock_ = names_clock(setup_sql);
  for (const auto& script : setup_.scripts) {
    for (const Instruction& it : script->instructions) {
      uses_clock_ = uses_clock_ || names_clock(it.statement.text);
    }
  }
  for (const sql::Table& table : setup_.schema->tables) {
    if (table.bookkeeping) {
      monitor_.run(create_table(table, name_there(run_, table)));
    }
  }
}

// Dead rows make tables longer: now and then they are made anew.
void PostgreSql::reset() {
  constexpr std::uint32_t emptied_every = 500;
  while (!sessions_.empty()) {
    disconnect(sessions_.begin()->first);
  }
  if (++resets_ % emptied_every == 0) {
    start_->empty(monitor_);
  }
  at_start_ = true;
  set_clock(script_clock);
  contents_.clear();
  woken_.clear();
  may_go_on_ = false;
  missed_deadlock_ = false;
}

void PostgreSql::bring_back() const {
  if (at_start_ && !start_->stands()) {
    start_->queue_reset(monitor_);
    monitor_.send();
    (void)monitor_.receive_each();
  }
}

// ---- sessions

PostgreSql::Line PostgreSql::take_line(sql::Isolation isolation) {
  std::vector<Line>& idle = idle_[isolation];
  if (!idle.empty()) {
    Line line = std::move(idle.back());
    idle.pop_back();
    return line;
  }
  Line line{std::make_unique<PgConnection>(context_, run_.address())};
  line->run(fmt::format("set default_transaction_isolation = '{}'", level_text(isolation)));
  return line;
}

void PostgreSql::set_clock(std::int64_t micros) {
  if (uses_clock_ && micros != clock_) {
    monitor_.run(set_moment(own_, micros));
  }
  clock_ = micros;
}

void PostgreSql::connect(SessionId session, sql::Isolation isolation) {
  RACELAB_EXPECT(sessions_.find(session) == sessions_.end());
  Session& it = sessions_[session];
  it.line = take_line(isolation);
  it.isolation = isolation;
}

// Nobody says goodbye: the server notices.
void PostgreSql::cut(Line line) {
  const int process = line->process();
  if (line->busy()) {
    monitor_.run(fmt::format("select pg_terminate_backend({})", process));
  }
  line.connection.reset();
  const std::string there = fmt::format("select 1 from pg_stat_activity where pid = {}", process);
  while (!monitor_.run(there).front().rows.empty()) {
  }
}

void PostgreSql::disconnect(SessionId session) {
  auto found = sessions_.find(session);
  RACELAB_EXPECT(found != sessions_.end());
  Session it = std::move(found->second);
  sessions_.erase(found);
  if (it.line->busy() || it.line->in_transaction()) {
    may_go_on_ = true;
    contents_.clear();
    cut(std::move(it.line));
    return;
  }
  if (it.advisory) {
    it.line->run("select pg_advisory_unlock_all()");
    may_go_on_ = true;
  }
  idle_[it.isolation].push_back(std::move(it.line));
}

void PostgreSql::set_deadlock_timeout(SessionId session, std::uint32_t milliseconds) {
  sessions_.at(session).deadlock_timeout = run_.steers_deadlocks() ? milliseconds : 0;
}

bool PostgreSql::waiting(SessionId session) const {
  const auto found = sessions_.find(session);
  return found != sessions_.end() && found->second.waits;
}

bool PostgreSql::in_transaction(SessionId session) const {
  const Session& it = sessions_.at(session);
  return !it.begin.empty() || it.line->in_transaction();
}

const sql::Result& PostgreSql::result(SessionId session) const {
  return sessions_.at(session).result;
}

std::vector<SessionId> PostgreSql::blockers(SessionId session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() || !found->second.waits ? std::vector<SessionId>{}
                                                          : found->second.blockers;
}

// ---- statements

sql::Server::Progress PostgreSql::execute(SessionId session, const sql::Statement& statement,
                                          sql::Values parameters,
                                          const std::vector<sql::FoundLocked>* /*pretend*/) {
  Session& it = sessions_.at(session);
  contents_.clear();
  it.statement = &statement;
  it.result = {};
  if (statement.kind == sql::Statement::Kind::begin && !in_transaction(session)) {
    it.begin = statement.text;  // nobody sees it: it goes with the next statement
    it.started = clock_;
    return Progress::done;
  }
  it.found_locked.clear();
  if (numbers_ == Numbers::in_millions && asks_without_waiting(statement)) {
    it.found_locked = locked_now(statement);  // in lockstep the store knows
  }
  send(it, statement, parameters);
  return await(session);
}

void PostgreSql::send(Session& it, const sql::Statement& statement, const sql::Values& parameters) {
  if (at_start_ && !start_->stands()) {
    start_->queue_reset(*it.line.connection);
    it.line->queue_end();
  }
  at_start_ = false;
  start_->note(statement);
  if (it.begin.empty() && !it.line->in_transaction()) {
    it.started = clock_;
  }
  if (!it.begin.empty()) {
    it.line->queue_word(sent(it.begin));
    it.begin.clear();
  }
  if (statement.kind < sql::Statement::Kind::begin) {  // words wait for nobody, and ask for no time
    send_settings(it);
  }
  std::vector<PgText> texts;
  texts.reserve(parameters.size());
  for (const sql::Value& value : parameters) {
    texts.push_back(parameter_text(value));
  }
  it.advisory = it.advisory || statement.text.find("advisory") != std::string::npos;
  it.line->queue(sent(statement.text), texts);
  it.line->send();
}

void PostgreSql::send_settings(Session& it) {
  if (run_.steers_deadlocks() && it.deadlock_timeout != it.line.deadlock_timeout) {
    it.line->queue_word(it.deadlock_timeout > 0
                            ? fmt::format("set deadlock_timeout = '{}ms'", it.deadlock_timeout)
                            : "set deadlock_timeout = '1h'");
    it.line.deadlock_timeout = it.deadlock_timeout;
  }
  if (uses_clock_) {
    it.line->queue(set_started, {std::to_string(it.started)});
  }
}

bool PostgreSql::others_hold(SessionId session) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [session](const auto& other) {
    const Session& it = other.second;
    return other.first != session && (it.line->busy() || it.line->in_transaction() || it.advisory);
  });
}

sql::Server::Progress PostgreSql::await(SessionId session) {
  Session& it = sessions_.at(session);
  const auto end = std::chrono::steady_clock::now() + strangers_within;
  Micros patience = others_hold(session) ? asks_after : asks_when_alone_after;
  while (true) {
    if (std::chrono::steady_clock::now() > end) {
      throw DriverError(
          "PostgreSQL does not answer a statement, and it waits for no session of racelab's");
    }
    if (std::optional<PgAnswer> answer = it.line->receive(patience)) {
      finish(it, std::move(*answer));
      return Progress::done;
    }
    look();
    if (stands(session)) {
      it.waits = true;
      it.result.waited = true;
      return Progress::waiting;
    }
    patience = std::min(2 * patience, asks_after_at_most);
  }
}

void PostgreSql::finish(Session& it, PgAnswer answer) {
  if (is_of_the_server(answer.error)) {
    throw DriverError(
        fmt::format("PostgreSQL gives up: {} ({})", answer.message, answer.error.code()));
  }
  if (answer.message.find(advisory_key_too_large) != std::string::npos) {
    throw DriverError(
        "on a server of yours an advisory key has at most 47 bits, and the first of two at most "
        "15: "
        "racelab moves them into a range of its own");
  }
  const sql::Statement& statement = *it.statement;
  const bool waited = it.result.waited;
  it.result = {};
  it.result.waited = waited;
  it.result.found_locked = std::move(it.found_locked);
  it.result.error = answer.error;
  it.result.message = std::move(answer.message);
  it.waits = false;
  it.blockers.clear();
  if (!answer.error.failed()) {
    it.result.affected = answer.affected;
    // What a WITH has changed nobody tells.
    it.result.changed = !statement.changes_rows() ? 0
                        : statement.with.empty()  ? answer.affected
                                                  : std::max<std::uint64_t>(answer.affected, 1);
    it.result.rolled_back =
        statement.kind == sql::Statement::Kind::commit && answer.tag == "ROLLBACK";
    const std::vector<sql::Target>& columns = statement.answers();
    for (const std::vector<PgText>& row : answer.rows) {
      sql::Values& values = it.result.rows.emplace_back();
      for (std::size_t column = 0; column < row.size() && column < columns.size(); ++column) {
        values.push_back(
            value_there(row[column], columns[column].expression.type, *setup_.schema, numbers_));
      }
    }
  }
  const bool rolled_back = answer.error.failed() || it.result.rolled_back ||
                           statement.kind == sql::Statement::Kind::rollback ||
                           statement.kind == sql::Statement::Kind::rollback_to;
  if (rolled_back) {
    it.line.deadlock_timeout.reset();
  }
  may_go_on_ = may_go_on_ || answer.error.failed() || !it.line->in_transaction() ||
               statement.kind == sql::Statement::Kind::rollback_to || it.advisory;
}

std::vector<sql::FoundLocked> PostgreSql::locked_now(const sql::Statement& statement) {
  bring_back();
  if (!prober_) {
    prober_ = std::make_unique<PgConnection>(context_, run_.address());
  }
  std::vector<sql::FoundLocked> found;
  const auto rows_of = [&](const sql::Select& select) {
    if (select.lock == sql::LockMode::none || select.if_locked == sql::IfLocked::wait) {
      return;
    }
    for (std::size_t i = 0; i < select.from.size(); ++i) {
      if (i >= select.locks.size() || !select.locks[i] || select.from[i].derived) {
        continue;
      }
      const sql::Table& table = setup_.schema->tables[select.from[i].table];
      const std::vector<std::uint16_t> key = key_columns(table);
      const std::vector<PgAnswer> answers = prober_->run(
          fmt::format("begin; with free as materialized (select {0} from {1} for {2} skip locked) "
                      "select {0} from {1} except select {0} from free; rollback",
                      column_list(table, key), name_there(run_, table), mode_text(select.lock)));
      for (const std::vector<PgText>& row : answers[1].rows) {
        sql::FoundLocked& one = found.emplace_back();
        one.table = select.from[i].table;
        for (std::size_t column = 0; column < key.size(); ++column) {
          one.key.push_back(
              value_there(row[column], table.columns[key[column]].type, *setup_.schema, numbers_));
        }
      }
    }
  };
  bool keys = false;
  sql::each_part(statement, rows_of, [&keys](const sql::Expression& it) {
    keys = keys || it.kind == sql::Expression::Kind::call;
  });
  if (keys) {
    const std::vector<PgAnswer> answers = monitor_.run(run_.advisory_keys_taken());
    for (const std::vector<PgText>& row : answers.front().rows) {
      found.push_back(
          {UINT16_MAX, {value_there(row.front(), sql::Type::bigint, *setup_.schema, numbers_)}});
    }
  }
  return found;
}

// ---- waits

void PostgreSql::look() {
  std::string processes;
  std::map<int, SessionId> session_of;
  for (auto& [session, it] : sessions_) {
    session_of.emplace(it.line->process(), session);
    if (it.line->busy()) {
      processes += fmt::format("{}{}", processes.empty() ? "" : ",", it.line->process());
      it.blockers.clear();
    }
  }
  monitor_.queue("select pid, pg_blocking_pids(pid) from unnest($1::int[]) as pid",
                 {"{" + processes + "}"});
  monitor_.send();
  for (const auto& row : monitor_.receive().rows) {
    Session& it = sessions_.at(session_of.at(std::stoi(*row[0])));
    for (const int process : numbers_in(*row[1])) {
      const auto other = session_of.find(process);
      it.blockers.push_back(other == session_of.end() ? sql::nobody : other->second);
    }
  }
}

// Whether it waits, and nobody that it waits for, or that they wait for, is at work.
bool PostgreSql::stands(SessionId session) const {
  std::vector<SessionId> open{session};
  std::set<SessionId> seen;
  while (!open.empty()) {
    const SessionId at = open.back();
    open.pop_back();
    if (at == sql::nobody) {
      return false;  // a session that was cut, and is still there
    }
    const Session& it = sessions_.at(at);
    if (it.line->busy() && it.blockers.empty()) {
      return false;
    }
    if (seen.insert(at).second && it.line->busy()) {
      open.insert(open.end(), it.blockers.begin(), it.blockers.end());
    }
  }
  return true;
}

bool PostgreSql::wake(SessionId session, Micros patience) {
  Session& it = sessions_.at(session);
  std::optional<PgAnswer> answer = it.line->receive(patience);
  if (!answer) {
    return false;
  }
  finish(it, std::move(*answer));
  woken_.push_back(session);
  return true;
}

bool PostgreSql::is_free(const Session& it) const {
  return std::none_of(it.blockers.begin(), it.blockers.end(), [this](SessionId other) {
    const auto found = sessions_.find(other);
    return found != sessions_.end() &&
           (found->second.line->busy() || found->second.line->in_transaction());
  });
}

void PostgreSql::settle(Branches& /*branches*/) {
  if (!std::exchange(may_go_on_, false)) {
    return;
  }
  std::vector<SessionId> waiting;
  for (const auto& [session, it] : sessions_) {
    if (it.waits) {
      waiting.push_back(session);
    }
  }
  // Whoever waited for nobody else is waited for; then the server is asked, until all that are left stand.
  for (Micros patience = wakes_within; !waiting.empty();) {
    const auto wakes = [&](SessionId session) {
      return wake(session, is_free(sessions_.at(session)) ? patience : Micros(0));
    };
    waiting.erase(std::remove_if(waiting.begin(), waiting.end(), wakes), waiting.end());
    if (waiting.empty()) {
      break;
    }
    look();
    if (std::all_of(waiting.begin(), waiting.end(),
                    [this](SessionId session) { return stands(session); })) {
      break;
    }
    patience = std::min(2 * patience, asks_after_at_most);
  }
  may_go_on_ = false;  // what those have done who went on is in what the server said
}

void PostgreSql::end_wait(SessionId session, const sql::SqlState& error) {
  Session& it = sessions_.at(session);
  RACELAB_EXPECT(it.waits);
  std::optional<PgAnswer> answer;
  if (error == sql::state::deadlock_detected && !run_.steers_deadlocks()) {
    missed_deadlock_ = true;  // ended below all the same, so that the order comes to its end
  } else if (error == sql::state::deadlock_detected && it.deadlock_timeout > 0) {
    answer = it.line->receive(deadlock_within);
    missed_deadlock_ = missed_deadlock_ || !answer;
  }
  if (!answer) {  // an interrupt ends it where it stands, with all that an error does
    monitor_.run(fmt::format("select pg_cancel_backend({})", it.line->process()));
    answer = it.line->receive();
    if (answer->error == sql::SqlState("57014")) {
      answer->error = error;
    }
  }
  finish(it, std::move(*answer));
  may_go_on_ = true;
  contents_.clear();
}

// ---- values

std::vector<sql::Values> PostgreSql::contents(std::uint16_t table) const {
  if (contents_.empty()) {
    bring_back();
    contents_ = start_->contents(monitor_);
  }
  return setup_.schema->tables[table].bookkeeping ? std::vector<sql::Values>{} : contents_[table];
}

}  // namespace racelab::drivers
