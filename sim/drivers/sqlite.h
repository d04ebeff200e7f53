// SQLite behind the door that handlers talk to: a file, and one connection for each session.
//
// SQLite lets one transaction write at a time. Whoever comes second gets SQLITE_BUSY at once; a connection with a busy_timeout asks
// again for so long, but only where that can help: a transaction that has read already is refused at once all the same. SQLite decides
// that itself, when it asks its busy handler or does not.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/drivers/host.h"
#include "sim/drivers/sqlite_line.h"

namespace racelab::drivers {

struct SqliteOptions {
  bool journal = false;    // a rollback journal instead of WAL
  bool waits = false;      // as a connection with a busy_timeout
  bool immediate = false;  // BEGIN IMMEDIATE instead of BEGIN
};

class Sqlite final : public RealServer {
 public:
  /// Lays out the tables in files of an empty folder. The setup must outlive this. Throws DriverError, as all that follows, and
  /// NotInThisDatabase for a table or a statement that SQLite has no equal of.
  Sqlite(std::string folder, const ScriptSetup& setup, Numbers numbers, SqliteOptions options);
  ~Sqlite() override;

  void reset() override;
  void set_deadlock_timeout(sql::SessionId /*session*/, std::uint32_t /*milliseconds*/) override {}
  [[nodiscard]] bool missed_deadlock() const override { return false; }
  [[nodiscard]] std::string version() const override;

  void connect(sql::SessionId session, sql::Isolation isolation) override;
  void disconnect(sql::SessionId session) override;
  using Server::execute;
  Progress execute(sql::SessionId session, const sql::Statement& statement, sql::Values parameters,
                   const std::vector<sql::FoundLocked>* pretend) override;
  [[nodiscard]] const sql::Result& result(sql::SessionId session) const override;
  void settle(Branches& branches) override;
  [[nodiscard]] const std::vector<sql::SessionId>& woken() const override { return woken_; }
  void clear_woken() override { woken_.clear(); }
  void end_wait(sql::SessionId session, const sql::SqlState& error) override;
  [[nodiscard]] bool waiting(sql::SessionId session) const override;
  [[nodiscard]] bool in_transaction(sql::SessionId session) const override;
  [[nodiscard]] std::vector<sql::SessionId> blockers(sql::SessionId session) const override;
  [[nodiscard]] std::int64_t clock() const override { return clock_.now; }
  void set_clock(std::int64_t micros) override { clock_.now = micros; }
  [[nodiscard]] std::vector<sql::Values> contents(std::uint16_t table) const override;

 private:
  using Line = std::unique_ptr<SqliteLine>;
  struct Session {
    Line line;
    const sql::Statement* statement = nullptr;
    sql::Values parameters;
    bool begins = false;  // BEGIN goes with the next statement
    bool waits = false;
    sql::Result result;
  };

  void lay_out();
  void check_statements();
  void remember_start();
  Progress attempt(Session& it);
  void finish(Session& it, SqliteAnswer answer);
  [[nodiscard]] std::string text_of(const sql::Statement& statement);

  const ScriptSetup& setup_;
  std::string folder_;
  Numbers numbers_;
  SqliteOptions options_;
  SqliteClock clock_;
  mutable SqliteLine monitor_;
  std::vector<Line> idle_;
  std::map<sql::SessionId, Session> sessions_;
  std::vector<sql::SessionId> waiting_;  // in the order in which they began to
  std::vector<sql::SessionId> woken_;
  bool may_go_on_ = false;  // something was let go since the last settle
  std::map<const sql::Statement*, std::string> texts_;
  std::string reset_statements_;
};

}  // namespace racelab::drivers
