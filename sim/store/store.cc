// How statements run. The order of the sections: looking up, sessions, statements, writes, ends.
#include "sim/store/store.h"

#include "sim/kernel/expect.h"

namespace racelab {

Store::Store(Arena& arena, Arena& answers)
    : versions_(ArenaAllocator<Version>(arena)),
      records_(ArenaAllocator<Record>(arena)),
      sessions_(ArenaAllocator<Session>(arena)),
      results_(
          answers.create<ArenaVector<StatementResult>>(ArenaAllocator<StatementResult>(answers))),
      woken_(ArenaAllocator<SessionId>(arena)),
      released_(ArenaAllocator<RecordIndex>(arena)),
      index_(ArenaAllocator<std::pair<const std::uint64_t, RecordIndex>>(arena)) {}

// ---- looking up

void Store::reserve(std::size_t rows, std::size_t versions, std::size_t sessions) {
  records_.reserve(rows);
  versions_.reserve(versions);
  sessions_.reserve(sessions);
  woken_.reserve(sessions);
  released_.reserve(rows);
}

Store::RecordIndex Store::find_later(RowKey key) const {
  const auto found = index_.find(key.packed);
  return found == index_.end() ? no_record : found->second;
}

Store::RecordIndex Store::add_record(RowKey key) {
  const auto index = static_cast<RecordIndex>(records_.size());
  records_.push_back({.key = key});
  if (key.packed != index) {
    index_.emplace(key.packed, index);
  }
  return index;
}

RowKey Store::create_row(std::int64_t value) {
  const RowKey key = RowKey::row(static_cast<std::uint32_t>(records_.size()));
  const RecordIndex index = add_record(key);
  records_[index].newest = records_[index].oldest = static_cast<VersionId>(versions_.size());
  versions_.push_back({.key = key, .value = value, .committed = sequence_});
  return key;
}

VersionId Store::committed_version(const Record& record) const {
  return committed_by(record, UINT64_MAX);
}

VersionId Store::committed_by(const Record& record, std::uint64_t snapshot) const {
  VersionId version = record.newest;
  while (version != no_version &&
         (versions_[version].committed == 0 || versions_[version].committed > snapshot)) {
    version = versions_[version].previous;
  }
  return version;
}

VersionId Store::last_committed(RowKey key) const {
  const RecordIndex index = find(key);
  return index == no_record ? no_version : committed_version(records_[index]);
}

VersionId Store::visible(const Record& record, SessionId session) const {
  if (record.holder == session && in_flight(record)) {
    return record.newest;
  }
  return committed_by(record, sessions_[session].snapshot);
}

// Whether there is a version that is visible. No row is ever deleted: the oldest one tells, however many came after it.
bool Store::exists_for(const Record& record, SessionId session) const {
  if (record.newest == no_version) {
    return false;
  }
  if (record.holder == session && in_flight(record)) {
    return true;
  }
  const std::uint64_t since = versions_[record.oldest].committed;
  return since != 0 && since <= sessions_[session].snapshot;
}

bool Store::changed_since_snapshot(const Record& record, const Session& session) const {
  const VersionId version = committed_version(record);
  return version != no_version && versions_[version].committed > session.snapshot;
}

SessionId Store::blocker(SessionId session) const {
  const RecordIndex index = sessions_[session].waiting_for;
  return index == no_record ? no_session : records_[index].holder;
}

RowKey Store::contested(SessionId session) const {
  RACELAB_EXPECT(waiting(session));
  return records_[sessions_[session].waiting_for].key;
}

// ---- sessions

SessionId Store::connect() {
  if (free_session_ == no_session) {
    sessions_.emplace_back();
    if (results_->size() < sessions_.size()) {
      results_->resize(sessions_.size());
    }
    return static_cast<SessionId>(sessions_.size() - 1);
  }
  const SessionId id = free_session_;
  Session& session = sessions_[id];
  free_session_ = session.next_free;
  session.state = State::idle;
  session.isolation = Isolation::autocommit;
  session.execution = no_execution;
  session.snapshot = 0;
  return id;
}

void Store::disconnect(SessionId id) {
  if (waiting(id)) {
    leave_queue(id);
  }
  if (in_transaction(id)) {
    abort(id);
    sessions_[id].state = State::idle;
    grant_waiters();
  }
  sessions_[id].next_free = free_session_;
  free_session_ = id;
}

void Store::set_execution(SessionId session, ExecutionId execution) {
  sessions_[session].execution = execution;
}

// ---- statements

Store::Progress Store::execute(SessionId id, const Statement& statement) {
  Session& session = sessions_[id];
  RACELAB_EXPECT(session.waiting_for == no_record);
  session.statement = &statement;
  session.waited = false;
  start_answer(id);

  if (session.state == State::failed && statement.verb != Verb::commit &&
      statement.verb != Verb::rollback) {
    answer(id).error = StatementError::in_failed_transaction;
    return Progress::done;
  }
  switch (statement.verb) {
    case Verb::begin:
      if (session.state == State::open) {
        return Progress::done;  // PostgreSQL warns that one is in progress, and goes on in it
      }
      session.state = State::open;
      session.isolation = statement.isolation;
      session.snapshot = 0;
      return Progress::done;
    case Verb::commit:
      answer(id).rolled_back = session.state == State::failed;
      if (session.state == State::open) {
        commit(id);
      }
      session.state = State::idle;
      break;
    case Verb::rollback:
      if (session.state == State::open) {
        abort(id);
      }
      session.state = State::idle;
      break;
    default:
      if (session.state == State::idle) {
        session.state = State::implicit;
        session.isolation = Isolation::read_committed;
        session.snapshot = sequence_;
      } else if (session.isolation == Isolation::read_committed || session.snapshot == 0) {
        session.snapshot = sequence_;
      }
      if (run(id) == Progress::waiting) {
        return Progress::waiting;
      }
  }
  grant_waiters();
  return Progress::done;
}

// From its beginning, each time: whoever waited goes through the rows that it has locked already once more.
Store::Progress Store::run(SessionId id) {
  start_answer(id);
  switch (sessions_[id].statement->verb) {
    case Verb::select:
      return run_select(id);
    case Verb::scan:
      run_scan(id);
      return complete(id);
    case Verb::insert:
      return run_insert(id);
    default:
      return run_update(id);
  }
}

// The statement has its answer; a statement outside a transaction commits by itself.
Store::Progress Store::complete(SessionId id) {
  if (sessions_[id].state == State::implicit) {
    commit(id);
    sessions_[id].state = State::idle;
  }
  return Progress::done;
}

Store::Progress Store::fail(SessionId id, StatementError error) {
  Session& session = sessions_[id];
  abort(id);
  session.state = session.state == State::implicit ? State::idle : State::failed;
  start_answer(id);
  answer(id).error = error;
  return Progress::done;
}

void Store::start_answer(SessionId id) {
  StatementResult& result = answer(id);
  result.error = StatementError::none;
  result.rolled_back = false;
  result.waited = sessions_[id].waited;
  result.affected = 0;
  result.written = no_version;
  result.rows.clear();
}

void Store::see(SessionId id, RowKey key, VersionId version) {
  const Version& seen = versions_[version];
  SeenRow& row = answer(id).rows.emplace_back();
  row.key = key;
  row.value = seen.value;
  row.note = seen.note;
  row.number = RowVersion(seen.number);
  row.version = version;
}

Store::Progress Store::run_select(SessionId id) {
  Session& session = sessions_[id];
  const Statement& statement = *session.statement;
  for (const RowKey key : statement.keys) {
    const RecordIndex index = find(key);
    if (index == no_record) {
      continue;
    }
    const Record& record = records_[index];
    if (statement.locking == Locking::none) {
      if (const VersionId version = visible(record, id); version != no_version) {
        see(id, key, version);
      }
      continue;
    }
    if (!exists_for(record, id)) {
      continue;
    }
    const bool taken = record.holder != no_session && record.holder != id;
    if (session.isolation == Isolation::repeatable_read &&
        changed_since_snapshot(record, session)) {
      return fail(id, StatementError::serialization_failure);
    }
    if (taken && statement.locking == Locking::for_update_nowait) {
      return fail(id, StatementError::lock_not_available);
    }
    if (taken && statement.locking == Locking::for_update_skip_locked) {
      continue;
    }
    switch (lock(id, index)) {
      case Lock::held:
        break;
      case Lock::waiting:
        return Progress::waiting;
      case Lock::deadlock:
        return fail(id, StatementError::deadlock_detected);
    }
    // Whoever waited reads the row again; otherwise this is what the snapshot saw.
    see(id, key, record.newest);
  }
  return complete(id);
}

void Store::run_scan(SessionId id) {
  Session& session = sessions_[id];
  for (const Record& record : records_) {
    const VersionId version = visible(record, id);
    if (record.key.table() == Table::rows && version != no_version &&
        session.statement->where.holds(versions_[version].value, versions_[version].number)) {
      RACELAB_EXPECT(answer(id).rows.size() < max_rows);
      see(id, record.key, version);
    }
  }
}

Store::Progress Store::run_update(SessionId id) {
  Session& session = sessions_[id];
  const Statement& statement = *session.statement;
  const RecordIndex index = find(statement.keys.front());
  // Whoever waited has looked before that, and its snapshot shows the same as then.
  if (!session.waited) {
    const VersionId seen = index == no_record ? no_version : visible(records_[index], id);
    if (seen == no_version ||
        !statement.where.holds(versions_[seen].value, versions_[seen].number)) {
      return complete(id);  // 0 rows, and no lock: the snapshot shows nothing to update
    }
  }
  if (session.isolation == Isolation::repeatable_read &&
      changed_since_snapshot(records_[index], session)) {
    return fail(id, StatementError::serialization_failure);
  }
  switch (lock(id, index)) {
    case Lock::held:
      break;
    case Lock::waiting:
      return Progress::waiting;
    case Lock::deadlock:
      return fail(id, StatementError::deadlock_detected);
  }
  const VersionId latest = records_[index].newest;
  if (session.waited && !statement.where.holds(versions_[latest].value, versions_[latest].number)) {
    return complete(id);  // 0 rows, but the lock stays until the transaction ends
  }
  write(id, index, statement);
  return complete(id);
}

Store::Progress Store::run_insert(SessionId id) {
  Session& session = sessions_[id];
  const Statement& statement = *session.statement;
  const RowKey key = statement.keys.front();
  RecordIndex index = find(key);
  if (index == no_record) {
    index = add_record(key);
  }
  const Record& record = records_[index];
  if (in_flight(record) && record.holder != id) {
    // Someone's insert (or update) of this key: its fate decides. A lock alone decides nothing.
    return join_queue(id, index) == Lock::deadlock ? fail(id, StatementError::deadlock_detected)
                                                   : Progress::waiting;
  }
  if (record.newest == no_version) {
    hold(id, index);
    write(id, index, statement);
    return complete(id);
  }
  if (!statement.on_conflict_do_nothing) {
    return fail(id, StatementError::unique_violation);
  }
  if (session.isolation == Isolation::repeatable_read && changed_since_snapshot(record, session)) {
    return fail(id, StatementError::serialization_failure);
  }
  return complete(id);
}

// ---- writes and ends

// The version is put together in its place: copying what was written a moment ago would make the processor wait.
void Store::write(SessionId id, RecordIndex index, const Statement& statement) {
  Session& session = sessions_[id];
  Record& record = records_[index];
  const VersionId replaced = record.newest;
  const auto number = static_cast<VersionId>(versions_.size());
  Version& version = versions_.emplace_back();
  version.key = record.key;
  version.value = statement.value;
  version.note = statement.note;
  if (replaced != no_version) {
    const Version& old = versions_[replaced];
    version.note = old.note;
    version.number = old.number + 1;
    version.computed_from = statement.computed_from;
    if (statement.verb == Verb::update_add) {
      version.value += old.value;
      version.computed_from = replaced;
    }
  }
  version.execution = session.execution;
  version.previous = replaced;
  version.written_before = session.last_written;
  record.newest = session.last_written = number;
  record.oldest = replaced == no_version ? number : record.oldest;
  StatementResult& result = answer(id);
  result.written = number;
  result.written_value = version.value;
  result.affected = 1;
}

void Store::commit(SessionId id) {
  Session& session = sessions_[id];
  if (session.last_written != no_version) {
    ++sequence_;
    for (VersionId v = session.last_written; v != no_version; v = versions_[v].written_before) {
      versions_[v].committed = sequence_;
      if (grants_ != nullptr) {
        Record& record = records_[find(versions_[v].key)];
        record.open = record.waiters.first != no_session;
      }
    }
    session.last_written = no_version;
  }
  release_locks(id);
}

void Store::abort(SessionId id) {
  Session& session = sessions_[id];
  for (VersionId v = session.last_written; v != no_version; v = versions_[v].written_before) {
    records_[find(versions_[v].key)].newest = versions_[v].previous;
  }
  session.last_written = no_version;
  release_locks(id);
}

}  // namespace racelab
