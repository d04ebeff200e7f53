// What the sessions of an isolation spec talk to: blocks of SQL, answered as they came, the way a terminal would show them. The store
// stands behind it (spec_store.h), or a real server (sim/drivers/spec_postgresql.h), which takes any SQL there is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/isolation_spec.h"
#include "sim/sql/sqlstate.h"

namespace racelab {

/// What a block of SQL answered: of each statement that had something to say, a table or a line.
struct SpecAnswer {
  using Cell = std::optional<std::string>;  // nothing: NULL
  struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows;
    friend bool operator==(const Table&, const Table&) = default;
  };
  struct Part {
    std::optional<Table> table;
    std::string line;     // "ERROR:  deadlock detected"
    sql::SqlState error;  // of the line, if it is one of an error
    friend bool operator==(const Part&, const Part&) = default;
  };
  std::vector<Part> parts;

  [[nodiscard]] const Part* error() const {
    return !parts.empty() && parts.back().error.failed() ? &parts.back() : nullptr;
  }
};

/// A message that a session gets beside its answers.
struct SpecNotice {
  std::size_t session = 0;
  std::string line;  // "NOTICE:  …"
};

class SpecServer {
 public:
  virtual ~SpecServer() = default;

  /// Sessions are there and idle; what an earlier run has left behind is its teardown's business.
  virtual void begin() = 0;
  /// Runs a block of the spec itself, in a session of its own.
  virtual SpecAnswer control(const IsolationSpec::Block& block) = 0;

  /// Sends a block of a session that is idle.
  virtual void send(std::size_t session, const IsolationSpec::Block& block) = 0;
  enum class Patience : std::uint8_t { until_it_waits, until_done };
  enum class Progress : std::uint8_t {
    done,
    waits,  // for another session
    stuck,  // nothing that is under way lets it go on; only with until_done
  };
  virtual Progress await(std::size_t session, Patience patience) = 0;
  /// Of a session whose block is done; then it is idle.
  virtual SpecAnswer take(std::size_t session) = 0;
  /// Those that came since they were last taken.
  virtual std::vector<SpecNotice> take_notices() = 0;

  /// Ends what is under way, and leaves the sessions as they are at first.
  virtual void cancel() = 0;

  /// What the tables hold, sorted: their names, their rows.
  using Contents = std::vector<std::pair<std::string, std::vector<std::vector<SpecAnswer::Cell>>>>;
  virtual Contents contents() = 0;

  /// What went one of several ways since begin() will go the next one after the next begin(); false: every way has been taken, and the
  /// next begin() starts anew. A real server decides for itself.
  virtual bool next_ways() { return false; }

  /// "the store", "PostgreSQL 15.20".
  [[nodiscard]] virtual std::string name() const = 0;

 protected:
  SpecServer() = default;
  SpecServer(const SpecServer&) = default;
  SpecServer& operator=(const SpecServer&) = default;
};

}  // namespace racelab
