// What handlers of SQL talk to: sessions, statements one at a time, waits. The relational database is the one that behaves; a real
// server stands behind the same door (sim/drivers), and so does the pair of both in lockstep (sim/explore/lockstep.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/branches.h"
#include "sim/sql/schema.h"
#include "sim/sql/sqlstate.h"
#include "sim/store/row_locks.h"

namespace racelab::sql {

/// Something that a statement that does not wait (NOWAIT, SKIP LOCKED, try-locks) found locked: a row by its primary key (or all its
/// values), or an advisory key.
struct FoundLocked {
  std::uint16_t table = UINT16_MAX;  // UINT16_MAX: an advisory key
  Values key;
  friend bool operator==(const FoundLocked&, const FoundLocked&) = default;
};

/// What of an answer hangs on an order of rows that SQL does not promise: bits.
namespace order_open {
constexpr std::uint8_t which_rows =
    1;  // LIMIT or OFFSET cuts between rows that ORDER BY does not tell apart
constexpr std::uint8_t their_order = 2;  // the rows come in an order that ORDER BY does not settle
constexpr std::uint8_t of_locks = 4;     // several rows are locked one after another
constexpr std::uint8_t of_join = 8;      // the same, as a join comes to them
}  // namespace order_open

/// What a statement answered.
struct Result {
  SqlState error;
  std::string server_code;  // the database's own name of that error, where it has another: "1213"
  std::string message;
  std::uint64_t affected = 0;
  std::uint64_t changed = 0;  // rows, by the statement and its WITH
  std::vector<Values> rows;
  std::uint8_t open = 0;  // order_open
  bool waited = false;
  bool rolled_back = false;  // COMMIT of a failed transaction: the tag ROLLBACK
  std::vector<FoundLocked> found_locked;
};

/// An error's code for people: "40001", with the database's own name of it "40001 (1213)".
std::string code_text(const SqlState& error, const std::string& server_code);

class Server {
 public:
  virtual ~Server() = default;

  /// Opens a session under a number that is not in use.
  virtual void connect(SessionId session, Isolation isolation) = 0;
  /// Rolls back what is open, leaves any queue, and frees the session with what it holds.
  virtual void disconnect(SessionId session) = 0;

  enum class Progress : std::uint8_t { done, waiting };
  /// Runs a statement of a session that runs none; it must stay where it is until it is done. `pretend`: what a statement that
  /// does not wait is to find locked, besides what is; nullptr: nothing.
  virtual Progress execute(SessionId session, const Statement& statement, Values parameters,
                           const std::vector<FoundLocked>* pretend) = 0;
  Progress execute(SessionId session, const Statement& statement, Values parameters) {
    return execute(session, statement, std::move(parameters), nullptr);
  }
  [[nodiscard]] virtual const Result& result(SessionId session) const = 0;

  /// Lets statements go on that waited and can, until none is left; then woken() lists them in that order.
  virtual void settle(Branches& branches) = 0;
  [[nodiscard]] virtual const std::vector<SessionId>& woken() const = 0;
  virtual void clear_woken() = 0;
  /// A wait ends with an error (55P03, 40P01).
  virtual void end_wait(SessionId session, const SqlState& error) = 0;

  [[nodiscard]] virtual bool waiting(SessionId session) const = 0;
  [[nodiscard]] virtual bool in_transaction(SessionId session) const = 0;
  /// Whom a session waits for, in order and once; nobody, if it does not wait.
  [[nodiscard]] virtual std::vector<SessionId> blockers(SessionId session) const = 0;

  /// What the clock shows, in microseconds since 1970.
  [[nodiscard]] virtual std::int64_t clock() const = 0;
  virtual void set_clock(std::int64_t micros) = 0;

  /// The committed rows of a table, sorted; of a protection's table none.
  [[nodiscard]] virtual std::vector<Values> contents(std::uint16_t table) const = 0;

  /// Whether a session waits in a circle.
  [[nodiscard]] bool deadlocked(SessionId session) const;

 protected:
  Server() = default;
  Server(const Server&) = default;
  Server& operator=(const Server&) = default;
};

}  // namespace racelab::sql
