// A run's place on a PostgreSQL server: schemas that it makes, names and drops, and a range of advisory keys.
//
// The run holds an advisory lock named after its number for as long as it lives. Whoever gets that lock knows that the run is dead,
// however it ended, and may drop what it left.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/drivers/host.h"
#include "sim/drivers/pg_connection.h"
#include "sim/sql/schema.h"

namespace racelab::drivers {

/// With what the message begins when a file has an advisory key that does not fit into a run's range.
constexpr const char* advisory_key_too_large = "advisory key too large for a run: ";

class PgRun {
 public:
  /// On a server of our own.
  explicit PgRun(const std::string& server);
  /// On a server that holds other data. What dead runs left is dropped first. Throws DriverError, also when the user lacks a right or
  /// has one too many.
  PgRun(const std::string& url, const ServerRights& rights);
  /// Drops the schemas.
  ~PgRun();
  PgRun(const PgRun&) = delete;
  PgRun& operator=(const PgRun&) = delete;

  /// "racelab_3f9a": the schema of what the files put into none; the others begin with it.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Of the sessions that work in its schemas.
  [[nodiscard]] PgAddress address() const;
  /// Whether other data is there: nothing is sent that is not allowed.
  [[nodiscard]] bool guarded() const { return guarded_; }
  /// Whether it may set deadlock_timeout.
  [[nodiscard]] bool steers_deadlocks() const { return steers_deadlocks_; }
  /// Where it works, and what it leaves alone; a sentence.
  [[nodiscard]] std::string about() const;

  /// Of the tables' schemas, and racelab's own; and they go, with every session of the run.
  void create_schemas(const sql::Schema& schema);
  void drop_schemas();

  /// On a server of somebody else: functions with the names of PostgreSQL's that move the files' advisory keys into the run's range.
  [[nodiscard]] std::string advisory_functions() const;
  /// Advisory keys of the files that are taken, as the files know them: a SELECT.
  [[nodiscard]] std::string advisory_keys_taken() const;

 private:
  void take_number();

  boost::asio::io_context context_;
  std::string server_;
  bool guarded_ = false;
  PgConnection line_;
  bool steers_deadlocks_ = true;
  std::int64_t number_ = 0;
  std::string user_;      // as a statement names it
  std::string database_;  // likewise
  std::string name_;
};

/// Drops what dead runs left in a database, and answers their names.
std::vector<std::string> clean_up_after_dead_runs(const std::string& url,
                                                  const ServerRights& rights);

}  // namespace racelab::drivers
