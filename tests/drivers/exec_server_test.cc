// A driver of the user's: the one that the documentation shows, and every kind of nonsense.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "sim/cli/cli.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/exec_server.h"
#include "sim/explore/explore_on.h"
#include "sim/parse/scenario_folder.h"

namespace racelab::exec_server_test {
namespace {

namespace fs = std::filesystem;

// The driver that docs/drivers.md shows, with some of its words replaced.
std::string shown_driver(const std::string& word = "", const std::string& by = "") {
  std::ifstream stream(std::string(RACELAB_SOURCE_DIR) + "/docs/drivers.md");
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t begin = page.find("```bash\n") + 8;
  std::string script = page.substr(begin, page.find("```", begin) - begin);
  if (!word.empty()) {
    const std::size_t at = script.find(word);
    EXPECT_NE(at, std::string::npos);
    script.replace(at, word.size(), by);
  }
  return script;
}

constexpr const char* setup =
    "create table t (id int primary key, n int not null); insert into t values (1, 0);";
constexpr const char* unlocked =
    "select n from t where id = 1 \\gset\nupdate t set n = :n + 1 where id = 1;\n";
constexpr const char* locked =
    "begin;\nselect n from t where id = 1 for update \\gset\n"
    "update t set n = :n + 1 where id = 1;\ncommit;\n";

drivers::ExecPatience short_patience() {
  using std::chrono::milliseconds;
  return {
      .hello = milliseconds(5'000), .answer = milliseconds(5'000), .waits_after = milliseconds(60)};
}

class ExecServer : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "exec-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // The command that runs a script of bash.
  [[nodiscard]] std::string bash(const std::string& script, const std::string& with = "") const {
    std::ofstream(folder_ + "/driver.sh") << "echo $$ > " << folder_ << "/pid\n" << script;
    return with + " exec bash " + folder_ + "/driver.sh";
  }

  void scenario(const std::string& endpoint, const std::string& setup_sql = setup) {
    texts_ = {};
    texts_.name = "test";
    texts_.setup = {"setup.sql", setup_sql};
    texts_.endpoints.emplace_back("e", parse::Source{"e.sql", endpoint});
    scenario_ = parse::compile(texts_, {});
    setup_ = parse::setup_of(scenario_, "e");
  }

  ScriptExploration explored(const std::string& command,
                             const drivers::ExecPatience& patience = short_patience()) {
    drivers::ExecServer server(command, setup_, texts_.setup.text, drivers::Numbers::in_millions,
                               patience);
    return explore_on(setup_, server, {});
  }

  std::string problem(const std::string& command,
                      const drivers::ExecPatience& patience = short_patience()) {
    try {
      explored(command, patience);
    } catch (const drivers::DriverError& error) {
      return error.what();
    }
    return "";
  }

  [[nodiscard]] bool process_is_gone() const {
    pid_t process = 0;
    std::ifstream(folder_ + "/pid") >> process;
    EXPECT_GT(process, 0);
    return kill(process, 0) != 0;
  }

  std::string folder_;
  parse::FolderTexts texts_;
  parse::ScriptScenario scenario_;
  ScriptSetup setup_;
};

// Of the six ways to mix two reads and writes, the two in which one comes after the other are right.
TEST_F(ExecServer, RunsEveryOrder) {
  scenario(unlocked);
  for (const std::string& script :
       {shown_driver(), shown_driver("\"placeholders\":\"$1\"", "\"placeholders\":\"?\""),
        shown_driver("\"waits\":true", "\"waits\":false")}) {
    const ScriptExploration found = explored(bash(script));
    EXPECT_EQ(found.odds.orders, 6);
    EXPECT_EQ(found.odds.orders_violating, 4);
  }
  EXPECT_TRUE(process_is_gone());
}

// Who has the row makes the other wait: after the first SELECT the second may come at three moments (behind the SELECT, the UPDATE,
// the COMMIT), for either client: 2 × 3.
TEST_F(ExecServer, LearnsWhoWaits) {
  scenario(locked);
  const ScriptExploration store = explore(setup_, {});
  for (const std::string& script :
       {shown_driver(), shown_driver("\"waits\":true", "\"waits\":false")}) {
    const ScriptExploration found = explored(bash(script));
    EXPECT_EQ(found.odds.orders_violating, 0);
    EXPECT_EQ(found.odds.orders, store.odds.orders);
  }
}

TEST_F(ExecServer, WhatIsNoAnswerIsASentence) {
  scenario(unlocked);
  const std::string hello =
      "read -r line; echo '{\"id\":1,\"name\":\"X\",\"version\":\"1\",\"placeholders\":\"$1\","
      "\"isolation\":[\"read-committed\"],\"waits\":true}'\n";
  // After hello: session 0 is opened (2), two statements of the setup (3, 4), a copy (5), laid back twice (6 to 9), a session (10),
  // SELECT (11).
  const std::string until_select =
      hello +
      "for id in 2 3 4 5 6 7 8 9 10; do read -r line; echo '{\"id\":'$id',\"count\":0}'; done\n";
  struct Case {
    std::string script;
    const char* why;
  };
  const std::vector<Case> all{
      {"exit 3", "the driver has ended with exit code 3"},
      {"kill -9 $$", "the driver was ended by signal 9"},
      {"echo hello; cat",
       "the driver must answer with an object of JSON on one line, and says: hello"},
      {"echo '[1]'; cat",
       "the driver must answer with an object of JSON on one line, and says: [1]"},
      {"echo '{\"id\":1}'; cat",
       "the driver does not keep to docs/drivers.md: to hello it answers with 'name', 'version' "
       "and "
       "'placeholders', which are $1 or ?"},
      {"echo '{\"id\":1,\"name\":\"X\",\"version\":\"1\",\"placeholders\":\"?\"}'; cat",
       "the driver does not keep to docs/drivers.md: to hello it answers with the levels of "
       "'isolation' that it has"},
      {"echo '{\"id\":7}'; cat",
       "the driver does not keep to docs/drivers.md: it answers what was not asked: {\"id\":7}"},
      {"head -c 20000000 /dev/zero | tr '\\0' x; cat",
       "the driver says more than 16 MB before it is asked"},
      {hello + "read -r line; echo '{\"id\":2,\"error\":{\"message\":\"no room\"}}'; cat",
       "the driver cannot open: no room"},
      {hello + "read -r line; echo '{\"id\":2}'; read -r line; echo "
               "'{\"id\":3,\"error\":{\"sqlstate\":\"42601\",\"message\":\"what?\"}}'; cat",
       "X 1 refuses what was sent: what?"},
      {until_select + "exit 0", "the driver has ended with exit code 0"},
      {until_select + "read -r line; echo '{\"id\":11,\"count\":1}'; cat",
       "the driver does not keep to docs/drivers.md: a statement that asks for rows answers with "
       "'rows', a list"},
      {until_select + "read -r line; echo '{\"id\":11,\"rows\":[[1,2]]}'; cat",
       "the driver does not keep to docs/drivers.md: a row here is a list of 1 values, not [1,2]"},
      {until_select + "read -r line; echo '{\"id\":11,\"rows\":[[\"x\"]]}'; cat",
       "the driver does not keep to docs/drivers.md: it answers \"x\", which is no integer"},
      {until_select + "read -r line; echo '{\"id\":11,\"error\":{\"sqlstate\":\"bad\"}}'; cat",
       "the driver does not keep to docs/drivers.md: the 'sqlstate' of an error has five digits or "
       "capitals, not 'bad'"},
      {until_select + "read -r line; echo "
                      "'{\"id\":11,\"error\":{\"sqlstate\":\"0A000\",\"message\":\"none\"}}'; cat",
       "X 1 does not know this SQL: none (0A000)"},
      {until_select + "read -r line; read -r line; echo '{\"id\":12,\"waits\":{\"1\":[9]}}'; cat",
       "the driver does not keep to docs/drivers.md: a session waits for 9, which is none"},
      {until_select +
           "read -r line; echo '{\"id\":11,\"rows\":[[0]]}'; read -r line; echo '{\"id\":12}'; cat",
       "the driver does not keep to docs/drivers.md: a statement that changes rows answers with "
       "'count', how many"},
  };
  for (const Case& it : all) {
    EXPECT_EQ(problem(bash(it.script)), it.why) << it.script;
    EXPECT_TRUE(process_is_gone()) << it.script;
  }
}

// It answers nothing, and minds neither the end of its input nor a polite signal; what it started goes with it.
TEST_F(ExecServer, ThatHangsIsEnded) {
  scenario(unlocked);
  drivers::ExecPatience patience = short_patience();
  patience.hello = std::chrono::milliseconds(300);
  EXPECT_EQ(problem(bash("trap '' TERM INT HUP; while :; do sleep 60; done"), patience),
            "the driver does not answer 'hello' within 300 ms");
  EXPECT_TRUE(process_is_gone());
  patience = short_patience();
  patience.answer = std::chrono::milliseconds(300);
  EXPECT_EQ(
      problem(bash("read -r line; echo '{\"id\":1,\"name\":\"X\",\"version\":\"1\","
                   "\"placeholders\":\"$1\",\"isolation\":[\"read-committed\"],\"waits\":false}'\n"
                   "for id in 2 3 4 5 6 7 8 9 10; do read -r line; echo "
                   "'{\"id\":'$id',\"count\":0}'; done; sleep 60"),
              patience),
      "the driver does not answer a statement within 300 ms, and does not say that it waits");
  EXPECT_TRUE(process_is_gone());
}

TEST_F(ExecServer, HasAClockOfItsOwn) {
  scenario("update t set n = n + 1 where id = 1 and now() > '2020-01-01';\n");
  EXPECT_EQ(problem(bash(shown_driver())),
            "Number 1 has its own now: what asks for the time or draws ids is not run on a driver");
  scenario("update t set n = n + 1 where id = 1; -- now() is no word here, nor is known\n");
  EXPECT_EQ(problem(bash(shown_driver())).find("has its own"), std::string::npos);
}

TEST_F(ExecServer, IsPrintedWithoutItsCommand) {
  std::ofstream(folder_ + "/setup.sql") << setup;
  std::ofstream(folder_ + "/e.sql") << unlocked;
  const std::string command = bash(shown_driver(), "SECRET=hunter2");
  const CommandResult explored =
      run_command_line({"explore", "--setup", folder_ + "/setup.sql", "--endpoint",
                        folder_ + "/e.sql", "--on", "exec:" + command},
                       {});
  EXPECT_EQ(explored.exit, Exit::violated) << explored.errors;
  EXPECT_NE(explored.output.find("in 4 of 6 orders on Number 1"), std::string::npos)
      << explored.output;
  EXPECT_EQ(explored.output.find("hunter2"), std::string::npos);
  // This shell knows nothing of transactions: it differs from the store, and the command says how to see it again.
  const CommandResult agreed = run_command_line(
      {"agree", "--setup", folder_ + "/setup.sql", "--endpoint", folder_ + "/e.sql", "--isolation",
       "read-committed", "--on", "exec:" + command},
      {});
  EXPECT_EQ(agreed.exit, Exit::violated) << agreed.output << agreed.errors;
  EXPECT_NE(agreed.output.find("--on exec:…"), std::string::npos) << agreed.output;
  EXPECT_EQ(agreed.output.find("hunter2"), std::string::npos) << agreed.output;
}

}  // namespace
}  // namespace racelab::exec_server_test
