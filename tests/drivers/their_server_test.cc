// A server that is not ours: what racelab refuses before it connects, what it leaves there, and what it never touches.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "sim/cli/cli.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/pg_connection.h"
#include "sim/drivers/pg_run.h"
#include "sim/drivers/throwaway_postgresql.h"

namespace racelab::their_server_test {
namespace {

namespace fs = std::filesystem;
using drivers::PgConnection;

bool wait_for(const std::function<bool()>& what) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!what()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// Somebody's server, with a plain user, one who may set deadlock_timeout, and one who may make no schemas; a database that is empty
// and one that holds a table.
class Somebodys {
 public:
  Somebodys() {
    const std::string address = process_.address();  // host='FOLDER' …
    folder_ = address.substr(6, address.find('\'', 6) - 6);
    ask("postgres", "create role plain login");
    ask("postgres", "create role tuner login");
    ask("postgres", "grant set on parameter deadlock_timeout to tuner");
    ask("postgres", "create role guest login");
    for (const char* database : {"vacant", "app"}) {
      ask("postgres", std::string("create database ") + database);
      ask("postgres", std::string("grant create on database ") + database + " to plain, tuner");
    }
    ask("app", "create table users (id int primary key, name text)");
    ask("app", "insert into users values (1, 'Ada')");
    ask("app", "grant all on users to plain");
  }

  [[nodiscard]] std::string url(const std::string& user, const std::string& database) const {
    return "postgresql://" + user + "@/" + database + "?host=" + folder_;
  }
  /// The first value of the answer, as the superuser.
  std::string ask(const std::string& database, const std::string& sql) const {
    boost::asio::io_context context;
    PgConnection line(context, {url("racelab", database), "", "the test", ""});
    const auto answers = line.run(sql);
    return answers.front().rows.empty() ? "" : answers.front().rows.front().front().value_or("");
  }
  [[nodiscard]] std::string schemas_left(const std::string& database) const {
    return ask(database, "select count(*) from pg_namespace where nspname like 'racelab%'");
  }
  [[nodiscard]] pid_t process() const {
    pid_t made = 0;
    std::ifstream(folder_ + "/data/postmaster.pid") >> made;
    return made;
  }

 private:
  drivers::ThrowawayPostgreSql process_;
  std::string folder_;
};

const Somebodys& server() {
  static const Somebodys made;
  return made;
}

CommandResult run(std::vector<std::string> words, const std::string& on,
                  const std::vector<std::string>& more = {}) {
  words.insert(words.end(), {"--on", on});
  words.insert(words.end(), more.begin(), more.end());
  return run_command_line(words, {});
}

// Files of a scenario for one test.
class Files {
 public:
  Files(const std::string& setup, const std::string& endpoint) {
    std::string name = (fs::temp_directory_path() / "their-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::ofstream(folder_ + "/setup.sql") << setup;
    std::ofstream(folder_ + "/e.sql") << endpoint;
  }
  ~Files() { fs::remove_all(folder_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  [[nodiscard]] std::vector<std::string> explored() const {
    return {"explore", "--setup", folder_ + "/setup.sql", "--endpoint", folder_ + "/e.sql"};
  }

 private:
  std::string folder_;
};

constexpr const char* counter =
    "create table t (id int primary key, n int not null); insert into t values (1, 0);";

TEST(TheirServer, IsLeftAsItWas) {
  const CommandResult found = run({"explore", "oversold-stock", "--strategy", "read-then-write"},
                                  server().url("plain", "vacant"));
  EXPECT_EQ(found.exit, Exit::violated) << found.errors;
  EXPECT_NE(found.output.find("VIOLATED  in 22 of 24 orders on PostgreSQL"), std::string::npos)
      << found.output;
  EXPECT_EQ(server().schemas_left("vacant"), "0");
}

TEST(TheirServer, SaysWhereItWorksBeforeItStarts) {
  std::string said;
  Environment environment;
  environment.notice = [&said](std::string_view text) { said += text; };
  const CommandResult found =
      run_command_line({"explore", "oversold-stock", "--strategy", "decrement-then-look", "--on",
                        server().url("plain", "vacant")},
                       environment);
  EXPECT_EQ(found.exit, Exit::as_expected) << found.errors;
  EXPECT_TRUE(said.starts_with(
      "racelab works in the database vacant as plain, in schemas of its own, racelab_"))
      << said;
  EXPECT_TRUE(said.ends_with("unless you GRANT SET ON PARAMETER deadlock_timeout TO plain\n"))
      << said;
}

TEST(TheirServer, WithOtherTablesWantsAWord) {
  const std::vector<std::string> words{"explore", "oversold-stock", "--strategy",
                                       "decrement-then-look"};
  const std::string app = server().url("plain", "app");
  EXPECT_EQ(run(words, app).errors,
            "racelab: the database app holds a table of somebody else; name an empty one, or say "
            "--shared-database: racelab works in schemas of its own\n");
  EXPECT_EQ(run(words, app, {"--shared-database"}).exit, Exit::as_expected);
  EXPECT_EQ(server().ask("app", "select string_agg(id || name, ',') from users"), "1Ada");
  EXPECT_EQ(server().schemas_left("app"), "0");
}

TEST(TheirServer, WantsAPlainUserWhoMayMakeSchemas) {
  const std::vector<std::string> words{"explore", "oversold-stock", "--strategy",
                                       "decrement-then-look"};
  const std::string superuser = server().url("racelab", "vacant");
  EXPECT_EQ(run(words, superuser).errors,
            "racelab: this user is a superuser, whom nothing stops; name a plain user, or say "
            "--as-superuser\n");
  EXPECT_EQ(run(words, superuser, {"--as-superuser"}).exit, Exit::as_expected);
  EXPECT_EQ(run(words, server().url("guest", "vacant")).errors,
            "racelab: guest may make no schemas in the database vacant; GRANT CREATE ON DATABASE "
            "vacant TO guest allows it\n");
  EXPECT_EQ(server().schemas_left("vacant"), "0");
}

// Nobody listens at this address: whoever is told of the file was not asked for a connection.
TEST(TheirServer, IsNotAskedBeforeTheFilesAreChecked) {
  struct Case {
    const char* setup;
    const char* endpoint;
    const char* why;
  };
  const std::vector<Case> all{
      {counter, "select name from users where id = 1;\n", "users"},
      {counter, "delete from public.users;\n", "users"},
      {counter, "select pg_sleep(1);\n", "pg_sleep"},
      {counter, "drop table users;\n", "DROP"},
      {counter, "copy t from program 'id';\n", "this statement"},
      {counter, "prepare transaction 'x';\n", "this transaction statement"},
      {counter, "set role postgres;\n", "SET"},
      {"create table t (id int primary key) with (fillfactor = 10);", "select id from t;\n",
       "the option 'fillfactor'"},
      {"create table t (id int primary key) tablespace big;", "select id from t;\n",
       "'tablespacename' in CreateStmt"},
      {"create schema s authorization postgres; create table t (id int primary key);",
       "select id from t;\n", "'authrole' in CreateSchemaStmt"},
      {"create temp table t (id int primary key);", "select id from t;\n", "a temporary table"},
      {"create table t (id int primary key);", "select pg_catalog.pg_advisory_lock(1);\n",
       "the function pg_catalog.pg_advisory_lock"},
  };
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{}, {"--as-superuser", "--shared-database"}}) {
    for (const Case& it : all) {
      const Files files(it.setup, it.endpoint);
      const CommandResult refused = run(files.explored(), "postgresql://x@127.0.0.1:1/d", flags);
      EXPECT_EQ(refused.exit, Exit::bad_usage);
      EXPECT_NE(refused.errors.find(it.why), std::string::npos) << refused.errors;
      EXPECT_EQ(refused.errors.find("connection"), std::string::npos) << refused.errors;
    }
  }
  const Files right(counter, "update t set n = n + 1 where id = 1;\n");
  EXPECT_EQ(run(right.explored(), "postgresql://x@127.0.0.1:1/d").errors,
            "racelab: no connection to PostgreSQL: connection to server at \"127.0.0.1\", port 1 "
            "failed: Connection refused\n");
}

TEST(TheirServer, IsNeverToldAPassword) {
  for (const char* on : {"postgresql://ada:hunter2@h/d", "postgres://ada:hunter2@h/d",
                         "POSTGRESQL://ada:hunter2@h/d", "postgresql://ada@h/d?password=hunter2",
                         "postgresql://h/d?pass%77ord=hunter2",
                         "postgresql://h/d?sslpassword=hunter2", "postgresql://ada:hun/ter2@h/d"}) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"explore", "no-such-scenario", "--on", on},
          {"agree", "--clean", "--on", on},
          {"explore", on},
          {on},
          {"agree", std::string("--on=") + on}}) {
      const CommandResult refused = run_command_line(words, {});
      EXPECT_EQ(refused.exit, Exit::bad_usage);
      EXPECT_EQ(
          refused.errors,
          "racelab: this address has a password in it, where others can read it; leave it out, "
          "and put it into ~/.pgpass, PGPASSWORD or a service file\n");
      EXPECT_EQ(refused.output, "");
    }
  }
  // Anything else that is no database is not repeated either.
  const CommandResult refused =
      run({"explore", "oversold-stock"}, "host=h user=ada password=hunter2");
  EXPECT_EQ(refused.errors.find("hunter2"), std::string::npos) << refused.errors;
}

TEST(TheirServer, IsOneAndTakesNoSettings) {
  const std::vector<std::string> words{"explore", "oversold-stock"};
  EXPECT_EQ(run(words, "postgresql://a,b/d").errors,
            "racelab: the address of --on names several servers, and racelab works on one\n");
  EXPECT_EQ(run(words, "postgresql://h/d?options=-crole%3Dx").errors,
            "racelab: the address of --on names 'options', which racelab does not take there\n");
  EXPECT_EQ(run(words, "postgresql", {"--as-superuser"}).errors,
            "racelab: --as-superuser is for a server of yours: --on "
            "postgresql://USER@HOST/DATABASE\n");
}

// The reference is to a row of the same table, and its rule forbids to delete the row that it names.
TEST(TheirServer, LaysTablesBackWithoutARightToSkipKeys) {
  const Files files(
      "create schema shop;"
      "create table shop.item (id int primary key, n int not null);"
      "create table part (id int primary key, of int references part (id) on delete restrict,"
      " item int not null references shop.item (id) on delete cascade);"
      "insert into shop.item values (1, 0); insert into part values (1, null, 1), (2, 1, 1);",
      "select n from shop.item where shop.item.id = 1 \\gset\n"
      "update shop.item set n = :n + 1 where id = 1;\n"
      "insert into public.part values (:client_id + 10, 2, 1);\n");
  const CommandResult found = run(files.explored(), server().url("plain", "vacant"));
  // Six ways to mix two selects, updates and inserts in that order: 20; the store's count is the same.
  const CommandResult store = run_command_line(files.explored(), {});
  EXPECT_EQ(found.output.substr(0, found.output.find(" on PostgreSQL")),
            store.output.substr(0, store.output.find(':')))
      << found.output << found.errors << store.output;
  EXPECT_EQ(server().schemas_left("vacant"), "0");
}

// The files' keys are moved into the run's range, one or two of them, and what is found locked is told by the files' numbers.
TEST(TheirServer, KeepsAdvisoryKeysApart) {
  drivers::PgRun other(server().url("plain", "vacant"), {});
  for (const char* key : {"1", "-140737488355327", "42, 7", "-32767, -5"}) {
    const Files files(counter, std::string("begin;\nselect pg_try_advisory_xact_lock(") + key +
                                   ") as mine \\gset\n\\if :mine\n"
                                   "update t set n = n + 1 where id = 1;\n\\endif\ncommit;\n");
    // The same keys in use by somebody else do not count.
    boost::asio::io_context context;
    PgConnection somebody(context, {server().url("plain", "vacant"), "", "", ""});
    somebody.run(std::string("select pg_advisory_lock(") + key + ")");
    const CommandResult found = run(files.explored(), server().url("plain", "vacant"));
    const CommandResult store = run_command_line(files.explored(), {});
    EXPECT_EQ(found.exit, store.exit) << found.output << found.errors;
    EXPECT_EQ(found.output.substr(0, found.output.find(", run on")),
              store.output.substr(0, store.output.find(", as PostgreSQL")))
        << found.errors;
  }
  const Files files(counter, "select pg_advisory_xact_lock(9000000000000000000);\n");
  EXPECT_EQ(
      run(files.explored(), server().url("plain", "vacant")).errors,
      "racelab: on a server of yours an advisory key has at most 47 bits, and the first of two "
      "at most 15: racelab moves them into a range of its own\n");
  EXPECT_EQ(server().schemas_left("vacant"), "0");
}

TEST(TheirServer, TakesDeadlocksOnlyFromWhoMayChooseThem) {
  const Files files(
      "create table t (id int primary key, n int not null); insert into t values (1, 0), (2, 0);",
      "begin;\nupdate t set n = n + 1 where id = :a;\nupdate t set n = n + 1 where id = 3 - :a;\n"
      "commit;\n");
  std::vector<std::string> words = files.explored();
  words.front() = "agree";
  words.insert(words.end(), {"--param", "a=1,2", "--isolation", "read-committed"});
  const CommandResult plain = run(words, server().url("plain", "vacant"));
  EXPECT_EQ(plain.exit, Exit::gave_up) << plain.output << plain.errors;
  const CommandResult tuner = run(words, server().url("tuner", "vacant"));
  EXPECT_EQ(tuner.exit, Exit::as_expected) << tuner.output << tuner.errors;
  words = files.explored();
  words.insert(words.end(), {"--param", "a=1,2"});
  const CommandResult explored = run(words, server().url("plain", "vacant"));
  EXPECT_EQ(explored.exit, Exit::gave_up) << explored.output;
  EXPECT_NE(explored.output.find("not taken: a deadlock ends somebody"), std::string::npos)
      << explored.output;
}

TEST(TheirServer, IsNoKeyOfAScenarioFile) {
  const Files files(counter, "update t set n = n + 1 where id = 1;\n");
  const std::string folder = fs::path(files.explored()[2]).parent_path().string();
  for (const char* key : {"on = postgresql", "shared-database = true", "as-superuser = true",
                          "output = /tmp/x", "clean = true"}) {
    std::ofstream(folder + "/scenario.ini") << "# A counter.\n" << key << '\n';
    const CommandResult refused = run_command_line({"explore", folder}, {});
    EXPECT_EQ(refused.exit, Exit::bad_usage) << key;
    EXPECT_NE(refused.errors.find("scenario.ini:2"), std::string::npos) << refused.errors;
  }
}

// ---- what is left by a racelab that is ended

class Ended : public testing::Test {
 protected:
  static pid_t start(const std::string& on) {
    const char* const words[] = {RACELAB_BINARY, "agree",        "bulk-update", "--on",
                                 on.c_str(),     "--orders-max", "100000",      nullptr};
    pid_t process = -1;
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    EXPECT_EQ(posix_spawn(&process, words[0], &files, nullptr, const_cast<char**>(words), environ),
              0);
    posix_spawn_file_actions_destroy(&files);
    return process;
  }
  static int end(pid_t process, int signal) {
    kill(process, signal);
    int status = 0;
    waitpid(process, &status, 0);
    return status;
  }
  static bool works(const Somebodys& there) {
    return there.ask("vacant",
                     "select count(*) from pg_stat_activity where application_name like "
                     "'racelab\\_%' and query ~ 'update'") != "0";
  }
};

TEST_F(Ended, ByKillLeavesNothingThatTheNextDoesNotDrop) {
  const std::string on = server().url("plain", "vacant");
#ifdef RACELAB_FEWER_ROUNDS
  constexpr int rounds = 2;
#else
  constexpr int rounds = 20;
#endif
  for (int round = 0; round < rounds; ++round) {
    const pid_t racelab = start(on);
    ASSERT_TRUE(wait_for([] { return works(server()); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(13 * round));
    end(racelab, SIGKILL);
    // Its sessions end by themselves, also those that wait for each other.
    EXPECT_TRUE(wait_for([] {
      return server().ask("vacant",
                          "select count(*) from pg_stat_activity where application_name like "
                          "'racelab%'") == "0";
    }));
    const CommandResult cleaned = run({"agree", "--clean"}, on);
    EXPECT_TRUE(cleaned.output.starts_with("CLEAN  dropped what 1 killed run had left: racelab_"))
        << cleaned.output << cleaned.errors;
    EXPECT_EQ(server().schemas_left("vacant"), "0");
  }
  const pid_t racelab = start(on);
  ASSERT_TRUE(wait_for([] { return works(server()); }));
  end(racelab, SIGKILL);
  EXPECT_NE(server().schemas_left("vacant"), "0");
  EXPECT_EQ(run({"explore", "oversold-stock", "--strategy", "decrement-then-look"}, on).exit,
            Exit::as_expected);
  EXPECT_EQ(server().schemas_left("vacant"), "0");
}

TEST_F(Ended, ByAnInterruptLeavesNothing) {
  const pid_t racelab = start(server().url("plain", "vacant"));
  ASSERT_TRUE(wait_for([] { return works(server()); }));
  const int status = end(racelab, SIGINT);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3) << status;
  EXPECT_EQ(server().schemas_left("vacant"), "0");
}

TEST_F(Ended, ARunThatLivesIsNotCleaned) {
  const std::string on = server().url("plain", "vacant");
  drivers::PgRun lives(on, {});
  lives.create_schemas({});
  EXPECT_EQ(run({"agree", "--clean"}, on).output, "CLEAN  no killed run has left anything here\n");
  EXPECT_EQ(server().schemas_left("vacant"), "2");  // its own, and racelab's in it
  lives.drop_schemas();
  // Nor is a schema that only looks like a run's.
  server().ask("vacant", "create schema racelab_0abc");
  EXPECT_EQ(run({"agree", "--clean"}, on).output, "CLEAN  no killed run has left anything here\n");
  EXPECT_EQ(server().schemas_left("vacant"), "1");
  server().ask("vacant", "drop schema racelab_0abc");
}

TEST_F(Ended, ServerThatDiesHalfWayIsASentence) {
  const Somebodys dies;
  const std::string on = dies.url("plain", "vacant");
  CommandResult found;
  std::thread killer([&dies] {
    wait_for([&dies] {
      try {
        return works(dies);
      } catch (const drivers::DriverError&) {
        return false;
      }
    });
    kill(dies.process(), SIGQUIT);
  });
  found = run({"agree", "bulk-update", "--orders-max", "100000"}, on);
  killer.join();
  EXPECT_EQ(found.exit, Exit::bad_usage) << found.output;
  EXPECT_TRUE(found.errors.starts_with("racelab: PostgreSQL ")) << found.errors;
  EXPECT_EQ(std::count(found.errors.begin(), found.errors.end(), '\n'), 1) << found.errors;
}

}  // namespace
}  // namespace racelab::their_server_test
