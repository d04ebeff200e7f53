// SERIALIZABLE: whoever would close a circle of dependencies is refused at its COMMIT.
//
// Between two transactions A and B there is a dependency A -> B when A was committed before B's snapshot was taken, or when A looked
// for rows through a snapshot that does not show a row which B wrote, and the row meets what A looked for. What commits then always
// has an order in which it could have run one after another, and one that agrees with real time. Who is refused may differ from
// PostgreSQL, which refuses more than it must (https://www.postgresql.org/docs/15/transaction-iso.html#XACT-SERIALIZABLE).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/sql/evaluate.h"
#include "sim/sql/value.h"

namespace racelab::sql {

/// What a statement looked for in a table: rows for which the condition is true; nullptr: whatever rows.
struct Predicate {
  std::uint16_t table = 0;
  const Expression* condition = nullptr;
  Values parameters{};
  /// With a LIMIT that was reached: rows behind the last one that was looked at do not matter. nullptr: all do.
  const std::vector<Ordering>* order = nullptr;
  Values last{};
  /// This row alone, which the statement found in its way: its key was taken.
  Row exact{};
  [[nodiscard]] bool meets(const Row& row) const;
};

struct WrittenRow {
  std::uint16_t table = 0;
  Row before;  // nullptr: inserted
  Row after;   // nullptr: deleted
};

struct TransactionReads {
  std::vector<Predicate> predicates;
  std::vector<WrittenRow> written;
};

class Serializable {
 public:
  struct Transaction {
    std::uint64_t snapshot = 0;
    std::uint64_t commit = 0;
    TransactionReads did;
  };

  /// Whether the transaction may be committed as the n-th.
  [[nodiscard]] bool allows(const Transaction& transaction) const;
  void commit(Transaction transaction) { committed_.push_back(std::move(transaction)); }
  /// Forgets what can no longer be part of a circle: the oldest snapshot that is still in use, UINT64_MAX for none.
  void forget(std::uint64_t oldest_snapshot);
  void describe(const std::vector<std::uint64_t>& snapshots,
                std::vector<std::uint64_t>& words) const;

 private:
  std::vector<Transaction> committed_;
};

void describe(const TransactionReads& did, std::vector<std::uint64_t>& words);

}  // namespace racelab::sql
