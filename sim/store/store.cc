// How statements run. The order of the sections: looking up, sessions, statements, locks, writes, ends.
#include "sim/store/store.h"

#include <boost/container/small_vector.hpp>

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

// ---- locks

Store::Lock Store::lock(SessionId id, RecordIndex index) {
  const SessionId holder = records_[index].holder;
  if (holder == id) {
    return Lock::held;
  }
  if (holder != no_session) {
    return join_queue(id, index);
  }
  hold(id, index);
  return Lock::held;
}

void Store::hold(SessionId id, RecordIndex index) {
  Record& record = records_[index];
  if (record.holder == id) {
    return;
  }
  RACELAB_EXPECT(record.holder == no_session);
  record.holder = id;
  record.held_before = sessions_[id].last_held;
  sessions_[id].last_held = index;
}

// A session waits for one row at a time and a row has one holder, so the waits form a chain: a circle exists exactly when following
// it leads back. (Those ahead in the queue wait for the same holder.) It may lead into a circle of others, and round.
bool Store::leads_back(SessionId from, SessionId id) const {
  SessionId next = from;
  for (std::size_t steps = 0; next != no_session && steps <= sessions_.size(); ++steps) {
    if (next == id) {
      return true;
    }
    next = blocker(next);
  }
  return false;
}

bool Store::deadlocked(SessionId session) const {
  return waiting(session) && leads_back(blocker(session), session);
}

Store::Lock Store::join_queue(SessionId id, RecordIndex index) {
  if (grants_ == nullptr && leads_back(records_[index].holder, id)) {
    return Lock::deadlock;
  }
  Record& record = records_[index];
  Session& session = sessions_[id];
  session.waiting_for = index;
  session.waited = true;
  answer(id).waited = true;
  append(record.waiters, &Session::among_waiters, id);
  if (watches(session)) {
    append(record.watchers, &Session::among_watchers, id);
  }
  return Lock::waiting;
}

void Store::leave_queue(SessionId id) {
  Session& session = sessions_[id];
  Record& record = records_[session.waiting_for];
  take_out(record.waiters, &Session::among_waiters, id);
  if (watches(session)) {
    take_out(record.watchers, &Session::among_watchers, id);
  }
  session.waiting_for = no_record;
  record.open = record.open && record.waiters.first != no_session;
}

void Store::append(Queue& queue, Place Session::*place, SessionId id) {
  sessions_[id].*place = {.before = queue.last, .next = no_session};
  (queue.last == no_session ? queue.first : (sessions_[queue.last].*place).next) = id;
  queue.last = id;
}

void Store::take_out(Queue& queue, Place Session::*place, SessionId id) {
  const Place left = std::exchange(sessions_[id].*place, Place{});
  (left.before == no_session ? queue.first : (sessions_[left.before].*place).next) = left.next;
  (left.next == no_session ? queue.last : (sessions_[left.next].*place).before) = left.before;
}

void Store::time_out(SessionId id) { end_wait(id, StatementError::lock_not_available); }

void Store::end_deadlock(SessionId id) {
  RACELAB_EXPECT(deadlocked(id));
  end_wait(id, StatementError::deadlock_detected);
}

void Store::end_wait(SessionId id, StatementError error) {
  RACELAB_EXPECT(waiting(id));
  leave_queue(id);
  fail(id, error);
  grant_waiters();
}

// Who waits for what the holder of the row does, and not for the row's lock alone.
bool Store::watches(const Session& session) {
  switch (session.statement->verb) {
    case Verb::insert:
      return true;
    case Verb::select:
      return false;
    default:
      return session.isolation == Isolation::repeatable_read;
  }
}

// Two kinds of watchers go on although the row has a new holder: an INSERT once nothing is in flight (it waits for a write, never
// for a lock; where the key is free again, whoever comes first has it), and an UPDATE at REPEATABLE READ once the row has
// changed (it fails, whoever comes first). FOR UPDATE waits for the new holder, too. So does an UPDATE at READ COMMITTED.
bool Store::goes_on_at_once(const Record& record, const Session& session) const {
  if (session.statement->verb != Verb::insert) {
    return changed_since_snapshot(record, session);
  }
  return !in_flight(record) && (grants_ == nullptr || record.newest != no_version);
}

// A waiter that need not wait any more: of a queue whose row is free, its head; otherwise a watcher. Where a long queue waits, a
// grant looks at its head and at the watchers, not at everybody.
SessionId Store::next_to_go_on(const Record& record) const {
  const bool races = record.open || (grants_ != nullptr && record.newest == no_version);
  if (record.holder == no_session && !races) {
    return record.waiters.first;
  }
  SessionId watcher = record.watchers.first;
  while (watcher != no_session && !goes_on_at_once(record, sessions_[watcher])) {
    watcher = sessions_[watcher].among_watchers.next;
  }
  return watcher == no_session && record.holder == no_session ? next_of_open(record) : watcher;
}

// A waiting UPDATE whose condition no longer fits.
bool Store::finds_nothing(const Record& record, const Session& session) const {
  const Verb verb = session.statement->verb;
  return record.newest != no_version && verb != Verb::insert && verb != Verb::select &&
         !session.statement->where.holds(versions_[record.newest].value,
                                         versions_[record.newest].number);
}

// Any of the waiters may have the row next. One whose condition no longer fits holds it all the same until its transaction ends;
// those that hold nothing afterwards, because their transaction is the statement, end at once and in no order. FOR UPDATE at
// REPEATABLE READ fails when its turn comes: it matters when only if somebody else may have the row before.
SessionId Store::next_of_open(const Record& record) const {
  boost::container::small_vector<SessionId, 32> racing;
  bool somebody_takes_it = false;
  for (SessionId id = record.waiters.first; id != no_session;
       id = sessions_[id].among_waiters.next) {
    const Session& session = sessions_[id];
    if (session.state == State::implicit && finds_nothing(record, session)) {
      return id;
    }
    somebody_takes_it = somebody_takes_it || record.newest == no_version ||
                        session.isolation != Isolation::repeatable_read ||
                        !changed_since_snapshot(record, session);
    racing.push_back(id);
  }
  return racing.size() < 2 || !somebody_takes_it
             ? record.waiters.first
             : racing[grants_->next({racing.data(), racing.size()})];
}

void Store::grant_waiters() {
  // A statement that is granted may end its own transaction and release rows in turn: those join the list, and this
  // loop comes to them.
  // NOLINTNEXTLINE(modernize-loop-convert): the list grows while it is walked
  for (std::size_t i = 0; i < released_.size(); ++i) {
    const RecordIndex index = released_[i];
    for (SessionId id = next_to_go_on(records_[index]); id != no_session;
         id = next_to_go_on(records_[index])) {
      leave_queue(id);
      if (run(id) == Progress::done) {
        woken_.push_back(id);
      }
    }
  }
  released_.clear();
}

void Store::release_locks(SessionId id) {
  Session& session = sessions_[id];
  while (session.last_held != no_record) {
    Record& record = records_[session.last_held];
    if (record.waiters.first != no_session) {
      released_.push_back(session.last_held);
    }
    record.holder = no_session;
    session.last_held = std::exchange(record.held_before, no_record);
  }
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
