// Sessions and transactions. Who goes on after a wait stands in relational_waits.cc, what a statement does in execution.cc.
#include "sim/store/relational.h"

#include <algorithm>

#include "sim/kernel/expect.h"
#include "sim/store/execution.h"

namespace racelab::sql {

namespace {

constexpr const char* ignored_until_the_end =
    "current transaction is aborted, commands ignored until end of transaction block";
constexpr SqlState canceled = "57014";
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
    it.result.message = ignored_until_the_end;
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

// BEGIN, COMMIT, ROLLBACK and what belongs to savepoints.
void Database::word(SessionId session, const Statement& statement) {
  Session& it = sessions_[session];
  switch (statement.kind) {
    case Statement::Kind::begin:
      begin(session, statement);
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
    default:
      to_savepoint(session, statement);
  }
  if (it.result.error == state::failed_transaction) {
    it.result.message = ignored_until_the_end;
  }
}

void Database::begin(SessionId session, const Statement& statement) {
  Session& it = sessions_[session];
  if (it.failed) {
    it.result.error = state::failed_transaction;
  } else if (it.open && statement.isolation && *statement.isolation != it.isolation &&
             it.snapshot != 0) {
    fail(session, state::active_transaction,
         "SET TRANSACTION ISOLATION LEVEL must be called before any query");
  } else {
    if (!it.open) {
      it.isolation = it.standard;
      it.started = clock_;
    }
    it.isolation = statement.isolation.value_or(it.isolation);
    it.open = true;
  }
}

// RELEASE and ROLLBACK TO.
void Database::to_savepoint(SessionId session, const Statement& statement) {
  Session& it = sessions_[session];
  const bool releases = statement.kind == Statement::Kind::release;
  const auto savepoint =
      std::find(it.savepoints.rbegin(), it.savepoints.rend(), statement.savepoint);
  const auto level = static_cast<std::uint16_t>(it.savepoints.rend() - savepoint);  // from 1; 0: no
  if (!it.open) {
    it.result.error = state::no_active_transaction;
    it.result.message = releases ? "RELEASE SAVEPOINT can only be used in transaction blocks"
                                 : "ROLLBACK TO SAVEPOINT can only be used in transaction blocks";
  } else if (it.failed && releases) {
    it.result.error = state::failed_transaction;
  } else if (level == 0) {
    fail(session, state::no_such_savepoint,
         "savepoint \"" + statement.savepoint + "\" does not exist");
  } else if (releases) {
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
  for (std::uint16_t table = 0; table < schema_->table_count(); ++table) {
    for (Version& version : relations_[table].versions) {
      if (version.created.session == session && version.new_key) {
        version.key_since = commits_;
      }
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
       : error == canceled               ? "canceling statement due to statement timeout"
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

bool Database::key_changed(const Version& seen, const Version* now) {
  return now == nullptr || (now->id != seen.id && now->key_since > seen.key_since);
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

void Database::end_sessions() {
  for (SessionId session = 0; session < sessions_.size(); ++session) {
    if (sessions_[session].connected) {
      disconnect(session);
    }
  }
}

void Database::fill(Relation& relation, const std::vector<Values>& rows) {
  for (const Values& row : rows) {
    Version& version = relation.versions.emplace_back();
    version.id = next_version_++;
    version.row = next_row_++;
    version.values = std::make_shared<const Values>(row);
    version.created.commit = commits_;
  }
}

void Database::add_tables(const Schema& schema, const std::vector<Values>& rows) {
  RACELAB_EXPECT(schema.tables.size() > schema_->tables.size());
  end_sessions();
  schema_ = &schema;
  relations_.resize(schema.tables.size());
  fill(relations_.back(), rows);
}

void Database::replace_contents(const std::vector<std::vector<Values>>& contents) {
  RACELAB_EXPECT(contents.size() == relations_.size());
  end_sessions();
  for (std::size_t table = 0; table < contents.size(); ++table) {
    relations_[table] = {};
    fill(relations_[table], contents[table]);
  }
}

std::vector<Values> Database::contents(std::uint16_t table) const {
  std::vector<Values> rows;
  if (schema_->tables[table].bookkeeping) {
    return rows;
  }
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
