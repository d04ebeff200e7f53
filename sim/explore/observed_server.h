// A server with somebody who looks on: whether anybody waits, and which errors statements get, also those that are tried again.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "sim/store/server.h"

namespace racelab {

class ObservedServer final : public sql::Server {
 public:
  /// The server must outlive this.
  explicit ObservedServer(sql::Server& server) : server_(server) {}

  /// Since the last forget().
  [[nodiscard]] bool anybody_waited() const { return anybody_waited_; }
  /// "40001", "40001 (1213)": which statements got it, "UPDATE".
  [[nodiscard]] const std::map<std::string, std::set<std::string>>& errors() const {
    return errors_;
  }
  void forget() {
    anybody_waited_ = false;
    errors_.clear();
  }

  void connect(sql::SessionId session, sql::Isolation isolation) override {
    server_.connect(session, isolation);
  }
  void disconnect(sql::SessionId session) override { server_.disconnect(session); }
  using Server::execute;
  Progress execute(sql::SessionId session, const sql::Statement& statement, sql::Values parameters,
                   const std::vector<sql::FoundLocked>* pretend) override {
    verbs_[session] = verb_of(statement);
    const Progress progress = server_.execute(session, statement, std::move(parameters), pretend);
    anybody_waited_ = anybody_waited_ || progress == Progress::waiting;
    if (progress == Progress::done) {
      look_at(session);
    }
    return progress;
  }
  [[nodiscard]] const sql::Result& result(sql::SessionId session) const override {
    return server_.result(session);
  }
  void settle(Branches& branches) override {
    server_.settle(branches);
    for (const sql::SessionId session : server_.woken()) {
      look_at(session);
    }
  }
  [[nodiscard]] const std::vector<sql::SessionId>& woken() const override {
    return server_.woken();
  }
  void clear_woken() override { server_.clear_woken(); }
  void end_wait(sql::SessionId session, const sql::SqlState& error) override {
    server_.end_wait(session, error);
    look_at(session);
  }
  [[nodiscard]] bool waiting(sql::SessionId session) const override {
    return server_.waiting(session);
  }
  [[nodiscard]] bool in_transaction(sql::SessionId session) const override {
    return server_.in_transaction(session);
  }
  [[nodiscard]] std::vector<sql::SessionId> blockers(sql::SessionId session) const override {
    return server_.blockers(session);
  }
  [[nodiscard]] std::int64_t clock() const override { return server_.clock(); }
  void set_clock(std::int64_t micros) override { server_.set_clock(micros); }
  [[nodiscard]] std::vector<sql::Values> contents(std::uint16_t table) const override {
    return server_.contents(table);
  }

 private:
  void look_at(sql::SessionId session) {
    const sql::Result& it = server_.result(session);
    if (it.error.failed()) {
      errors_[sql::code_text(it.error, it.server_code)].insert(verbs_[session]);
    }
  }
  // Its first word, in capitals.
  static std::string verb_of(const sql::Statement& statement) {
    std::string verb = statement.text.substr(0, statement.text.find_first_of(" \n;("));
    std::transform(verb.begin(), verb.end(), verb.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return verb;
  }

  sql::Server& server_;
  bool anybody_waited_ = false;
  std::map<std::string, std::set<std::string>> errors_;
  std::map<sql::SessionId, std::string> verbs_;  // of what each runs
};

}  // namespace racelab
