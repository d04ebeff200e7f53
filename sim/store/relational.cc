// Sessions, transactions, and who goes on after a wait. What a statement does stands in execution.cc.
#include "sim/store/relational.h"

#include <algorithm>

#include "sim/kernel/expect.h"
#include "sim/store/execution.h"

namespace racelab::sql {

namespace {

constexpr const char* circle_closed =
    "could not serialize access due to read/write dependencies among transactions";

}  // namespace

Database::Database(const Schema& schema)
    : schema_(&schema), relations_(schema.tables.size()), sequences_(schema.sequences.size() + 1) {
  for (std::size_t i = 0; i < schema.sequences.size(); ++i) {
    sequences_[i] = schema.sequences[i].start - schema.sequences[i].increment;
  }
}

void Database::connect(SessionId session, Isolation isolation) {
  if (session >= sessions_.size()) {
    sessions_.resize(session + std::size_t{1});
  }
  RACELAB_EXPECT(!sessions_[session].connected);
  sessions_[session] = {};
  sessions_[session].connected = true;
  sessions_[session].standard = isolation;
  sessions_[session].isolation = isolation;
}

void Database::disconnect(SessionId session) {
  stop_waiting(session);
  roll_back(session);
  release_advisory(session, 0, true);
  sessions_[session].connected = false;
}

Sight Database::sight(SessionId session) const {
  return {session, sessions_[session].snapshot, sessions_[session].command};
}

Database::Progress Database::execute(SessionId session, const Statement& statement,
                                     Values parameters, const std::vector<FoundLocked>* pretend) {
  Session& it = sessions_[session];
  RACELAB_EXPECT(it.connected && it.statement == nullptr);
  it.result = {};
  if (statement.kind >= Statement::Kind::begin) {
    word(session, statement);
    return Progress::done;
  }
  if (it.failed) {
    it.result.error = state::failed_transaction;
    it.result.message =
        "current transaction is aborted, commands ignored until end of transaction block";
    return Progress::done;
  }
  if (!it.open) {
    it.started = clock_;
    it.isolation = it.standard;
  }
  if (it.snapshot == 0 || it.isolation == Isolation::read_committed) {
    it.snapshot = commits_;
  }
  it.statement = &statement;
  it.parameters = std::move(parameters);
  it.pretend = pretend != nullptr ? *pretend : std::vector<FoundLocked>{};
  it.units.clear();
  return run(session);
}

Database::Progress Database::run(SessionId session) {
  const Wait::Kind waited = sessions_[session].wait.kind;
  sessions_[session].wait.kind = Wait::Kind::none;
  sessions_[session].result.waited = sessions_[session].result.waited || waited != Wait::Kind::none;
  Execution execution(*this, session);
  execution.run();
  Session& it = sessions_[session];
  switch (execution.stopped()) {
    case Evaluation::Stopped::waits:
      return Progress::waiting;
    case Evaluation::Stopped::failed:
      fail(session, execution.error(), execution.message());
      return Progress::done;
    case Evaluation::Stopped::no:
      break;
  }
  it.statement = nullptr;
  it.units.clear();
  ++it.command;
  if (!it.open && !commit(session)) {
    fail(session, state::serialization_failure, circle_closed);
  }
  return Progress::done;
}

// What the transaction's innermost part did comes to nothing, at once.
void Database::fail(SessionId session, const SqlState& error, std::string message) {
  Session& it = sessions_[session];
  it.statement = nullptr;
  it.units.clear();
  it.result.rows.clear();
  it.result.affected = 0;
  it.result.error = error;
  it.result.message = std::move(message);
  if (!it.open) {
    roll_back(session);
    return;
  }
  undo(session, it.level());
  it.failed = true;
}

void Database::word(SessionId session, const Statement& statement) {
  Session& it = sessions_[session];
  const auto savepoint =
      std::find(it.savepoints.rbegin(), it.savepoints.rend(), statement.savepoint);
  const auto level = static_cast<std::uint16_t>(it.savepoints.rend() - savepoint);  // from 1; 0: no
  const auto refuse = [&](const SqlState& error, const std::string& message) {
    fail(session, error, message);
  };
  switch (statement.kind) {
    case Statement::Kind::begin:
      if (it.failed) {
        it.result.error = state::failed_transaction;
      } else if (it.open && statement.isolation && *statement.isolation != it.isolation &&
                 it.snapshot != 0) {
        refuse(state::active_transaction,
               "SET TRANSACTION ISOLATION LEVEL must be called before any query");
      } else {
        if (!it.open) {
          it.isolation = it.standard;
          it.started = clock_;
        }
        it.isolation = statement.isolation.value_or(it.isolation);
        it.open = true;
      }
      break;
    case Statement::Kind::commit:
      if (it.failed) {
        roll_back(session);
        it.result.rolled_back = true;
      } else if (!commit(session)) {
        roll_back(session);
        it.result.error = state::serialization_failure;
        it.result.message = circle_closed;
      }
      break;
    case Statement::Kind::rollback:
      roll_back(session);
      break;
    case Statement::Kind::savepoint:
      if (it.failed) {
        it.result.error = state::failed_transaction;
      } else if (!it.open) {
        it.result.error = state::no_active_transaction;
        it.result.message = "SAVEPOINT can only be used in transaction blocks";
      } else {
        it.savepoints.push_back(statement.savepoint);
      }
      break;
    case Statement::Kind::release:
    case Statement::Kind::rollback_to:
      if (!it.open) {
        it.result.error = state::no_active_transaction;
        it.result.message = statement.kind == Statement::Kind::release
                                ? "RELEASE SAVEPOINT can only be used in transaction blocks"
                                : "ROLLBACK TO SAVEPOINT can only be used in transaction blocks";
      } else if (it.failed && statement.kind == Statement::Kind::release) {
        it.result.error = state::failed_transaction;
      } else if (level == 0) {
        refuse(state::no_such_savepoint,
               "savepoint \"" + statement.savepoint + "\" does not exist");
      } else if (statement.kind == Statement::Kind::release) {
        for (Relation& relation : relations_) {
          for (Version& version : relation.versions) {
            for (Mark* mark : {&version.created, &version.ended}) {
              if (mark->session == session && mark->level >= level) {
                mark->level = static_cast<std::uint16_t>(level - 1);
              }
            }
          }
        }
        locks_.merge_level(session, level);
        for (AdvisoryLock& lock : advisory_) {
          if (lock.holder == session && lock.level >= level) {
            lock.level = static_cast<std::uint16_t>(level - 1);
          }
        }
        it.savepoints.resize(level - 1U);
      } else {
        undo(session, level);
        it.savepoints.resize(level);
        it.failed = false;
      }
      break;
    default:
      break;
  }
  if (it.result.error == state::failed_transaction) {
    it.result.message =
        "current transaction is aborted, commands ignored until end of transaction block";
  }
}

bool Database::commit(SessionId session) {
  Session& it = sessions_[session];
  if (it.isolation == Isolation::serializable && it.snapshot != 0) {
    Serializable::Transaction transaction{it.snapshot, commits_ + 1, it.reads};
    if (!serializable_.allows(transaction)) {
      return false;
    }
    serializable_.commit(std::move(transaction));
  }
  ++commits_;
  for (std::uint16_t table = 0; table < relations_.size(); ++table) {
    for (Version& version : relations_[table].versions) {
      for (Mark* mark : {&version.created, &version.ended}) {
        if (mark->session == session) {
          *mark = {};
          mark->commit = commits_;
          locks_.changed(table, version.row);
        }
      }
    }
  }
  if (recorder_ != nullptr) {
    recorder_->ended(session, commits_);
  }
  close(session);
  return true;
}

void Database::roll_back(SessionId session) {
  undo(session, 0);
  if (recorder_ != nullptr) {
    recorder_->ended(session, 0);
  }
  close(session);
}

// Of a session's transaction, what was done inside at least so many savepoints.
void Database::undo(SessionId session, std::uint16_t from_level) {
  for (Relation& relation : relations_) {
    for (Version& version : relation.versions) {
      if (version.ended.session == session && version.ended.level >= from_level) {
        version.ended = {};
        version.replaced = false;
      }
    }
    relation.versions.erase(std::remove_if(relation.versions.begin(), relation.versions.end(),
                                           [&](const Version& version) {
                                             return version.created.session == session &&
                                                    version.created.level >= from_level;
                                           }),
                            relation.versions.end());
  }
  locks_.release(session, from_level);
  release_advisory(session, from_level, false);
}

void Database::close(SessionId session) {
  Session& it = sessions_[session];
  locks_.release(session, 0);
  release_advisory(session, 0, false);
  it.open = false;
  it.failed = false;
  it.snapshot = 0;
  it.command = 1;
  it.started = 0;
  it.savepoints.clear();
  it.reads = {};
  it.isolation = it.standard;
}

void Database::release_advisory(SessionId session, std::uint16_t from_level, bool of_session) {
  advisory_.erase(std::remove_if(advisory_.begin(), advisory_.end(),
                                 [&](const AdvisoryLock& lock) {
                                   return lock.holder == session && lock.of_session == of_session &&
                                          (of_session || lock.level >= from_level);
                                 }),
                  advisory_.end());
}

void Database::stop_waiting(SessionId session) {
  Session& it = sessions_[session];
  if (it.wait.kind == Wait::Kind::row) {
    locks_.leave_queue(it.wait.table, it.wait.row, session);
  }
  advisory_queue_.erase(std::remove(advisory_queue_.begin(), advisory_queue_.end(), session),
                        advisory_queue_.end());
  it.wait.kind = Wait::Kind::none;
  it.statement = nullptr;
  it.units.clear();
}

void Database::end_wait(SessionId session, const SqlState& error) {
  RACELAB_EXPECT(waiting(session));
  stop_waiting(session);
  sessions_[session].result.waited = true;
  fail(session, error,
       error == state::deadlock_detected ? "deadlock detected"
                                         : "canceling statement due to lock timeout");
}

const Version* Database::standing(std::uint16_t table, RowId row, SessionId session) const {
  for (const Version& version : relations_[table].versions) {
    const bool made = version.created.committed() || version.created.session == session;
    const bool gone = version.ended.committed() || version.ended.session == session;
    if (version.row == row && made && !gone) {
      return &version;
    }
  }
  return nullptr;
}

bool Database::changed_since(std::uint16_t table, RowId row, SessionId session) const {
  const Version* now = standing(table, row, session);
  return now == nullptr ||
         (now->created.committed() && now->created.commit > sessions_[session].snapshot);
}

// A waiting UPDATE or DELETE that holds nothing afterwards, because its transaction is the statement and the row no longer fits.
bool Database::finds_nothing(SessionId session) const {
  const Session& it = sessions_[session];
  const bool changes = it.statement->kind == Statement::Kind::update ||
                       it.statement->kind == Statement::Kind::remove;
  const std::optional<Expression>& where = it.statement->kind == Statement::Kind::update
                                               ? it.statement->update.where
                                               : it.statement->remove.where;
  if (it.open || !changes || !where || !about_one_row(*where)) {
    return false;
  }
  const Version* now = standing(it.wait.table, it.wait.row, session);
  return now != nullptr && !Predicate{it.wait.table, &*where, it.parameters}.meets(now->values);
}

Database::Ready Database::ready(SessionId session) const {
  const Session& it = sessions_[session];
  switch (it.wait.kind) {
    case Wait::Kind::none:
      return Ready::no;
    case Wait::Kind::row: {
      const bool first_wins =
          it.isolation != Isolation::read_committed && it.wait.mode != LockMode::key_share;
      const Version* now = standing(it.wait.table, it.wait.row, session);
      if (now == nullptr || (first_wins && changed_since(it.wait.table, it.wait.row, session))) {
        return Ready::at_once;
      }
      if (locks_.blocked(it.wait.table, it.wait.row, session, it.wait.mode)) {
        return Ready::no;
      }
      const RowLock& lock = *locks_.find(it.wait.table, it.wait.row);
      if (!lock.open) {
        return lock.queue.front().session == session ? Ready::at_once : Ready::no;
      }
      return finds_nothing(session) ? Ready::at_once : Ready::races;
    }
    case Wait::Kind::key: {
      const Version* other = relations_[it.wait.table].find(it.wait.version);
      if (other == nullptr) {
        return Ready::races;  // it was rolled back: the key is free
      }
      if (other->created.in_progress() || other->ended.in_progress()) {
        return Ready::no;
      }
      const bool updates = it.statement->insert.on_conflict == Insert::OnConflict::update;
      return other->ended.committed() || updates ? Ready::races : Ready::at_once;
    }
    case Wait::Kind::advisory: {
      const auto before =
          std::find_if(advisory_queue_.begin(), advisory_queue_.end(), [&](SessionId other) {
            return other == session || sessions_[other].wait.number == it.wait.number;
          });
      return advisory(it.wait.number) == nullptr && *before == session ? Ready::at_once : Ready::no;
    }
  }
  return Ready::no;
}

const Database::AdvisoryLock* Database::advisory(std::int64_t number) const {
  for (const AdvisoryLock& lock : advisory_) {
    if (lock.number == number) {
      return &lock;
    }
  }
  return nullptr;
}

void Database::go_on(SessionId session) {
  const Wait wait = sessions_[session].wait;
  if (wait.kind == Wait::Kind::row) {
    locks_.leave_queue(wait.table, wait.row, session);
  }
  advisory_queue_.erase(std::remove(advisory_queue_.begin(), advisory_queue_.end(), session),
                        advisory_queue_.end());
  if (run(session) == Progress::done) {
    woken_.push_back(session);
  }
}

void Database::settle(Branches& branches) {
  while (true) {
    std::vector<SessionId> racing;
    SessionId next = nobody;
    for (SessionId session = 0; session < sessions_.size() && next == nobody; ++session) {
      const Ready how = ready(session);
      if (how == Ready::at_once) {
        next = session;
      } else if (how == Ready::races) {
        racing.push_back(session);
      }
    }
    if (next != nobody) {
      go_on(next);
      continue;
    }
    if (racing.empty()) {
      return;
    }
    // Those who race for the same thing as the first of them.
    const Wait wanted = sessions_[racing.front()].wait;
    racing.erase(std::remove_if(racing.begin(), racing.end(),
                                [&](SessionId session) {
                                  const Wait& it = sessions_[session].wait;
                                  return it.kind != wanted.kind || it.table != wanted.table ||
                                         it.row != wanted.row || it.version != wanted.version;
                                }),
                 racing.end());
    const SessionId first = racing[branches.choose(racing.size())];
    go_on(first);
    if (wanted.kind == Wait::Kind::key) {
      for (const SessionId session : racing) {  // they find another that has it, or that nobody has
        if (session != first) {
          go_on(session);
        }
      }
    }
  }
}

std::vector<SessionId> Database::blockers(SessionId session) const {
  const Wait& wait = sessions_[session].wait;
  std::vector<SessionId> found;
  const auto add = [&](SessionId other) {
    if (other != session && other != nobody &&
        std::find(found.begin(), found.end(), other) == found.end()) {
      found.push_back(other);
    }
  };
  switch (wait.kind) {
    case Wait::Kind::none:
      break;
    case Wait::Kind::row: {
      const RowLock& lock = *locks_.find(wait.table, wait.row);
      for (const RowLock::Hold& hold : lock.holds) {
        if (conflict(hold.mode, wait.mode)) {
          add(hold.session);
        }
      }
      for (const RowLock::Waiter& waiter : lock.queue) {
        if (lock.open || waiter.session == session) {
          break;
        }
        add(waiter.session);
      }
      break;
    }
    case Wait::Kind::key: {
      const Version* other = relations_[wait.table].find(wait.version);
      if (other != nullptr) {
        add(other->created.session);
        add(other->ended.session);
      }
      break;
    }
    case Wait::Kind::advisory:
      if (const AdvisoryLock* lock = advisory(wait.number)) {
        add(lock->holder);
      }
      for (const SessionId other : advisory_queue_) {
        if (other == session) {
          break;
        }
        if (sessions_[other].wait.number == wait.number) {
          add(other);
        }
      }
      break;
  }
  return found;
}

bool Database::deadlocked(SessionId session) const {
  std::vector<SessionId> open = blockers(session);
  std::vector<bool> seen(sessions_.size());
  while (!open.empty()) {
    const SessionId at = open.back();
    open.pop_back();
    if (at == session) {
      return true;
    }
    if (!seen[at]) {
      seen[at] = true;
      const std::vector<SessionId> further = blockers(at);
      open.insert(open.end(), further.begin(), further.end());
    }
  }
  return false;
}

Values Database::key_of(std::uint16_t table, const Values& row) const {
  for (const UniqueKey& key : schema_->tables[table].keys) {
    if (key.primary) {
      Values values;
      for (const std::uint16_t column : key.columns) {
        values.push_back(row[column]);
      }
      return values;
    }
  }
  return row;
}

void Database::forget_generators() {
  for (Relation& relation : relations_) {
    for (Version& version : relation.versions) {
      Values values = *version.values;
      for (Value& value : values) {
        value.generator = 0;
      }
      version.values = std::make_shared<const Values>(std::move(values));
    }
  }
}

void Database::add_table(const Schema& schema, const std::vector<Values>& rows) {
  RACELAB_EXPECT(schema.tables.size() == schema_->tables.size() + 1);
  for (SessionId session = 0; session < sessions_.size(); ++session) {
    if (sessions_[session].connected) {
      disconnect(session);
    }
  }
  schema_ = &schema;
  Relation& relation = relations_.emplace_back();
  for (const Values& row : rows) {
    Version& version = relation.versions.emplace_back();
    version.id = next_version_++;
    version.row = next_row_++;
    version.values = std::make_shared<const Values>(row);
    version.created.commit = commits_;
  }
}

std::vector<Values> Database::contents(std::uint16_t table) const {
  std::vector<Values> rows;
  for (const Version& version : relations_[table].versions) {
    if (version.created.committed() && !version.ended.committed()) {
      rows.push_back(*version.values);
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Values& a, const Values& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), printed_before);
  });
  return rows;
}

}  // namespace racelab::sql
