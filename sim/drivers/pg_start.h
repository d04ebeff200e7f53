// The setup's end on a PostgreSQL server: what brings it back between two orders, and what stands there.
//
// Only what an order may have changed is brought back, in one message with the next order's first statement.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/drivers/host.h"
#include "sim/drivers/pg_connection.h"
#include "sim/drivers/pg_run.h"

namespace racelab::drivers {

/// What PostgreSQL answered, with its generator where it lies among the numbers that one draws. Throws DriverError.
sql::Value value_there(const PgText& text, sql::Type type, const sql::Schema& schema,
                       Numbers numbers);

/// A table as statements name it.
std::string name_there(const PgRun& run, const sql::Table& table);

class PgStart {
 public:
  /// Of tables that stand there as the setup left them: remembers them. The setup must outlive this. Throws DriverError.
  PgStart(PgConnection& line, const PgRun& run, const ScriptSetup& setup, Numbers numbers);

  /// A statement is sent: what it may change is to be brought back.
  void note(const sql::Statement& statement);
  /// Whether nothing is to be brought back.
  [[nodiscard]] bool stands() const { return stands_; }
  /// Queues what brings it back, and forgets what was noted.
  void queue_reset(PgConnection& line);
  /// Makes tables anew that dead rows have made long; then everything is to be brought back.
  void empty(PgConnection& line);

  /// The committed rows of each table, sorted.
  std::vector<std::vector<sql::Values>> contents(PgConnection& line) const;

 private:
  struct Kept {
    std::string show;
    std::string empty;
    std::string remove;
    std::string fill;
    bool changes = false;  // some script may change it
    bool changed = false;  // since it was brought back
  };

  void keep_sequence(PgConnection& line, const std::string& name, std::int64_t from);
  std::vector<sql::Values> rows_of(const PgAnswer& answer, std::size_t table) const;

  const ScriptSetup& setup_;
  Numbers numbers_;
  std::vector<Kept> tables_;
  std::vector<std::string> sequences_;  // statements that set them back
  std::vector<std::vector<sql::Values>> rows_;
  bool draws_ = true;    // numbers, since it was brought back
  bool stands_ = false;  // at first: where numbers begin is still to be said
};

}  // namespace racelab::drivers
