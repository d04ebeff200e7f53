// What a service needs of a database: sessions, statements one at a time, answers. `Store` is the one that behaves;
// exploration puts another in its place, to learn what handlers do without running them again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/store/statement.h"

namespace racelab {

using SessionId = std::uint32_t;
constexpr SessionId no_session = UINT32_MAX;

/// One run of a handler's strategy: who wrote a version. Given by the service.
using ExecutionId = std::uint32_t;
constexpr ExecutionId no_execution = UINT32_MAX;

/// Decides where the database is free: which of several waiters has a row next.
class Grants {
 public:
  /// Expects at least two, first come first; gives the place of one.
  virtual std::size_t next(std::span<const SessionId> waiters) = 0;

 protected:
  Grants() = default;
  Grants(const Grants&) = default;
  Grants& operator=(const Grants&) = default;
  ~Grants() = default;
};

class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  [[nodiscard]] virtual SessionId connect() = 0;
  /// Rolls back what is open, leaves any queue, and frees the session.
  virtual void disconnect(SessionId session) = 0;

  /// Whose writes the session's next statements are.
  virtual void set_execution(SessionId session, ExecutionId execution) = 0;

  enum class Progress : std::uint8_t { done, waiting };
  /// Runs a statement; when done, result() tells what it answered. A session runs one statement at a time, and a statement
  /// that waits must stay where it is until it is done.
  virtual Progress execute(SessionId session, const Statement& statement) = 0;
  /// Ends a wait for a lock: the statement fails with 55P03.
  virtual void time_out(SessionId session) = 0;
  /// Whether it waits in a circle. (Never, where whoever closes one fails at once.)
  [[nodiscard]] virtual bool deadlocked(SessionId session) const = 0;
  /// Ends the wait of one of a circle: the statement fails with 40P01. Expects deadlocked().
  virtual void end_deadlock(SessionId session) = 0;
  [[nodiscard]] virtual const StatementResult& result(SessionId session) const = 0;

  /// Sessions whose waiting statement was completed since they were last cleared, in the order it happened.
  [[nodiscard]] virtual std::span<const SessionId> woken() const = 0;
  virtual void clear_woken() = 0;

  /// Whether a transaction was begun and not yet ended (a failed one counts).
  [[nodiscard]] virtual bool in_transaction(SessionId session) const = 0;
  [[nodiscard]] virtual bool waiting(SessionId session) const = 0;
  /// Who holds the lock that a session waits for; no_session if it waits for none.
  [[nodiscard]] virtual SessionId blocker(SessionId session) const = 0;
  /// The row it waits for. Expects waiting().
  [[nodiscard]] virtual RowKey contested(SessionId session) const = 0;
};

}  // namespace racelab
