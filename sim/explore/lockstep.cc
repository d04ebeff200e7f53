// The server is asked first, the store follows.
#include "sim/explore/lockstep.h"

#include <algorithm>

#include "sim/handler/script_operation.h"
#include "sim/kernel/expect.h"

namespace racelab {

namespace {

using sql::SessionId;

// But for which generator drew it: a server does not say.
bool same_value(const sql::Value& a, const sql::Value& b) {
  return a.is_null == b.is_null &&
         (a.is_null || (a.number == b.number && a.days == b.days && a.text == b.text));
}

bool same_row(const sql::Values& a, const sql::Values& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_value);
}

bool same_rows(const std::vector<sql::Values>& a, const std::vector<sql::Values>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_row);
}

std::vector<sql::Values> sorted(std::vector<sql::Values> rows) {
  std::sort(rows.begin(), rows.end(), [](const sql::Values& a, const sql::Values& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        sql::printed_before);
  });
  return rows;
}

bool counts(const sql::Statement& statement) {
  return statement.kind == sql::Statement::Kind::insert ||
         statement.kind == sql::Statement::Kind::update ||
         statement.kind == sql::Statement::Kind::remove;
}

std::string text_of(const std::vector<sql::Values>& rows) {
  std::string text;
  for (const sql::Values& row : rows) {
    text += '(';
    for (const sql::Value& value : row) {
      text += (&value == row.data() ? "" : ", ") + sql::to_text(value);
    }
    text += ')';
  }
  return text.empty() ? "no rows" : text;
}

// Whom a session waits for, and whom those wait for, sorted. Of several that hold a row together a server names one after another, of
// a queue the one before: this is what both sides can be asked.
std::vector<SessionId> waited_for(const sql::Server& side, SessionId session) {
  std::vector<SessionId> found = side.blockers(session);
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const SessionId further : side.blockers(found[i])) {
      if (std::find(found.begin(), found.end(), further) == found.end()) {
        found.push_back(further);
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

Lockstep::Lockstep(const sql::Database& start, RealServer& server)
    : store_(start), server_(server) {}

std::string Lockstep::called(SessionId session) const {
  const auto found = letters_.find(session);
  return found == letters_.end() ? "" : std::string(1, found->second);
}

std::string Lockstep::waiting_text(const std::vector<SessionId>& for_whom) const {
  std::string text = "waits";
  for (const SessionId session : for_whom) {
    text += (session == for_whom.front() ? " for " : ", ") + called(session);
  }
  return text;
}

// Whom the server names besides may be one who stands in the same queue: where the store lets anybody be next, the server has one
// stand before the others.
bool Lockstep::waits_for_the_same(const std::vector<SessionId>& here,
                                  const std::vector<SessionId>& there) const {
  return std::all_of(there.begin(), there.end(), [&](SessionId session) {
    if (std::binary_search(here.begin(), here.end(), session)) {
      return true;
    }
    const std::vector<SessionId> further = waited_for(store_, session);
    return !further.empty() &&
           std::includes(here.begin(), here.end(), further.begin(), further.end());
  });
}

void Lockstep::tell(SessionId session, std::string store, std::string server, bool differs) {
  Line& line = lines_.emplace_back();
  line.session = session;
  line.asked = session < running_.size() ? running_[session].asked : "";
  line.store = std::move(store);
  line.server = std::move(server);
  line.differs = differs;
}

void Lockstep::set_clock(std::int64_t micros) {
  store_.set_clock(micros);
  server_.set_clock(micros);
}

void Lockstep::connect(SessionId session, sql::Isolation isolation) {
  store_.connect(session, isolation);
  if (!differs()) {
    server_.connect(session, isolation);
  }
}

void Lockstep::disconnect(SessionId session) {
  store_.disconnect(session);
  if (!differs()) {
    server_.disconnect(session);
  }
}

bool Lockstep::same_answer(SessionId session, const sql::Result& store, bool& order_differs) const {
  const sql::Result& server = server_.result(session);
  if (store.error != server.error || store.rolled_back != server.rolled_back) {
    return false;
  }
  if (store.error.failed()) {
    return true;
  }
  if (counts(*running_[session].statement) && store.affected != server.affected) {
    return false;
  }
  if (same_rows(store.rows, server.rows)) {
    return true;
  }
  order_differs = store.open != 0 && ((store.open & sql::order_open::which_rows) != 0 ||
                                      same_rows(sorted(store.rows), sorted(server.rows)));
  return order_differs;
}

std::string Lockstep::answer_of(SessionId session, const sql::Result& result) const {
  const bool rows = !result.error.failed() && !result.rows.empty();
  std::string text =
      answer_text(result, running_[session].statement->kind < sql::Statement::Kind::begin);
  return rows ? text + ' ' + text_of(result.rows) : text;
}

void Lockstep::compare_answers(SessionId session) {
  const sql::Result& store = store_.result(session);
  const bool same = same_answer(session, store, order_differs_);
  tell(session, answer_of(session, store), answer_of(session, server_.result(session)), !same);
}

sql::Server::Progress Lockstep::execute(SessionId session, const sql::Statement& statement,
                                        sql::Values parameters,
                                        const std::vector<sql::FoundLocked>* pretend) {
  if (differs()) {
    return store_.execute(session, statement, std::move(parameters), pretend);
  }
  running_.resize(std::max<std::size_t>(running_.size(), std::size_t{session} + 1));
  running_[session] = {&statement, sql::with_values(statement, parameters)};
  server_.set_deadlock_timeout(session, deadlock_timeout_);
  const Progress there = server_.execute(session, statement, parameters);
  const Progress here = store_.execute(session, statement, std::move(parameters), pretend);
  if (here == Progress::waiting && there == Progress::done && deadlock_timeout_ > 0 &&
      server_.result(session).error == sql::state::deadlock_detected) {
    found_early_.push_back(session);
    return here;
  }
  if (here == Progress::done && there == Progress::done) {
    compare_answers(session);
    return here;
  }
  const std::vector<SessionId> whom_here = waited_for(store_, session);
  const std::vector<SessionId> whom_there = waited_for(server_, session);
  const bool same =
      here == there && !whom_there.empty() && waits_for_the_same(whom_here, whom_there);
  tell(session,
       here == Progress::waiting ? waiting_text(whom_here)
                                 : answer_of(session, store_.result(session)),
       there == Progress::waiting ? waiting_text(whom_there)
                                  : answer_of(session, server_.result(session)),
       !same);
  return here;
}

void Lockstep::settle(Branches& branches) {
  if (differs() || !found_early_.empty()) {  // the server is ahead: it is waited for

    store_.settle(branches);
    return;
  }
  server_.settle(branches);
  std::vector<SessionId> went = server_.woken();
  server_.clear_woken();
  std::sort(went.begin(), went.end());
  const sql::Database before = store_;
  const auto as_the_server = [&] {
    std::vector<SessionId> here = store_.woken();
    std::sort(here.begin(), here.end());
    bool open = false;
    return here == went && std::all_of(here.begin(), here.end(), [&](SessionId session) {
             return same_answer(session, store_.result(session), open);
           });
  };
  // The way that the order says, then every other.
  const Branches asked = branches;
  const std::size_t settled = asked.asked().size();
  std::vector<Branches::Ways> open{asked.taken()};
  std::size_t tried = 0;
  for (; tried < open.size(); ++tried) {
    const Branches::Ways ways = open[tried];
    Branches trial(ways);
    for (std::size_t i = 0; i < settled; ++i) {
      trial.choose(asked.asked()[i]);
    }
    store_ = before;
    store_.settle(trial);
    if (as_the_server()) {
      branches = trial;
      break;
    }
    trial.each_other(std::max(ways.size(), settled),
                     [&open](const Branches::Ways& other) { open.push_back(other); });
    if (tried == 0) {  // also others than those that were given
      for (std::size_t given = settled; given < ways.size(); ++given) {
        for (std::uint8_t way = 0; way < trial.asked()[given]; ++way) {
          if (way != ways[given]) {
            Branches::Ways other(ways.begin(), ways.begin() + static_cast<std::ptrdiff_t>(given));
            other.push_back(way);
            open.push_back(other);
          }
        }
      }
    }
  }
  another_way_ = another_way_ || (tried > 0 && tried < open.size());
  if (tried < open.size()) {
    for (const SessionId session : store_.woken()) {
      compare_answers(session);
    }
    return;
  }
  store_ = before;
  Branches first = asked;
  store_.settle(first);
  branches = first;
  for (const SessionId session : store_.woken()) {
    const bool there = std::binary_search(went.begin(), went.end(), session);
    bool order = false;
    const bool same = there && same_answer(session, store_.result(session), order);
    if (!same) {
      tell(session, answer_of(session, store_.result(session)),
           there ? answer_of(session, server_.result(session)) : "still waits", true);
      return;
    }
  }
  for (const SessionId session : went) {
    const std::vector<SessionId>& here = store_.woken();
    if (std::find(here.begin(), here.end(), session) == here.end()) {
      tell(session, "still waits", answer_of(session, server_.result(session)), true);
      return;
    }
  }
}

void Lockstep::end_wait(SessionId session, const sql::SqlState& error) {
  store_.end_wait(session, error);
  if (differs()) {
    return;
  }
  const auto early = std::find(found_early_.begin(), found_early_.end(), session);
  if (error == sql::state::deadlock_detected && early != found_early_.end()) {
    found_early_.erase(early);
  } else {
    server_.end_wait(session, error);
  }
  compare_answers(session);
}

void Lockstep::compare_contents() {
  if (differs()) {
    return;
  }
  running_.clear();
  const sql::Schema& schema = store_.schema();
  for (std::uint16_t table = 0; table < schema.table_count(); ++table) {
    const std::vector<sql::Values> here = store_.contents(table);
    const std::vector<sql::Values> there = server_.contents(table);
    if (!same_rows(here, there)) {
      const std::string name = schema.tables[table].full_name() + " holds ";
      tell(sql::nobody, name + text_of(here), name + text_of(there), true);
      return;
    }
  }
}

}  // namespace racelab
