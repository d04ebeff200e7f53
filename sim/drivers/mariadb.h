// MariaDB (InnoDB) behind the door that handlers talk to.
//
// One statement is issued at a time. Whether it waits, and for whom, is learned from the server. InnoDB ends a deadlock at the moment
// at which the circle closes, and chooses whom: its victim may be another than the one whose statement closed it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/drivers/host.h"
#include "sim/drivers/maria_line.h"

namespace racelab::drivers {

class MariaDb final : public RealServer {
 public:
  /// Drops every database of the server, and lays out the tables in one called racelab. The setup must outlive this. Throws
  /// DriverError, as all that follows, and NotInThisDatabase for a table or a statement that MariaDB has no equal of.
  MariaDb(std::string socket, const ScriptSetup& setup, const std::string& setup_sql,
          Numbers numbers);
  ~MariaDb() override;

  void reset() override;
  void set_deadlock_timeout(sql::SessionId /*session*/, std::uint32_t /*milliseconds*/) override {}
  [[nodiscard]] bool missed_deadlock() const override { return false; }
  [[nodiscard]] std::string version() const override { return version_; }

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
  using Line = std::unique_ptr<MariaLine>;
  struct Session {
    Line line;
    sql::Isolation isolation = sql::Isolation::read_committed;
    const sql::Statement* statement = nullptr;  // that runs
    std::vector<std::string> begin;             // words that go with the next statement
    std::int64_t started = 0;                   // the clock when its transaction began
    bool waits = false;
    std::vector<sql::SessionId> blockers;
    std::vector<sql::FoundLocked> found_locked;
    sql::Result result;
  };

  /// An AUTO_INCREMENT. Setting one back takes longer than an order, so that it goes on counting, each in its own million; whoever
  /// asks sees the numbers that it would draw if it had been set back.
  struct Counter {
    std::uint16_t table = 0;
    std::uint16_t generator = 0;
    std::int64_t shown = 0;  // what the first one of an order is to be
    std::int64_t drawn = 0;  // what it is
    bool moved = true;       // since the last reset, perhaps
  };

  void lay_out(const std::string& setup_sql);
  void check_statements();
  void remember_start();
  void read_counter(Counter& counter);
  [[nodiscard]] sql::Value as_drawn(sql::Value value) const;
  void send(Session& it, const sql::Statement& statement, const sql::Values& parameters);
  void finish(Session& it, MariaAnswer answer);
  /// Takes the answers of those that waited.
  void collect();
  /// Whether every statement that runs waits for a lock; then, for whom.
  bool all_stand();
  /// What is locked that a statement would not wait for.
  std::vector<sql::FoundLocked> locked_now(const sql::Statement& statement);
  [[nodiscard]] sql::Value value_of(const MariaText& text, sql::Type type) const;
  [[nodiscard]] std::vector<sql::Values> rows_of(const std::string& query,
                                                 const std::vector<sql::Type>& types) const;

  const ScriptSetup& setup_;
  std::string socket_;
  Numbers numbers_;
  std::string version_;
  mutable boost::asio::io_context context_;
  mutable std::unique_ptr<MariaLine> monitor_;
  Line prober_;  // takes locks to see which are taken; nullptr: not yet needed
  std::map<sql::Isolation, std::vector<Line>> idle_;
  std::map<sql::SessionId, Session> sessions_;
  std::vector<sql::SessionId> woken_;
  std::int64_t clock_ = script_clock;
  bool may_go_on_ = false;     // something was answered since the last settle
  std::vector<bool> changed_;  // by table: a script may change it
  std::vector<Counter> counters_;
};

}  // namespace racelab::drivers
