// Who waits: what the driver says of it, or, where it does not know, whoever is not answered within some time.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/exec_messages.h"
#include "sim/drivers/exec_server.h"
#include "sim/kernel/expect.h"

namespace racelab::drivers {

namespace {

namespace json = boost::json;
using sql::SessionId;

constexpr std::chrono::microseconds asks_after(3'000);

}  // namespace

std::vector<SessionId> ExecServer::blockers(SessionId session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() || !found->second.waits ? std::vector<SessionId>{}
                                                          : found->second.blockers;
}

sql::Server::Progress ExecServer::await(SessionId session) {
  Session& it = sessions_.at(session);
  const auto begin = std::chrono::steady_clock::now();
  const bool somebody =
      std::any_of(sessions_.begin(), sessions_.end(), [session](const auto& other) {
        return other.first != session && other.second.in_transaction;
      });
  while (true) {
    const auto found = answers_.find(it.running);
    if (found != answers_.end()) {
      const json::object answer = std::move(found->second);
      answers_.erase(found);
      if (!it.to_send.empty() && !answer.contains("error")) {  // BEGIN has been done
        it.in_transaction = true;
        send_next(session, it);
        continue;
      }
      finish(it, answer);
      return Progress::done;
    }
    const auto spent = std::chrono::steady_clock::now() - begin;
    if (spent > patience_.answer) {
      throw DriverError(
          fmt::format("the driver does not answer a statement within {} ms, and does "
                      "not say that it waits",
                      patience_.answer.count() / 1'000));
    }
    if (receive(asks_after)) {
      continue;
    }
    if (knows_waits_ || (somebody && spent > patience_.waits_after)) {
      look();
      if (!it.blockers.empty()) {
        it.waits = true;
        it.result.waited = true;
        return Progress::waiting;
      }
    }
  }
}

void ExecServer::look() {
  for (auto& [session, it] : sessions_) {
    it.blockers.clear();
  }
  if (!knows_waits_) {
    for (auto& [session, it] : sessions_) {
      for (const auto& [other, of_other] : sessions_) {
        if (it.running != 0 && other != session && of_other.in_transaction) {
          it.blockers.push_back(other);
        }
      }
    }
    return;
  }
  const json::object answer = ask({{"do", "waits"}});
  const json::value* waits = answer.if_contains("waits");
  if (waits == nullptr || !waits->is_object()) {
    nonsense("to waits it answers with 'waits', an object: by session, for whom");
  }
  for (const auto& [who, whom] : waits->as_object()) {
    for (auto& [session, it] : sessions_) {
      if (fmt::format("{}", session + 1) != std::string_view(who.data(), who.size()) ||
          it.running == 0 || answers_.contains(it.running)) {
        continue;
      }
      for (const json::value& other : whom.is_array() ? whom.as_array() : json::array()) {
        const std::int64_t number = other.is_int64() ? other.as_int64() - 1 : -1;
        const auto found = sessions_.find(static_cast<SessionId>(number));
        if (number < 0 || found == sessions_.end()) {
          nonsense(fmt::format("a session waits for {}, which is none", json::serialize(other)));
        }
        it.blockers.push_back(found->first);
      }
    }
  }
}

void ExecServer::settle(Branches& /*branches*/) {
  const auto waits = [](const auto& it) { return it.second.waits; };
  const auto begin = std::chrono::steady_clock::now();
  bool may_go_on = std::exchange(may_go_on_, false);
  while (may_go_on && std::any_of(sessions_.begin(), sessions_.end(), waits)) {
    bool went = false;
    for (auto& [session, it] : sessions_) {
      const auto found = it.waits ? answers_.find(it.running) : answers_.end();
      if (found != answers_.end()) {
        const json::object answer = std::move(found->second);
        answers_.erase(found);
        went = true;
        if (!it.to_send.empty() && !answer.contains("error")) {
          it.in_transaction = true;
          send_next(session, it);
        } else {
          finish(it, answer);
          woken_.push_back(session);
        }
      }
    }
    if (went || receive(knows_waits_ ? asks_after : patience_.waits_after)) {
      continue;
    }
    look();
    // Who waits for nobody is at work; where that is not known, enough time has passed.
    const bool all_stand = std::all_of(sessions_.begin(), sessions_.end(), [](const auto& it) {
      return !it.second.waits || !it.second.blockers.empty();
    });
    if (!knows_waits_ || (all_stand && answers_.empty())) {
      break;
    }
    if (std::chrono::steady_clock::now() - begin > patience_.answer) {
      throw DriverError("a statement waits for nobody, and the driver does not answer it");
    }
  }
  may_go_on_ = false;
}

void ExecServer::end_wait(SessionId session, const sql::SqlState& error) {
  Session& it = sessions_.at(session);
  RACELAB_EXPECT(it.waits);
  missed_deadlock_ = missed_deadlock_ || error == sql::state::deadlock_detected;
  it.ends_with = error;
  it.to_send.clear();
  ask({{"do", "cancel"}, {"session", session + 1}});
  (void)await(session);
  may_go_on_ = true;
}

}  // namespace racelab::drivers
