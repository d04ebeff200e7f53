// One connection to an SQLite file: statements one at a time, none of which ever waits.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/sql/expression.h"

namespace racelab::drivers {

/// What the functions now(), clock_timestamp() and gen_random_uuid() show.
struct SqliteClock {
  std::int64_t now = 0;     // microseconds since 1970
  std::uint64_t uuids = 0;  // so many were drawn
};

/// What a statement answered.
struct SqliteAnswer {
  int code = SQLITE_OK;  // extended
  std::string message;
  bool would_wait = false;  // SQLITE_BUSY, and a busy_timeout would have let it wait
  std::uint64_t changed = 0;
  std::vector<sql::Values> rows;

  [[nodiscard]] bool failed() const { return code != SQLITE_OK; }
};

class SqliteLine {
 public:
  /// Opens `folder`/main.db, and beside it a file for each other schema. The clock must outlive this. Throws DriverError.
  SqliteLine(const std::string& folder, const std::vector<std::string>& schemas,
             SqliteClock& clock);
  SqliteLine(const SqliteLine&) = delete;
  SqliteLine& operator=(const SqliteLine&) = delete;
  ~SqliteLine() = default;

  /// Runs one statement with parameters ?1, ?2, … to its end. `columns`: the types of what it answers.
  SqliteAnswer run(const std::string& sql, const sql::Values& parameters,
                   const std::vector<sql::Type>& columns);
  /// Runs statements that nobody can refuse. Throws DriverError.
  void run(const std::string& statements);
  /// What SQLite says against a statement; empty: nothing.
  std::string problem_with(const std::string& sql);

  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  [[nodiscard]] bool reads() const { return state() >= SQLITE_TXN_READ; }
  [[nodiscard]] bool writes() const { return state() == SQLITE_TXN_WRITE; }

  /// What now() shows: when its transaction began.
  void set_started(std::int64_t micros) { started_ = micros; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

  [[nodiscard]] int state() const { return sqlite3_txn_state(handle_.get(), nullptr); }
  void add_functions();
  sqlite3_stmt* prepared(const std::string& sql, SqliteAnswer& answer);

  std::unique_ptr<sqlite3, Close> handle_;
  SqliteClock& clock_;
  std::int64_t started_ = 0;
  bool asked_to_wait_ = false;
  std::map<std::string, Prepared, std::less<>> prepared_;  // by text
};

}  // namespace racelab::drivers
