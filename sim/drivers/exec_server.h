// A database behind a driver of the user's (docs/drivers.md): statements go out in lines of JSON, answers come back.
//
// Where the driver knows who waits for whom, it is asked. Where it does not, a statement that has not answered after a while is taken
// to wait for every transaction that is open.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/drivers/driver_process.h"
#include "sim/drivers/host.h"

namespace racelab::drivers {

/// After so long without an answer a driver hangs.
struct ExecPatience {
  std::chrono::microseconds hello{60'000'000};
  std::chrono::microseconds answer{10'000'000};
  /// A driver that does not know who waits: after so long a statement waits.
  std::chrono::microseconds waits_after{100'000};
};

class ExecServer final : public RealServer {
 public:
  /// Starts the driver, and lays out the tables with the setup's own text. The setup must outlive this. Throws DriverError, as all
  /// that follows.
  ExecServer(const std::string& command, const ScriptSetup& setup, const std::string& setup_sql,
             Numbers numbers, const ExecPatience& patience);

  void reset() override;
  void set_deadlock_timeout(sql::SessionId /*session*/, std::uint32_t /*milliseconds*/) override {}
  [[nodiscard]] bool missed_deadlock() const override { return missed_deadlock_; }
  [[nodiscard]] std::string version() const override { return name_; }

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
  void set_clock(std::int64_t micros) override { clock_ = micros; }
  [[nodiscard]] std::vector<sql::Values> contents(std::uint16_t table) const override;

 private:
  struct Request {
    std::string sql;
    boost::json::array parameters;
  };
  struct Session {
    const sql::Statement* statement = nullptr;  // that runs
    std::string begin;                          // that goes before the next statement
    std::deque<Request> to_send;                // after the one that runs
    std::uint64_t running = 0;                  // its number; 0: none
    bool in_transaction = false;
    bool waits = false;
    std::vector<sql::SessionId> blockers;
    std::optional<sql::SqlState> ends_with;  // what its cancelling counts as
    sql::Result result;
  };

  void say_hello();
  void lay_out(const std::string& setup_sql);
  void remember_start();
  /// A request, and its answer.
  boost::json::object ask(boost::json::object request, std::chrono::microseconds patience) const;
  boost::json::object ask(boost::json::object request) const;
  /// A statement of racelab's own, which must succeed.
  boost::json::object run(const std::string& sql) const;
  void send_next(sql::SessionId session, Session& it);
  /// Takes a message that answers no request that is waited for: a statement's.
  void take(const boost::json::object& message) const;
  /// Waits for a statement's answer at most so long; whether one came.
  bool receive(std::chrono::microseconds patience) const;
  void finish(Session& it, const boost::json::object& answer);
  Progress await(sql::SessionId session);
  /// Who waits for whom now.
  void look();
  [[nodiscard]] std::vector<sql::Value> row_of(const boost::json::value& row,
                                               const std::vector<sql::Type>& types) const;

  const ScriptSetup& setup_;
  Numbers numbers_;
  ExecPatience patience_;
  mutable DriverProcess process_;
  std::string name_;      // and version
  bool numbered_ = true;  // placeholders: $1; else ?
  bool knows_waits_ = false;
  std::vector<std::string> levels_;
  mutable std::uint64_t last_number_ = 0;
  mutable std::map<std::uint64_t, boost::json::object> answers_;  // of statements, by their numbers
  std::map<sql::SessionId, Session> sessions_;
  std::vector<sql::SessionId> woken_;
  std::vector<std::string> reset_statements_;
  std::int64_t clock_ = script_clock;
  bool may_go_on_ = false;  // something was let go since the last settle
  bool missed_deadlock_ = false;
};

}  // namespace racelab::drivers
