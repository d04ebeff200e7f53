// Who waits for whom is learned from the server, who goes on from its answers.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/postgresql.h"
#include "sim/kernel/expect.h"

namespace racelab::drivers {

namespace {

using sql::SessionId;

// A statement that has not answered after so long may wait for a lock: the server is asked; and again after twice as long, since it
// may be the processor that is waited for.
constexpr Micros asks_after(60);
constexpr Micros asks_after_at_most(2'000);
// Where nobody else holds anything, there is nobody to wait for.
constexpr Micros asks_when_alone_after(10'000);
// Somebody who has waited for a lock that is free now answers soon.
constexpr Micros wakes_within(300);
// A deadlock that nobody found after so long is not found any more.
constexpr Micros deadlock_within(4'000'000);
// A statement that neither answers nor waits for another of ours is held by somebody else.
constexpr Micros strangers_within(30'000'000);

std::vector<int> numbers_in(std::string_view array) {  // {1,2}
  std::vector<int> numbers;
  const char* at = array.data();
  const char* const end = at + array.size();
  while (at != end) {
    int number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error == std::errc()) {
      numbers.push_back(number);
      at = next;
    } else {
      ++at;
    }
  }
  return numbers;
}

}  // namespace

std::vector<SessionId> PostgreSql::blockers(SessionId session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() || !found->second.waits ? std::vector<SessionId>{}
                                                          : found->second.blockers;
}

bool PostgreSql::others_hold(SessionId session) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [session](const auto& other) {
    const Session& it = other.second;
    return other.first != session && (it.line->busy() || it.line->in_transaction() || it.advisory);
  });
}

sql::Server::Progress PostgreSql::await(SessionId session) {
  Session& it = sessions_.at(session);
  const auto end = std::chrono::steady_clock::now() + strangers_within;
  Micros patience = others_hold(session) ? asks_after : asks_when_alone_after;
  while (true) {
    if (std::chrono::steady_clock::now() > end) {
      throw DriverError(
          "PostgreSQL does not answer a statement, and it waits for no session of racelab's");
    }
    if (std::optional<PgAnswer> answer = it.line->receive(patience)) {
      finish(it, std::move(*answer));
      return Progress::done;
    }
    look();
    if (stands(session)) {
      it.waits = true;
      it.result.waited = true;
      return Progress::waiting;
    }
    patience = std::min(2 * patience, asks_after_at_most);
  }
}

void PostgreSql::look() {
  std::string processes;
  std::map<int, SessionId> session_of;
  for (auto& [session, it] : sessions_) {
    session_of.emplace(it.line->process(), session);
    if (it.line->busy()) {
      processes += fmt::format("{}{}", processes.empty() ? "" : ",", it.line->process());
      it.blockers.clear();
    }
  }
  monitor_.queue("select pid, pg_blocking_pids(pid) from unnest($1::int[]) as pid",
                 {"{" + processes + "}"});
  monitor_.send();
  for (const auto& row : monitor_.receive().rows) {
    Session& it = sessions_.at(session_of.at(std::stoi(*row[0])));
    for (const int process : numbers_in(*row[1])) {
      const auto other = session_of.find(process);
      it.blockers.push_back(other == session_of.end() ? sql::nobody : other->second);
    }
  }
}

// Whether it waits, and nobody that it waits for, or that they wait for, is at work.
bool PostgreSql::stands(SessionId session) const {
  std::vector<SessionId> open{session};
  std::set<SessionId> seen;
  while (!open.empty()) {
    const SessionId at = open.back();
    open.pop_back();
    if (at == sql::nobody) {
      return false;  // a session that was cut, and is still there
    }
    const Session& it = sessions_.at(at);
    if (it.line->busy() && it.blockers.empty()) {
      return false;
    }
    if (seen.insert(at).second && it.line->busy()) {
      open.insert(open.end(), it.blockers.begin(), it.blockers.end());
    }
  }
  return true;
}

bool PostgreSql::wake(SessionId session, Micros patience) {
  Session& it = sessions_.at(session);
  std::optional<PgAnswer> answer = it.line->receive(patience);
  if (!answer) {
    return false;
  }
  finish(it, std::move(*answer));
  woken_.push_back(session);
  return true;
}

bool PostgreSql::is_free(const Session& it) const {
  return std::none_of(it.blockers.begin(), it.blockers.end(), [this](SessionId other) {
    const auto found = sessions_.find(other);
    return found != sessions_.end() &&
           (found->second.line->busy() || found->second.line->in_transaction());
  });
}

void PostgreSql::settle(Branches& /*branches*/) {
  if (!std::exchange(may_go_on_, false)) {
    return;
  }
  std::vector<SessionId> waiting;
  for (const auto& [session, it] : sessions_) {
    if (it.waits) {
      waiting.push_back(session);
    }
  }
  // Whoever waited for nobody else is waited for; then the server is asked, until all that are left stand.
  for (Micros patience = wakes_within; !waiting.empty();) {
    const auto wakes = [&](SessionId session) {
      return wake(session, is_free(sessions_.at(session)) ? patience : Micros(0));
    };
    waiting.erase(std::remove_if(waiting.begin(), waiting.end(), wakes), waiting.end());
    if (waiting.empty()) {
      break;
    }
    look();
    if (std::all_of(waiting.begin(), waiting.end(),
                    [this](SessionId session) { return stands(session); })) {
      break;
    }
    patience = std::min(2 * patience, asks_after_at_most);
  }
  may_go_on_ = false;  // what those have done who went on is in what the server said
}

void PostgreSql::end_wait(SessionId session, const sql::SqlState& error) {
  Session& it = sessions_.at(session);
  RACELAB_EXPECT(it.waits);
  std::optional<PgAnswer> answer;
  if (error == sql::state::deadlock_detected && !run_.steers_deadlocks()) {
    missed_deadlock_ = true;  // ended below all the same, so that the order comes to its end
  } else if (error == sql::state::deadlock_detected && it.deadlock_timeout > 0) {
    answer = it.line->receive(deadlock_within);
    missed_deadlock_ = missed_deadlock_ || !answer;
  }
  if (!answer) {  // an interrupt ends it where it stands, with all that an error does
    monitor_.run(fmt::format("select pg_cancel_backend({})", it.line->process()));
    answer = it.line->receive();
    if (answer->error == sql::SqlState("57014")) {
      answer->error = error;
    }
  }
  finish(it, std::move(*answer));
  may_go_on_ = true;
  contents_.clear();
}

}  // namespace racelab::drivers
