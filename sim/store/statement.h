// The statements of the store, as plain data: what a handler sends over its session, and what comes back.
//
// Each stands for one SQL statement and prints as it (sql.h). Statements are small values of fixed capacity, so that a
// whole simulated world can be copied byte by byte.
#pragma once

#include <boost/container/static_vector.hpp>
#include <compare>
#include <cstdint>

namespace racelab {

/// How a handler's statements see each other's work. At `autocommit` each statement is a transaction of its own.
enum class Isolation : std::uint8_t { autocommit, read_committed, repeatable_read };

/// Two tables: the rows that operations change, and the idempotency keys that protections record.
enum class Table : std::uint8_t { rows, keys };

/// A row's primary key.
struct RowKey {
  std::uint64_t packed = 0;

  static constexpr RowKey row(std::uint32_t number) { return {number}; }
  /// The idempotency key of a client's operation; `attempt` is 0 unless the client (wrongly) makes a new one each time.
  static constexpr RowKey idempotency(std::uint32_t client, std::uint32_t operation,
                                      std::uint16_t attempt) {
    return {(std::uint64_t{1} << 63U) | (std::uint64_t{client} << 44U) |
            (std::uint64_t{operation} << 16U) | attempt};
  }
  [[nodiscard]] constexpr Table table() const {
    return (packed >> 63U) != 0 ? Table::keys : Table::rows;
  }
  [[nodiscard]] constexpr std::uint32_t number() const {
    return static_cast<std::uint32_t>(packed);
  }
  [[nodiscard]] constexpr std::uint32_t client() const {
    return static_cast<std::uint32_t>((packed >> 44U) & 0x7FFFFU);
  }
  [[nodiscard]] constexpr std::uint32_t operation() const {
    return static_cast<std::uint32_t>((packed >> 16U) & 0xFFFFFFFU);
  }
  [[nodiscard]] constexpr std::uint16_t attempt() const {
    return static_cast<std::uint16_t>(packed);
  }
  friend constexpr auto operator<=>(RowKey, RowKey) = default;
};

/// At most so many rows in one change or one statement.
constexpr std::size_t max_rows = 8;
using RowKeys = boost::container::static_vector<RowKey, max_rows>;

/// Names one version of one row for the whole run.
using VersionId = std::uint32_t;
constexpr VersionId no_version = UINT32_MAX;

/// A row's version column as a statement saw it: 0, then one more with each update. To a strategy it is a name without
/// a number: good for `WHERE version = …` and nothing else. (Exploration relies on it: it need not tell apart two
/// executions that only counted differently.)
class RowVersion {
 public:
  constexpr RowVersion() = default;
  constexpr explicit RowVersion(std::uint32_t column) : column_(column) {}
  /// For stores, traces and tests.
  [[nodiscard]] constexpr std::uint32_t column() const { return column_; }

 private:
  std::uint32_t column_ = 0;
};

/// A row as a statement saw it.
struct SeenRow {
  RowKey key;
  std::int64_t value = 0;
  std::int64_t note = 0;  // second column of a key row: the request it was recorded for
  RowVersion number;
  VersionId version = no_version;  // for `computed_from`, and nothing else
};
using Rows = boost::container::static_vector<SeenRow, max_rows>;

/// A condition on a row.
struct Where {
  enum class Kind : std::uint8_t { always, version_is, value_is, value_at_least, remainder_is };
  Kind kind = Kind::always;
  std::int64_t operand = 0;
  std::int64_t divisor = 1;  // remainder_is: value % divisor = operand

  static constexpr Where version(RowVersion version) {
    return {Kind::version_is, version.column(), 1};
  }
  static constexpr Where value(std::int64_t value) { return {Kind::value_is, value, 1}; }
  static constexpr Where at_least(std::int64_t value) { return {Kind::value_at_least, value, 1}; }
  static constexpr Where remainder(std::int64_t divisor, std::int64_t remainder) {
    return {Kind::remainder_is, remainder, divisor};
  }
  [[nodiscard]] bool holds(std::int64_t value, std::uint32_t version_number) const {
    switch (kind) {
      case Kind::always:
        return true;
      case Kind::version_is:
        return version_number == operand;
      case Kind::value_is:
        return value == operand;
      case Kind::value_at_least:
        return value >= operand;
      case Kind::remainder_is:
        return value % divisor == operand;
    }
    return false;
  }
};

/// A new value for a row, worked out by the handler from a version it read (no_version: from none).
struct Write {
  RowKey key;
  std::int64_t value = 0;
  VersionId computed_from = no_version;
};
using Writes = boost::container::static_vector<Write, max_rows>;

/// `UPDATE row = row + amount WHERE …`: a change worked out by the store, in one statement.
struct InPlace {
  RowKey key;
  std::int64_t amount = 0;
  Where where{};
};

enum class Verb : std::uint8_t {
  begin,
  select,
  scan,
  update_set,
  update_add,
  insert,
  commit,
  rollback
};

/// What SELECT does about row locks.
enum class Locking : std::uint8_t { none, for_update, for_update_nowait, for_update_skip_locked };

struct Statement {
  Verb verb = Verb::select;
  Isolation isolation = Isolation::read_committed;  // begin
  Locking locking = Locking::none;                  // select
  bool on_conflict_do_nothing = false;              // insert
  RowKeys keys;                                     // select: all of them; update, insert: one
  Where where{};                                    // scan, update
  std::int64_t value = 0;                           // update: new value or amount to add; insert
  std::int64_t note = 0;                            // insert
  VersionId computed_from = no_version;             // update_set

  static Statement begin(Isolation isolation);
  static Statement select(const RowKeys& keys, Locking locking = Locking::none);
  static Statement scan(const Where& where);
  static Statement update(const Write& write, const Where& where = {});
  static Statement update(const InPlace& change);
  static Statement insert(RowKey key, std::int64_t value, std::int64_t note = 0);
  static Statement insert_if_absent(RowKey key, std::int64_t value, std::int64_t note = 0);
  static Statement commit() { return ending(Verb::commit); }
  static Statement rollback() { return ending(Verb::rollback); }

 private:
  static Statement ending(Verb verb);
};

/// Why a statement failed, by PostgreSQL's SQLSTATE.
enum class StatementError : std::uint8_t {
  none,
  serialization_failure,  // 40001: the row changed since this transaction's snapshot
  deadlock_detected,      // 40P01: this wait would have closed a circle
  lock_not_available,     // 55P03: NOWAIT, or the lock timeout passed
  unique_violation,       // 23505: the key is already there
  in_failed_transaction,  // 25P02: only COMMIT or ROLLBACK are possible
};

/// What a statement answered.
struct StatementResult {
  StatementError error = StatementError::none;
  bool rolled_back = false;  // COMMIT of a failed transaction: the tag ROLLBACK
  bool waited = false;       // for another transaction
  std::uint32_t affected = 0;
  VersionId written = no_version;  // the version that an UPDATE or INSERT wrote
  std::int64_t written_value = 0;  // its value
  Rows rows;
};

}  // namespace racelab
