// The database of a rehearsal.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/explore/process.h"
#include "sim/kernel/expect.h"
#include "sim/kernel/hash.h"
#include "sim/store/database.h"

namespace racelab {

/// Answers nothing by itself: every statement waits until the script says what it is answered.
class ScriptedDatabase final : public Database {
 public:
  struct Asked {
    Action::Kind kind;
    std::uint8_t handler;
    std::uint16_t operation;
    Statement statement;
  };
  struct Line {  // of the handler that has this session
    bool open = false;
    bool in_transaction = false;
    bool failed = false;
    bool waiting = false;
    std::uint32_t rows_seen = 0;
    std::uint64_t observed = 0;  // in this try
    StatementResult result;
  };

  void restart() {
    lines_.clear();
    order_.clear();
    asked_.clear();
    woken_.clear();
  }
  void expect_handler_of(std::uint32_t operation) {
    operation_ = static_cast<std::uint16_t>(operation);
  }
  void answer(SessionId session, const StatementResult& result, bool in_transaction,
              std::uint64_t observed) {
    Line& line = lines_[session];
    RACELAB_EXPECT(line.waiting);
    line.waiting = false;
    line.result = result;
    for (SeenRow& row : line.result.rows) {
      row.version = line.rows_seen++;
      row.number = RowVersion(row.version);
    }
    if (line.result.written != no_version) {
      line.result.written = 0;
    }
    line.in_transaction = in_transaction;
    line.failed = in_transaction && result.error != StatementError::none;
    line.observed = combine(line.observed, observed);
    woken_.push_back(session);
  }
  [[nodiscard]] const Line& line(SessionId session) const { return lines_[session]; }
  [[nodiscard]] const std::vector<SessionId>& in_order() const { return order_; }
  [[nodiscard]] std::vector<Asked>& asked() { return asked_; }

  SessionId connect() override {
    SessionId session = 0;
    while (session < lines_.size() && lines_[session].open) {
      ++session;
    }
    if (session == lines_.size()) {
      lines_.emplace_back();
    }
    lines_[session] = {};
    lines_[session].open = true;
    order_.push_back(session);
    note(Action::Kind::connect, session, Statement::commit());
    return session;
  }
  void disconnect(SessionId session) override {
    note(Action::Kind::disconnect, session, Statement::commit());
    order_.erase(std::find(order_.begin(), order_.end(), session));
    lines_[session].open = false;
  }
  void set_execution(SessionId session, ExecutionId /*execution*/) override {
    lines_[session].observed = 0;
    lines_[session].rows_seen = 0;
    note(Action::Kind::start_try, session, Statement::commit());
  }
  Progress execute(SessionId session, const Statement& statement) override {
    Line& line = lines_[session];
    const bool clears_up = statement.verb == Verb::rollback && line.failed;
    if (statement.verb == Verb::begin || clears_up) {
      line.in_transaction = !clears_up;
      line.failed = false;
      line.result = {};
      note(Action::Kind::execute, session, statement);
      return Progress::done;
    }
    line.waiting = true;
    line.result = {};
    note(Action::Kind::ask, session, statement);
    return Progress::waiting;
  }
  [[nodiscard]] bool deadlocked(SessionId /*session*/) const override { return false; }
  void end_deadlock(SessionId /*session*/) override {
    broken_promise("a deadlock where nobody waits for anybody", __FILE__, __LINE__);
  }
  void time_out(SessionId /*session*/) override {
    broken_promise("that no lock times out in a rehearsal", __FILE__, __LINE__);
  }
  const StatementResult& result(SessionId session) const override { return lines_[session].result; }
  std::span<const SessionId> woken() const override { return woken_; }
  void clear_woken() override { woken_.clear(); }
  bool in_transaction(SessionId session) const override { return lines_[session].in_transaction; }
  bool waiting(SessionId session) const override { return lines_[session].waiting; }
  SessionId blocker(SessionId session) const override { return session; }
  RowKey contested(SessionId /*session*/) const override { return {}; }

 private:
  void note(Action::Kind kind, SessionId session, const Statement& statement) {
    const auto place = std::find(order_.begin(), order_.end(), session) - order_.begin();
    asked_.push_back({kind, static_cast<std::uint8_t>(place), operation_, statement});
  }

  std::vector<Line> lines_;
  std::vector<SessionId> order_;  // the open ones, in the order they connected
  std::vector<Asked> asked_;
  std::vector<SessionId> woken_;
  std::uint16_t operation_ = 0;
};

}  // namespace racelab
