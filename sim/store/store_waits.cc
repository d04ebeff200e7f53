// Who holds a row, who waits for it, and who goes on.
#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <utility>

#include "sim/kernel/expect.h"
#include "sim/store/store.h"

namespace racelab {

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

}  // namespace racelab
