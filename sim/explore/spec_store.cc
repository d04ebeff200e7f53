// Blocks of several statements, as a session of PostgreSQL takes them: one transaction, unless they begin or end one themselves; the
// first error ends the block.
#include "sim/explore/spec_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace racelab {

namespace {

sql::Statement word(sql::Statement::Kind kind) {
  sql::Statement made;
  made.kind = kind;
  return made;
}

SpecAnswer::Cell cell_of(const sql::Value& value) {
  if (value.is_null) {
    return std::nullopt;
  }
  if (value.type == sql::Type::boolean) {
    return value.number != 0 ? "t" : "f";
  }
  return sql::to_text(value);
}

std::vector<SpecAnswer::Cell> cells_of(const sql::Values& row) {
  std::vector<SpecAnswer::Cell> cells;
  std::transform(row.begin(), row.end(), std::back_inserter(cells), cell_of);
  return cells;
}

}  // namespace

std::string SpecForStore::why_not(const IsolationSpec& spec,
                                  const IsolationSpec::Permutation& permutation) const {
  const auto first = [this](const IsolationSpec::Block& block) -> std::string {
    for (const SpecCommand& command : blocks[block.number]) {
      if (command.kind == SpecCommand::Kind::not_modelled) {
        return command.why_not;
      }
    }
    return "";
  };
  std::string found;
  for (const IsolationSpec::Session& session : spec.sessions) {
    if (found.empty() && session.setup) {
      found = first(*session.setup);
    }
  }
  for (const IsolationSpec::Sent& sent : permutation) {
    found = found.empty() ? first(spec.steps[sent.step].block) : found;
  }
  for (const IsolationSpec::Session& session : spec.sessions) {
    if (found.empty() && session.teardown) {
      found = first(*session.teardown);
    }
  }
  return found;
}

SpecStore::SpecStore(const IsolationSpec& spec, const SpecForStore& compiled)
    : spec_(spec), compiled_(compiled), database_(*compiled.start) {}

void SpecStore::begin() {
  database_ = *compiled_.start;
  sessions_.assign(spec_.sessions.size(), {});
  for (std::size_t session = 0; session < sessions_.size(); ++session) {
    database_.connect(id(session), sql::Isolation::read_committed);
  }
  branches_ = Branches(ways_);
  notices_.clear();
  now_ = 0;
}

// The setups are done, and what the teardown takes away is gone with the store.
SpecAnswer SpecStore::control(const IsolationSpec::Block& /*block*/) { return {}; }

void SpecStore::send(std::size_t session, const IsolationSpec::Block& block) {
  Session& it = sessions_[session];
  it.commands = &compiled_.blocks[block.number];
  it.at = 0;
  it.in_block = false;
  it.answer = {};
  it.sent = now_;
  advance(session);
  let_go_on();
}

void SpecStore::advance(std::size_t session) {
  Session& it = sessions_[session];
  while (it.commands != nullptr) {
    if (it.at == it.commands->size()) {
      end_block(session, false);
    } else if (!run(session, (*it.commands)[it.at])) {
      return;
    }
  }
}

bool SpecStore::run(std::size_t session, const SpecCommand& command) {
  Session& it = sessions_[session];
  const bool in_transaction = database_.in_transaction(id(session));
  switch (command.kind) {
    case SpecCommand::Kind::statement:
      break;
    case SpecCommand::Kind::level:
      if (in_transaction) {
        return execute(session, command.statement);
      }
      ++it.at;
      return true;
    case SpecCommand::Kind::setting:
      set(it, command);
      if (command.setting == SpecCommand::Setting::default_level && !in_transaction) {
        database_.disconnect(id(session));
        database_.connect(id(session), it.settings.level);
      }
      ++it.at;
      return true;
    case SpecCommand::Kind::nothing:
    case SpecCommand::Kind::not_modelled:
      ++it.at;
      return true;
  }
  const sql::Statement& statement = command.statement;
  const bool ends = statement.kind == sql::Statement::Kind::commit ||
                    statement.kind == sql::Statement::Kind::rollback;
  if (ends && (!in_transaction || it.in_block)) {
    notices_.push_back({session, "WARNING:  there is no transaction in progress"});
  }
  if (statement.kind == sql::Statement::Kind::begin && in_transaction && !it.in_block) {
    notices_.push_back({session, "WARNING:  there is already a transaction in progress"});
  }
  if (statement.kind == sql::Statement::Kind::begin && it.in_block) {
    it.in_block = false;  // what the block has done so far belongs to it
  } else if (statement.kind < sql::Statement::Kind::begin && !in_transaction &&
             it.commands->size() > 1) {
    static const sql::Statement begins = word(sql::Statement::Kind::begin);
    database_.execute(id(session), begins, {});
    it.in_block = true;
  }
  return execute(session, statement);
}

void SpecStore::set(Session& it, const SpecCommand& command) {
  const Settings standard;
  const auto give = [&](Settings& to) {
    switch (command.setting) {
      case SpecCommand::Setting::deadlock_timeout:
        to.deadlock_timeout = command.to_standard ? standard.deadlock_timeout : command.value;
        break;
      case SpecCommand::Setting::lock_timeout:
        to.lock_timeout = command.to_standard ? never : command.value;
        break;
      case SpecCommand::Setting::statement_timeout:
        to.statement_timeout = command.to_standard ? never : command.value;
        break;
      case SpecCommand::Setting::default_level:
        to.level =
            command.to_standard ? standard.level : static_cast<sql::Isolation>(command.value);
        break;
    }
  };
  give(it.settings);
  if (!command.local) {
    give(it.after);
  }
}

bool SpecStore::execute(std::size_t session, const sql::Statement& statement) {
  Session& it = sessions_[session];
  if (database_.execute(id(session), statement, {}) == sql::Server::Progress::waiting) {
    it.waits = true;
    it.has_looked = false;
    it.since = now_;
    return false;
  }
  answered(session, statement);
  return true;
}

// Then the next statement is at hand.
void SpecStore::answered(std::size_t session, const sql::Statement& statement) {
  Session& it = sessions_[session];
  it.waits = false;
  ++it.at;
  if (!database_.in_transaction(id(session))) {
    it.in_block = false;
    it.settings = it.after;
  }
  const sql::Result& result = database_.result(id(session));
  SpecAnswer::Part part;
  if (result.error.failed()) {
    part.error = result.error;
    part.line = fmt::format("ERROR:  {}", result.message);
    it.answer.parts.push_back(std::move(part));
    end_block(session, true);
    return;
  }
  if (!statement.answers().empty()) {
    part.table.emplace();
    for (const sql::Target& column : statement.answers()) {
      part.table->columns.push_back(column.name);
    }
    for (const sql::Values& row : result.rows) {
      part.table->rows.push_back(cells_of(row));
    }
    it.answer.parts.push_back(std::move(part));
  }
}

void SpecStore::end_block(std::size_t session, bool failed) {
  Session& it = sessions_[session];
  it.commands = nullptr;
  if (!it.in_block) {
    return;
  }
  it.in_block = false;
  static const sql::Statement commits = word(sql::Statement::Kind::commit);
  static const sql::Statement rolls_back = word(sql::Statement::Kind::rollback);
  database_.execute(id(session), failed ? rolls_back : commits, {});
  const sql::Result& result = database_.result(id(session));
  if (!failed && result.error.failed()) {
    SpecAnswer::Part& part = it.answer.parts.emplace_back();
    part.error = result.error;
    part.line = fmt::format("ERROR:  {}", result.message);
  }
}

// Whoever waited and can go on does, to the end of its block or to its next wait.
void SpecStore::let_go_on() {
  while (true) {
    database_.settle(branches_);
    const std::vector<sql::SessionId> woken = database_.woken();
    database_.clear_woken();
    if (woken.empty()) {
      return;
    }
    for (const sql::SessionId session : woken) {
      Session& it = sessions_[session];
      answered(session, (*it.commands)[it.at].statement);
    }
    for (const sql::SessionId session : woken) {
      advance(session);
    }
  }
}

bool SpecStore::pass_time() {
  enum class What : std::uint8_t { lock_timeout, statement_timeout, look };
  std::size_t whose = sessions_.size();
  What what{};
  std::int64_t when = 0;
  const auto consider = [&](std::size_t session, What kind, std::int64_t at) {
    if (whose == sessions_.size() || at < when) {
      whose = session;
      what = kind;
      when = at;
    }
  };
  for (std::size_t session = 0; session < sessions_.size(); ++session) {
    const Session& it = sessions_[session];
    if (!it.waits) {
      continue;
    }
    if (it.settings.lock_timeout != never) {
      consider(session, What::lock_timeout, it.since + it.settings.lock_timeout);
    }
    if (it.settings.statement_timeout != never) {
      consider(session, What::statement_timeout, it.sent + it.settings.statement_timeout);
    }
    if (!it.has_looked) {
      consider(session, What::look, it.since + it.settings.deadlock_timeout);
    }
  }
  if (whose == sessions_.size()) {
    return false;
  }
  now_ = std::max(now_, when);
  if (what == What::look) {
    sessions_[whose].has_looked = true;
    if (database_.deadlocked(id(whose))) {
      end_wait(whose, sql::state::deadlock_detected);
    }
  } else {
    end_wait(whose,
             what == What::lock_timeout ? sql::state::lock_not_available : sql::SqlState("57014"));
  }
  let_go_on();
  return true;
}

void SpecStore::end_wait(std::size_t session, const sql::SqlState& error) {
  Session& it = sessions_[session];
  database_.end_wait(id(session), error);
  answered(session, (*it.commands)[it.at].statement);
}

SpecServer::Progress SpecStore::await(std::size_t session, Patience patience) {
  while (sessions_[session].waits && patience == Patience::until_done) {
    if (!pass_time()) {
      return Progress::stuck;
    }
  }
  return sessions_[session].waits ? Progress::waits : Progress::done;
}

SpecAnswer SpecStore::take(std::size_t session) { return std::move(sessions_[session].answer); }

std::vector<SpecNotice> SpecStore::take_notices() {
  return std::exchange(notices_, std::vector<SpecNotice>{});
}

void SpecStore::cancel() { begin(); }

bool SpecStore::next_ways() {
  Branches::Ways ways = branches_.taken();
  while (!ways.empty() && ways.back() + 1 == branches_.asked()[ways.size() - 1]) {
    ways.pop_back();
  }
  if (!ways.empty()) {
    ++ways.back();
  }
  ways_ = std::move(ways);
  return !ways_.empty();
}

SpecServer::Contents SpecStore::contents() {
  Contents all;
  for (std::uint16_t table = 0; table < compiled_.schema->table_count(); ++table) {
    auto& [name, rows] = all.emplace_back();
    name = compiled_.schema->tables[table].full_name();
    for (const sql::Values& row : database_.contents(table)) {
      rows.push_back(cells_of(row));
    }
    std::sort(rows.begin(), rows.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace racelab
