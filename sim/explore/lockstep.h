// The store and a real server, side by side: each is asked the same, and what they answer is compared. Where the server is free (who
// of several waiters goes on), the store follows it, as long as it does what the store lists.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/real_server.h"
#include "sim/store/relational.h"

namespace racelab {

class Lockstep final : public sql::Server {
 public:
  /// Both stand at the setup's end. The server must outlive this.
  Lockstep(const sql::Database& start, RealServer& server);

  /// What was asked, and what both answered.
  struct Line {
    sql::SessionId session = sql::nobody;
    std::string asked;  // with values in their places; empty: the contents at the end
    std::string store;
    std::string server;
    bool differs = false;
  };
  /// Everything up to the first difference, that included; nothing comes after it.
  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
  [[nodiscard]] bool differs() const { return !lines_.empty() && lines_.back().differs; }
  /// The answers are the same but for an order of rows that SQL does not promise; what comes after may hang on it.
  [[nodiscard]] bool order_differs() const { return order_differs_; }
  /// The server let others go on than the order says.
  [[nodiscard]] bool took_another_way() const { return another_way_; }

  /// How a session is called in lines.
  void call(sql::SessionId session, char letter) { letters_[session] = letter; }
  [[nodiscard]] std::string called(sql::SessionId session) const;

  /// Of the statements of this step: when they look for a deadlock; 0: never.
  void foresee_deadlock(std::uint32_t milliseconds) { deadlock_timeout_ = milliseconds; }
  /// At the end.
  void compare_contents();

  void connect(sql::SessionId session, sql::Isolation isolation) override;
  void disconnect(sql::SessionId session) override;
  using Server::execute;
  Progress execute(sql::SessionId session, const sql::Statement& statement, sql::Values parameters,
                   const std::vector<sql::FoundLocked>* pretend) override;
  [[nodiscard]] const sql::Result& result(sql::SessionId session) const override {
    return store_.result(session);
  }
  void settle(Branches& branches) override;
  [[nodiscard]] const std::vector<sql::SessionId>& woken() const override { return store_.woken(); }
  void clear_woken() override { store_.clear_woken(); }
  void end_wait(sql::SessionId session, const sql::SqlState& error) override;
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
  void set_clock(std::int64_t micros) override;
  [[nodiscard]] std::vector<sql::Values> contents(std::uint16_t table) const override {
    return store_.contents(table);
  }

 private:
  struct Running {
    const sql::Statement* statement = nullptr;
    std::string asked;
  };

  /// Whether the answers are the same; an order of rows that is not promised counts as such.
  bool same_answer(sql::SessionId session, const sql::Result& store, bool& order_differs) const;
  [[nodiscard]] bool waits_for_the_same(const std::vector<sql::SessionId>& here,
                                        const std::vector<sql::SessionId>& there) const;
  void compare_answers(sql::SessionId session);
  void tell(sql::SessionId session, std::string store, std::string server, bool differs);
  /// "waits for A, B": for whom, or for whom those wait.
  [[nodiscard]] std::string waiting_text(const std::vector<sql::SessionId>& for_whom) const;
  [[nodiscard]] std::string answer_of(sql::SessionId session, const sql::Result& result) const;

  sql::Database store_;
  RealServer& server_;
  std::vector<Running> running_;  // by session
  std::vector<Line> lines_;
  std::map<sql::SessionId, char> letters_;
  std::vector<sql::SessionId>
      found_early_;  // whose deadlock the server found before the order says so
  std::uint32_t deadlock_timeout_ = 0;
  bool order_differs_ = false;
  bool another_way_ = false;
};

}  // namespace racelab
