// The store in a real server's place: to be explored in the same table as those.
#pragma once

#include <string>
#include <vector>

#include "sim/explore/real_server.h"
#include "sim/store/relational.h"

namespace racelab {

class StoreServer final : public RealServer {
 public:
  /// The start must outlive this.
  explicit StoreServer(const sql::Database& start) : start_(start), store_(start) {}

  void reset() override { store_ = start_; }
  void set_deadlock_timeout(sql::SessionId /*session*/, std::uint32_t /*milliseconds*/) override {}
  [[nodiscard]] bool missed_deadlock() const override { return false; }
  [[nodiscard]] std::string version() const override { return "the store"; }

  void connect(sql::SessionId session, sql::Isolation isolation) override {
    store_.connect(session, isolation);
  }
  void disconnect(sql::SessionId session) override { store_.disconnect(session); }
  using Server::execute;
  Progress execute(sql::SessionId session, const sql::Statement& statement, sql::Values parameters,
                   const std::vector<sql::FoundLocked>* pretend) override {
    return store_.execute(session, statement, std::move(parameters), pretend);
  }
  [[nodiscard]] const sql::Result& result(sql::SessionId session) const override {
    return store_.result(session);
  }
  void settle(Branches& branches) override { store_.settle(branches); }
  [[nodiscard]] const std::vector<sql::SessionId>& woken() const override { return store_.woken(); }
  void clear_woken() override { store_.clear_woken(); }
  void end_wait(sql::SessionId session, const sql::SqlState& error) override {
    store_.end_wait(session, error);
  }
  [[nodiscard]] bool waiting(sql::SessionId session) const override {
    return store_.waiting(session);
  }
  [[nodiscard]] bool in_transaction(sql::SessionId session) const override {
    return store_.in_transaction(session);
  }
  [[nodiscard]] std::vector<sql::SessionId> blockers(sql::SessionId session) const override {
    return store_.blockers(session);
  }
  [[nodiscard]] std::int64_t clock() const override { return store_.clock(); }
  void set_clock(std::int64_t micros) override { store_.set_clock(micros); }
  [[nodiscard]] std::vector<sql::Values> contents(std::uint16_t table) const override {
    return store_.contents(table);
  }

 private:
  const sql::Database& start_;
  sql::Database store_;
};

}  // namespace racelab
