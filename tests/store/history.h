// A driver for literal statement histories: sessions by number, answers as words.
//
//   lab.run(2, update(0, 12))   -> "waits"
//   lab.run(1, commit())        -> "COMMIT"
//   lab.woken()                 -> "T2: 1 row"
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/arena.h"
#include "sim/store/sql.h"
#include "sim/store/store.h"

namespace racelab::history {

inline RowKeys keys(std::initializer_list<std::uint32_t> rows) {
  RowKeys all;
  for (const std::uint32_t row : rows) {
    all.push_back(RowKey::row(row));
  }
  return all;
}

inline Statement select(std::initializer_list<std::uint32_t> rows) {
  return Statement::select(keys(rows));
}
inline Statement select_for_update(std::initializer_list<std::uint32_t> rows,
                                   Locking locking = Locking::for_update) {
  return Statement::select(keys(rows), locking);
}
inline Statement update(std::uint32_t row, std::int64_t value, const Where& where = {},
                        VersionId computed_from = no_version) {
  return Statement::update(
      Write{.key = RowKey::row(row), .value = value, .computed_from = computed_from}, where);
}
inline Statement add(std::uint32_t row, std::int64_t amount, const Where& where = {}) {
  return Statement::update(InPlace{.key = RowKey::row(row), .amount = amount, .where = where});
}
inline Statement insert(std::uint32_t row, std::int64_t value) {
  return Statement::insert(RowKey::row(row), value);
}
inline Statement insert_if_absent(std::uint32_t row, std::int64_t value) {
  return Statement::insert_if_absent(RowKey::row(row), value);
}
inline Statement commit() { return Statement::commit(); }
inline Statement rollback() { return Statement::rollback(); }

/// What a statement answered, as a reader would say it: "10, 20", "1 row", "COMMIT", "40001".
inline std::string answer(const Statement& statement, const StatementResult& result) {
  if (result.error != StatementError::none) {
    return sqlstate(result.error);
  }
  switch (statement.verb) {
    case Verb::begin:
      return "BEGIN";
    case Verb::commit:
      return result.rolled_back ? "ROLLBACK" : "COMMIT";
    case Verb::rollback:
      return "ROLLBACK";
    case Verb::select:
    case Verb::scan: {
      std::string values;
      for (const SeenRow& row : result.rows) {
        values += (values.empty() ? "" : ", ") + std::to_string(row.value);
      }
      return values.empty() ? "nothing" : values;
    }
    default:
      return result.affected == 1 ? "1 row" : "0 rows";
  }
}

/// A store with rows 0, 1, … and sessions T1, T2, …
class Lab {
 public:
  Lab(const std::vector<std::int64_t>& values, std::size_t sessions) : store_(arena_) {
    for (const std::int64_t value : values) {
      store_.create_row(value);
    }
    for (std::size_t i = 0; i < sessions; ++i) {
      sessions_.push_back(store_.connect());
      store_.set_execution(sessions_.back(), static_cast<ExecutionId>(i + 1));
    }
    running_.resize(sessions);
  }

  /// All sessions begin a transaction.
  void begin_all(Isolation isolation) {
    for (std::size_t i = 1; i <= sessions_.size(); ++i) {
      run(i, Statement::begin(isolation));
    }
  }

  std::string run(std::size_t session, const Statement& statement) {
    running_[session - 1] = statement;
    if (store_.execute(id(session), running_[session - 1]) == Store::Progress::waiting) {
      return "waits";
    }
    return answer(statement, store_.result(id(session)));
  }

  /// What the last call completed for others, in the order it happened: "T2: 1 row, T3: 40001".
  std::string woken() {
    std::string text;
    for (const SessionId woken : store_.woken()) {
      std::size_t session = 1;
      while (id(session) != woken) {
        ++session;
      }
      text += (text.empty() ? "" : ", ") + std::string("T") + std::to_string(session) + ": " +
              answer(running_[session - 1], store_.result(woken));
    }
    store_.clear_woken();
    return text;
  }

  void time_out(std::size_t session) { store_.time_out(id(session)); }
  void disconnect(std::size_t session) { store_.disconnect(id(session)); }
  [[nodiscard]] bool waiting(std::size_t session) const { return store_.waiting(id(session)); }
  [[nodiscard]] const StatementResult& result(std::size_t session) const {
    return store_.result(id(session));
  }
  [[nodiscard]] std::int64_t committed(std::uint32_t row) const {
    return store_.versions()[store_.last_committed(RowKey::row(row))].value;
  }
  [[nodiscard]] SessionId id(std::size_t session) const { return sessions_[session - 1]; }
  [[nodiscard]] const Store& store() const { return store_; }
  [[nodiscard]] Store& store() { return store_; }

 private:
  Arena arena_;
  Store store_;
  std::vector<SessionId> sessions_;
  std::vector<Statement> running_;
};

}  // namespace racelab::history
