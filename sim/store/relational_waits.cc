// Who goes on after a wait, who waits for whom.
#include <algorithm>

#include "sim/store/relational.h"

namespace racelab::sql {

namespace {

bool holds(const RowLock& lock, SessionId session) {
  return std::any_of(lock.holds.begin(), lock.holds.end(),
                     [session](const RowLock::Hold& hold) { return hold.session == session; });
}

// A session that holds the row in some way already stands in no queue for it: it waits for other holders, and for nobody who waits,
// which would be a deadlock. The others go one after another. (Measured: tests/postgresql/histories.txt.)
bool has_turn(const RowLock& lock, SessionId session) {
  if (holds(lock, session)) {
    return true;
  }
  const auto first =
      std::find_if(lock.queue.begin(), lock.queue.end(),
                   [&lock](const RowLock::Waiter& waiter) { return !holds(lock, waiter.session); });
  return first != lock.queue.end() && first->session == session;
}

bool others_have(const RowLocks& locks, const RowLock& lock, SessionId session) {
  return std::any_of(lock.queue.begin(), lock.queue.end(), [&](const RowLock::Waiter& other) {
    return other.session != session && has_turn(lock, other.session) &&
           !locks.blocked(lock.table, lock.row, other.session, other.mode);
  });
}

}  // namespace

// A waiting UPDATE or DELETE that holds nothing afterwards, because its transaction is the statement and the row no longer fits.
bool Database::finds_nothing(SessionId session) const {
  const Session& it = sessions_[session];
  const bool changes = it.statement->kind == Statement::Kind::update ||
                       it.statement->kind == Statement::Kind::remove;
  const std::optional<Expression>& where = it.statement->kind == Statement::Kind::update
                                               ? it.statement->update.where
                                               : it.statement->remove.where;
  if (it.open || !changes || !it.wait.of_where || !where || !about_one_row(*where)) {
    return false;
  }
  const Version* now = standing(it.wait.table, it.wait.row, session);
  return now != nullptr && !Predicate{it.wait.table, &*where, it.parameters}.meets(now->values);
}

// Whether anybody waits for the row who will not fail at once.
bool Database::somebody_takes(const RowLock& lock) const {
  return std::any_of(lock.queue.begin(), lock.queue.end(), [&](const RowLock::Waiter& waiter) {
    return sessions_[waiter.session].isolation == Isolation::read_committed &&
           !locks_.blocked(lock.table, lock.row, waiter.session, waiter.mode);
  });
}

Database::Ready Database::ready(SessionId session) const {
  const Session& it = sessions_[session];
  switch (it.wait.kind) {
    case Wait::Kind::none:
      return Ready::no;
    case Wait::Kind::row: {
      const Version* now = standing(it.wait.table, it.wait.row, session);
      const bool first_wins = it.isolation != Isolation::read_committed;
      const bool changed =
          now == nullptr || (it.wait.mode == LockMode::key_share
                                 ? now->key_since > it.wait.key_since
                                 : changed_since(it.wait.table, it.wait.row, session));
      const bool fails = first_wins && changed;
      // SELECT … FOR UPDATE that waited locks the row's newest version before it looks whether it may.
      if (now == nullptr || (fails && it.statement->kind != Statement::Kind::select)) {
        return Ready::at_once;
      }
      if (locks_.blocked(it.wait.table, it.wait.row, session, it.wait.mode)) {
        return Ready::no;
      }
      const RowLock& lock = *locks_.find(it.wait.table, it.wait.row);
      if (fails) {
        return somebody_takes(lock) ? Ready::races : Ready::at_once;
      }
      if (!lock.open) {
        return !has_turn(lock, session)             ? Ready::no
               : others_have(locks_, lock, session) ? Ready::races
                                                    : Ready::at_once;
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
      return other->ended.committed() || it.wait.upserts ? Ready::races : Ready::at_once;
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
    const SessionId first = racing[branches.choose(locks_.keeps_queues() ? 1 : racing.size())];
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
        if (lock.open || waiter.session == session || holds(lock, session)) {
          break;
        }
        if (!holds(lock, waiter.session)) {
          add(waiter.session);
        }
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

std::string code_text(const SqlState& error, const std::string& server_code) {
  std::string text(error.code());
  if (!server_code.empty()) {
    text += " (" + server_code + ')';
  }
  return text;
}

bool Server::deadlocked(SessionId session) const {
  std::vector<SessionId> open = blockers(session);
  std::vector<SessionId> seen;
  while (!open.empty()) {
    const SessionId at = open.back();
    open.pop_back();
    if (at == session) {
      return true;
    }
    if (std::find(seen.begin(), seen.end(), at) == seen.end()) {
      seen.push_back(at);
      const std::vector<SessionId> further = blockers(at);
      open.insert(open.end(), further.begin(), further.end());
    }
  }
  return false;
}

}  // namespace racelab::sql
