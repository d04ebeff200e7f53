// PostgreSQL behind the door that handlers talk to.
//
// One statement is issued at a time. Whether it waits, for whom, and who goes on is learned from the server (pg_blocking_pids):
// a statement stands still when it waits for sessions of which none is at work itself.
//
// The clock is ours: now() and clock_timestamp() are functions of a schema before pg_catalog, and gen_random_uuid() counts as the
// store does, so that both sides of a comparison draw the same.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/drivers/host.h"
#include "sim/drivers/pg_connection.h"
#include "sim/drivers/pg_run.h"
#include "sim/drivers/pg_start.h"

namespace racelab::drivers {

class PostgreSql final : public RealServer {
 public:
  /// Makes the run's schemas, and lays out the tables there with the setup's own text. The run and the setup must outlive this. Throws
  /// DriverError, as all that follows.
  PostgreSql(PgRun& run, const ScriptSetup& setup, const std::string& setup_sql, Numbers numbers);
  ~PostgreSql() override;

  void reset() override;
  void set_deadlock_timeout(sql::SessionId session, std::uint32_t milliseconds) override;
  [[nodiscard]] bool missed_deadlock() const override { return missed_deadlock_; }
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
  [[nodiscard]] std::int64_t clock() const override { return clock_; }
  void set_clock(std::int64_t micros) override;
  [[nodiscard]] std::vector<sql::Values> contents(std::uint16_t table) const override;

 private:
  struct Line {
    std::unique_ptr<PgConnection> connection;
    // That it was given; 0: an hour; nothing: an error or a ROLLBACK may have taken it back.
    std::optional<std::uint32_t> deadlock_timeout = 0;
    [[nodiscard]] PgConnection* operator->() const { return connection.get(); }
  };
  struct Session {
    Line line;
    sql::Isolation isolation = sql::Isolation::read_committed;
    const sql::Statement* statement = nullptr;  // that runs
    std::string begin;                          // that goes with the next statement; empty: none
    std::int64_t started = 0;                   // the clock when its transaction began
    std::vector<sql::FoundLocked> found_locked;
    bool waits = false;
    std::vector<sql::SessionId> blockers;
    std::uint32_t deadlock_timeout = 0;  // of its next statement; 0: never
    bool advisory = false;               // it may hold locks that outlive its transactions
    sql::Result result;
  };

  void lay_out(const std::string& setup_sql);
  /// A statement's text as it is sent.
  const std::string& sent(const std::string& text);
  /// Brings the setup's end back now, unless something was sent; otherwise that goes with the first statement.
  void bring_back() const;
  Line take_line(sql::Isolation isolation);
  void cut(Line line);
  void send(Session& it, const sql::Statement& statement, const sql::Values& parameters);
  void send_settings(Session& it);
  /// What is locked that a statement would not wait for.
  std::vector<sql::FoundLocked> locked_now(const sql::Statement& statement);
  Progress await(sql::SessionId session);
  /// Whether some other session may hold what one wants.
  [[nodiscard]] bool others_hold(sql::SessionId session) const;
  /// Whether nobody that a session waited for holds anything any more.
  [[nodiscard]] bool is_free(const Session& it) const;
  /// Takes the answer of a session that waited, if it is there after so long.
  bool wake(sql::SessionId session, Micros patience);
  void finish(Session& it, PgAnswer answer);
  /// Asks the server who waits for whom; sessions that run and wait for nobody have no blockers.
  void look();
  [[nodiscard]] bool stands(sql::SessionId session) const;

  PgRun& run_;
  const ScriptSetup& setup_;
  std::string own_;  // racelab's schema there
  Numbers numbers_;
  boost::asio::io_context context_;
  mutable PgConnection monitor_;
  std::unique_ptr<PgConnection>
      prober_;  // takes locks to see which are taken; nullptr: not yet needed
  std::map<sql::Isolation, std::vector<Line>> idle_;
  std::map<sql::SessionId, Session> sessions_;
  std::vector<sql::SessionId> woken_;
  std::int64_t clock_ = script_clock;
  std::map<std::string, std::string, std::less<>> sent_;  // by a statement's text
  bool at_start_ = true;                                  // nothing was sent since the last reset
  bool may_go_on_ = false;  // something was let go since the last settle
  bool missed_deadlock_ = false;
  bool uses_clock_ = false;
  std::unique_ptr<PgStart> start_;
  std::uint32_t resets_ = 0;
  mutable std::vector<std::vector<sql::Values>>
      contents_;  // empty: not read since the last statement
};

}  // namespace racelab::drivers
