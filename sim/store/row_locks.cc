// Holders and queues of rows.
#include "sim/store/row_locks.h"

#include <algorithm>

namespace racelab::sql {

const RowLock* RowLocks::find(std::uint16_t table, RowId row) const {
  const auto found = std::find_if(locks_.begin(), locks_.end(), [table, row](const RowLock& lock) {
    return lock.table == table && lock.row == row;
  });
  return found == locks_.end() ? nullptr : &*found;
}

RowLock& RowLocks::at(std::uint16_t table, RowId row) {
  if (const RowLock* lock = find(table, row)) {
    return locks_[static_cast<std::size_t>(lock - locks_.data())];
  }
  locks_.push_back({table, row, {}, {}, false});
  return locks_.back();
}

bool RowLocks::blocked(std::uint16_t table, RowId row, SessionId session, LockMode mode) const {
  const RowLock* lock = find(table, row);
  return lock != nullptr &&
         std::any_of(lock->holds.begin(), lock->holds.end(), [&](const RowLock::Hold& hold) {
           return hold.session != session && conflict(hold.mode, mode);
         });
}

bool RowLocks::held_for_update(std::uint16_t table, RowId row, SessionId session) const {
  const RowLock* lock = find(table, row);
  return lock != nullptr &&
         std::any_of(lock->holds.begin(), lock->holds.end(), [session](const RowLock::Hold& hold) {
           return hold.session == session && hold.mode == LockMode::update;
         });
}

void RowLocks::hold(std::uint16_t table, RowId row, const RowLock::Hold& hold) {
  std::vector<RowLock::Hold>& holds = at(table, row).holds;
  const bool held = std::any_of(holds.begin(), holds.end(), [&hold](const RowLock::Hold& it) {
    return it.session == hold.session && it.mode >= hold.mode;
  });
  if (!held) {
    holds.push_back(hold);
  }
}

void RowLocks::wait(std::uint16_t table, RowId row, SessionId session, LockMode mode) {
  at(table, row).queue.push_back({session, mode});
}

void RowLocks::leave_queue(std::uint16_t table, RowId row, SessionId session) {
  RowLock& lock = at(table, row);
  lock.queue.erase(
      std::remove_if(lock.queue.begin(), lock.queue.end(),
                     [session](const RowLock::Waiter& it) { return it.session == session; }),
      lock.queue.end());
  lock.open = lock.open && !lock.queue.empty();
}

void RowLocks::changed(std::uint16_t table, RowId row) {
  const RowLock* lock = find(table, row);
  if (lock != nullptr && !lock->queue.empty() && !keeps_queues_) {
    at(table, row).open = true;
  }
}

void RowLocks::release(SessionId session, std::uint16_t from_level) {
  for (RowLock& lock : locks_) {
    lock.holds.erase(std::remove_if(lock.holds.begin(), lock.holds.end(),
                                    [session, from_level](const RowLock::Hold& hold) {
                                      return hold.session == session && hold.level >= from_level;
                                    }),
                     lock.holds.end());
  }
}

void RowLocks::merge_level(SessionId session, std::uint16_t level) {
  for (RowLock& lock : locks_) {
    for (RowLock::Hold& hold : lock.holds) {
      if (hold.session == session && hold.level >= level) {
        hold.level = static_cast<std::uint16_t>(level - 1);
      }
    }
  }
}

void RowLocks::drop_unused() {
  locks_.erase(
      std::remove_if(locks_.begin(), locks_.end(),
                     [](const RowLock& lock) { return lock.holds.empty() && lock.queue.empty(); }),
      locks_.end());
}

}  // namespace racelab::sql
