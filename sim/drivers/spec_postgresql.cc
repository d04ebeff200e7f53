// Whether a block waits is asked of the server with the function that PostgreSQL has for its own isolation tester.
#include "sim/drivers/spec_postgresql.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/throwaway_postgresql.h"

namespace racelab::drivers {

namespace {

using Clock = std::chrono::steady_clock;
using Handle = std::unique_ptr<PGconn, decltype([](PGconn* it) { PQfinish(it); })>;
using Answer = std::unique_ptr<PGresult, decltype([](PGresult* it) { PQclear(it); })>;

constexpr int asks_every_ms = 2;
// A session that waits for nobody at work, with no deadlock to be found and no timeout to end it, is given up after so long.
constexpr std::chrono::milliseconds stuck_after(500);
constexpr std::chrono::seconds stuck_after_with_timeouts(15);

constexpr const char* user = "racelab_spec";

// What PostgreSQL's own regression tests set, so that dates and intervals look as in their expected output.
constexpr const char* as_the_tester =
    "application_name=racelab options='-c datestyle=Postgres,MDY -c timezone=PST8PDT "
    "-c intervalstyle=postgres_verbose'";

// What the sessions may do: everything to their own tables, and choose who ends a deadlock.
constexpr const char* lay_out =
    "create role racelab_spec login; grant all on schema public to racelab_spec;"
    "alter schema public owner to racelab_spec; grant create on database postgres to racelab_spec;"
    "grant set on parameter deadlock_timeout to racelab_spec";

SpecAnswer::Table table_of(const PGresult* result) {
  SpecAnswer::Table table;
  const int columns = PQnfields(result);
  for (int column = 0; column < columns; ++column) {
    table.columns.emplace_back(PQfname(result, column));
  }
  for (int row = 0; row < PQntuples(result); ++row) {
    auto& cells = table.rows.emplace_back();
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        cells.emplace_back();
      } else {
        cells.emplace_back(PQgetvalue(result, row, column));
      }
    }
  }
  return table;
}

std::string without_end(const char* text) {
  std::string line = text == nullptr ? "" : text;
  line.resize(line.find_last_not_of('\n') + 1);  // npos + 1 is 0
  return line;
}

void add_part(const PGresult* result, SpecAnswer& answer) {
  SpecAnswer::Part part;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK) {
    part.table = table_of(result);
  } else if (status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) {
    return;
  } else {
    const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    part.error =
        code != nullptr && std::strlen(code) == 5 ? sql::SqlState(code) : sql::SqlState("XX000");
    part.line = severity != nullptr && message != nullptr
                    ? fmt::format("{}:  {}", severity, message)
                    : without_end(PQresultErrorMessage(result));
  }
  answer.parts.push_back(std::move(part));
}

class SpecPostgreSql final : public SpecServer {
 public:
  explicit SpecPostgreSql(const IsolationSpec& spec)
      : names_timeouts_(spec.text.find("lock_timeout") != std::string::npos ||
                        spec.text.find("statement_timeout") != std::string::npos ||
                        spec.text.find("pg_sleep") != std::string::npos),
        spec_(spec),
        monitor_(connected("racelab")) {
    ask(lay_out);
    control_ = connected(user);
    sessions_.resize(spec.sessions.size());
    for (std::size_t session = 0; session < sessions_.size(); ++session) {
      open(session);
    }
  }

  [[nodiscard]] std::string note() const {
    return process_.runs_as().empty()
               ? ""
               : fmt::format("PostgreSQL refuses to run as root: it runs as the user '{}'",
                             process_.runs_as());
  }

  void begin() override { notices_.clear(); }

  SpecAnswer control(const IsolationSpec::Block& block) override {
    SpecAnswer answer;
    const Answer result(PQexec(control_.get(), block.sql.c_str()));
    expect(control_.get());
    add_part(result.get(), answer);
    return answer;
  }

  void send(std::size_t session, const IsolationSpec::Block& block) override {
    if (PQsendQuery(sessions_[session].line.get(), block.sql.c_str()) == 0) {
      fail(sessions_[session].line.get());
    }
  }

  Progress await(std::size_t session, Patience patience) override {
    PGconn* line = sessions_[session].line.get();
    Clock::time_point moved = Clock::now();
    while (!is_done(line)) {
      wait_for(line);
      if (is_done(line)) {
        break;
      }
      if (!is_blocked(session)) {
        moved = Clock::now();
        continue;
      }
      if (patience == Patience::until_it_waits) {
        if (is_done(line)) {
          break;
        }
        return Progress::waits;
      }
      if (something_may_happen(session)) {
        moved = Clock::now();
      }
      if (Clock::now() - moved > (names_timeouts_ ? stuck_after_with_timeouts : stuck_after)) {
        return Progress::stuck;
      }
    }
    return Progress::done;
  }

  SpecAnswer take(std::size_t session) override {
    PGconn* line = sessions_[session].line.get();
    SpecAnswer answer;
    while (const Answer result{PQgetResult(line)}) {
      add_part(result.get(), answer);
    }
    expect(line);
    add_notifications(session, answer);
    return answer;
  }

  std::vector<SpecNotice> take_notices() override {
    return std::exchange(notices_, std::vector<SpecNotice>{});
  }

  void cancel() override {
    for (std::size_t session = 0; session < sessions_.size(); ++session) {
      const std::string process = std::to_string(PQbackendPID(sessions_[session].line.get()));
      sessions_[session].line.reset();
      ask(fmt::format("select pg_terminate_backend({}, 5000)", process).c_str());
      open(session);
    }
  }

  Contents contents() override {
    Contents all;
    const Answer tables = ask(
        "select oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and "
        "relkind in ('r', 'p') and not relispartition order by 1");
    for (const auto& row : table_of(tables.get()).rows) {
      const Answer rows(PQexec(monitor_.get(), fmt::format("set lock_timeout = '1s'; select * from "
                                                           "{}",
                                                           *row.front())
                                                   .c_str()));
      auto& [name, cells] = all.emplace_back(*row.front(), table_of(rows.get()).rows);
      std::sort(cells.begin(), cells.end());
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  [[nodiscard]] std::string name() const override {
    const std::string all = PQparameterStatus(monitor_.get(), "server_version");
    return "PostgreSQL " + all.substr(0, all.find(' '));
  }

 private:
  struct Session {
    Handle line;
    std::unique_ptr<std::pair<SpecPostgreSql*, std::size_t>> whose;  // for its notices
  };

  [[nodiscard]] Handle connected(const std::string& as) const {
    Handle line(
        PQconnectdb(fmt::format("{} user={} {}", process_.address(), as, as_the_tester).c_str()));
    if (PQstatus(line.get()) != CONNECTION_OK) {
      fail(line.get());
    }
    PQsetNoticeProcessor(
        line.get(), [](void*, const char*) {}, nullptr);
    return line;
  }

  void open(std::size_t session) {
    Session& it = sessions_[session];
    it.line = connected(user);
    it.whose = std::make_unique<std::pair<SpecPostgreSql*, std::size_t>>(this, session);
    PQsetNoticeProcessor(
        it.line.get(),
        [](void* whose, const char* text) {
          const auto& [server, number] =
              *static_cast<std::pair<SpecPostgreSql*, std::size_t>*>(whose);
          server->notices_.push_back({number, without_end(text)});
        },
        it.whose.get());
    processes_.clear();
    for (const Session& each : sessions_) {
      if (each.line) {
        processes_ +=
            fmt::format("{}{}", processes_.empty() ? "" : ",", PQbackendPID(each.line.get()));
      }
    }
  }

  [[noreturn]] static void fail(PGconn* line) {
    std::string message = without_end(PQerrorMessage(line));
    message.resize(std::min(message.find('\n'), message.size()));
    throw DriverError(fmt::format("PostgreSQL has gone away: {}", message));
  }

  static void expect(PGconn* line) {
    if (PQstatus(line) != CONNECTION_OK) {
      fail(line);
    }
  }

  Answer ask(const char* sql) {
    Answer result(PQexec(monitor_.get(), sql));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      throw DriverError(fmt::format("PostgreSQL refuses what racelab asks: {}",
                                    without_end(PQresultErrorMessage(result.get()))));
    }
    return result;
  }

  bool says_yes(const std::string& sql) {
    const Answer result = ask(sql.c_str());
    return PQntuples(result.get()) > 0 && std::string(PQgetvalue(result.get(), 0, 0)) == "t";
  }

  static bool is_done(PGconn* line) {
    if (PQconsumeInput(line) == 0) {
      fail(line);
    }
    return PQisBusy(line) == 0;
  }

  static void wait_for(PGconn* line) {
    pollfd watched{PQsocket(line), POLLIN, 0};
    if (poll(&watched, 1, asks_every_ms) < 0 && errno != EINTR) {
      throw DriverError(fmt::format("PostgreSQL cannot be heard: {}", std::strerror(errno)));
    }
  }

  bool is_blocked(std::size_t session) {
    return says_yes(fmt::format("select pg_isolation_test_session_is_blocked({}, '{{{}}}')",
                                PQbackendPID(sessions_[session].line.get()), processes_));
  }

  // Whether some other session runs that waits for nobody, or a circle is there that a deadlock will end.
  bool something_may_happen(std::size_t session) {
    return says_yes(fmt::format(
        "with recursive edge(a, b) as (select pid, unnest(pg_blocking_pids(pid)) from "
        "unnest('{{{0}}}'::int[]) as pid), reach(a, b) as (select a, b from edge union select "
        "reach.a, edge.b from reach join edge on edge.a = reach.b) select exists (select from "
        "reach "
        "where a = b) or exists (select from pg_stat_activity s where s.pid = any('{{{0}}}') and "
        "s.state = 'active' and s.pid <> {1} and cardinality(pg_blocking_pids(s.pid)) = 0 and "
        "s.wait_event_type is distinct from 'Lock')",
        processes_, PQbackendPID(sessions_[session].line.get())));
  }

  void add_notifications(std::size_t session, SpecAnswer& answer) {
    PGconn* line = sessions_[session].line.get();
    PQconsumeInput(line);
    while (PGnotify* notify = PQnotifies(line)) {
      std::string from = fmt::format("PID {}", notify->be_pid);
      for (std::size_t other = 0; other < sessions_.size(); ++other) {
        if (PQbackendPID(sessions_[other].line.get()) == notify->be_pid) {
          from = spec_.sessions[other].name;
        }
      }
      SpecAnswer::Part& part = answer.parts.emplace_back();
      part.line = fmt::format("{}: NOTIFY \"{}\" with payload \"{}\" from {}",
                              spec_.sessions[session].name, notify->relname, notify->extra, from);
      PQfreemem(notify);
      PQconsumeInput(line);
    }
  }

  ThrowawayPostgreSql process_;
  bool names_timeouts_ = false;
  const IsolationSpec& spec_;
  Handle monitor_;
  Handle control_;
  std::vector<Session> sessions_;
  std::string processes_;  // of the sessions: "11,12"
  std::vector<SpecNotice> notices_;
};

}  // namespace

std::unique_ptr<SpecServer> start_spec_server(const std::string& on, const IsolationSpec& spec,
                                              std::string& note) {
  if (on != "postgresql") {
    // What was given may hold a password, or a command.
    throw DriverError(
        "a spec file may hold any SQL there is, so it runs in the store or on a server of its own, "
        "--on postgresql");
  }
  auto made = std::make_unique<SpecPostgreSql>(spec);
  note = made->note();
  return made;
}

}  // namespace racelab::drivers
