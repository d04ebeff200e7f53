// Who holds which row, and who waits for it.
//
// Whoever asks gets a row at once if no holder is in the way, also past those who wait. Those who wait stand in a queue: first come,
// first served, until a change of the row is committed while somebody waits; from then on, until nobody waits any more, whoever
// of them comes first gets it (measured: docs/model.md).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/sql/expression.h"
#include "sim/store/relation.h"

namespace racelab::sql {

struct RowLock {
  struct Hold {
    SessionId session = nobody;
    LockMode mode = LockMode::none;
    std::uint16_t level = 0;  // savepoints around it
  };
  struct Waiter {
    SessionId session = nobody;
    LockMode mode = LockMode::none;
  };
  std::uint16_t table = 0;
  RowId row = 0;
  std::vector<Hold> holds;
  std::vector<Waiter> queue;
  bool open = false;  // the queue is a set
};

class RowLocks {
 public:
  [[nodiscard]] const RowLock* find(std::uint16_t table, RowId row) const;
  [[nodiscard]] const std::vector<RowLock>& all() const { return locks_; }

  /// Whether another session holds it in a way that forbids this.
  [[nodiscard]] bool blocked(std::uint16_t table, RowId row, SessionId session,
                             LockMode mode) const;
  /// Whether the session holds it FOR UPDATE.
  [[nodiscard]] bool held_for_update(std::uint16_t table, RowId row, SessionId session) const;
  void hold(std::uint16_t table, RowId row, const RowLock::Hold& hold);
  void wait(std::uint16_t table, RowId row, SessionId session, LockMode mode);
  void leave_queue(std::uint16_t table, RowId row, SessionId session);
  /// Queues stay first come, first served, whatever is committed.
  void keep_queues() { keeps_queues_ = true; }
  [[nodiscard]] bool keeps_queues() const { return keeps_queues_; }
  /// A change of the row was committed.
  void changed(std::uint16_t table, RowId row);
  /// What a session took inside at least so many savepoints.
  void release(SessionId session, std::uint16_t from_level);
  /// RELEASE SAVEPOINT: what was taken inside it belongs to what is around it.
  void merge_level(SessionId session, std::uint16_t level);
  void drop_unused();

 private:
  RowLock& at(std::uint16_t table, RowId row);
  std::vector<RowLock> locks_;
  bool keeps_queues_ = false;
};

}  // namespace racelab::sql
