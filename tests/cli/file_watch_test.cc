// --watch: a file that is written anew or replaced is seen, and the command runs again; an interrupt ends it with the last result.
// Nothing here is timed: what waits is ended from outside after so long that something must be wrong.
#include "sim/cli/file_watch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/cli/shell.h"

namespace racelab::lab::file_watch_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* wrong =
    "# Two.\n# Each reads, then writes.\nworkload = increment\nhazards = race\n";
constexpr const char* alone =
    "# One.\n# Nobody is in its way.\nworkload = increment\nhazards = race\nclients = 1\n";

struct stat status_of(const std::string& file) {
  struct stat status {};
  EXPECT_EQ(stat(file.c_str(), &status), 0);
  return status;
}

class Watched : public ::testing::Test {
 protected:
  TestFolder folder_;
};

TEST_F(Watched, a_file_that_is_written_or_replaced_has_changed_once) {
  folder_.write("a.ini", wrong);
  folder_.write("b.ini", wrong);
  FileWatch watch({});
  watch.add(folder_.path("a.ini"), status_of(folder_.path("a.ini")));
  watch.add(folder_.path("b.ini"), status_of(folder_.path("b.ini")));
  EXPECT_EQ(watch.changed(), "");
  folder_.write("b.ini", alone);
  EXPECT_EQ(watch.changed(), folder_.path("b.ini"));
  EXPECT_EQ(watch.changed(), "");
  // As editors do: a new file takes the other's name, of the same size and age.
  folder_.write("new", wrong);
  fs::last_write_time(folder_.path("new"), fs::last_write_time(folder_.path("a.ini")));
  fs::rename(folder_.path("new"), folder_.path("a.ini"));
  EXPECT_EQ(watch.changed(), folder_.path("a.ini"));
  EXPECT_EQ(watch.changed(), "");
}

TEST_F(Watched, a_file_that_changed_while_it_was_used_is_not_missed) {
  folder_.write("a.ini", wrong);
  const struct stat as_read = status_of(folder_.path("a.ini"));
  folder_.write("a.ini", alone);
  FileWatch watch({});
  watch.add(folder_.path("a.ini"), as_read);
  EXPECT_EQ(watch.changed(), folder_.path("a.ini"));
}

TEST_F(Watched, a_file_that_stays_away_has_changed_once) {
  folder_.write("setup.sql", "create table t (n integer);");
  folder_.write("buy.sql", "update t set n = n + 1;");
  FileWatch watch({folder_.path()});
  fs::remove(folder_.path("buy.sql"));
  EXPECT_EQ(watch.changed(), "");  // it may be about to be written
  EXPECT_EQ(watch.changed(), folder_.path("buy.sql"));
  EXPECT_EQ(watch.changed(), "");
  folder_.write("buy.sql", "update t set n = n + 1;");
  EXPECT_EQ(watch.changed(), folder_.path("buy.sql"));
  EXPECT_EQ(watch.changed(), "");
}

TEST_F(Watched, a_file_that_has_gone_counts_when_it_is_back) {
  folder_.write("a.ini", wrong);
  FileWatch watch({});
  watch.add(folder_.path("a.ini"), status_of(folder_.path("a.ini")));
  fs::remove(folder_.path("a.ini"));
  EXPECT_EQ(watch.changed(), "");
  folder_.write("a.ini", wrong);
  EXPECT_EQ(watch.changed(), folder_.path("a.ini"));
}

TEST_F(Watched, a_new_endpoint_in_a_folder_is_seen_and_other_files_are_not) {
  folder_.write("setup.sql", "create table t (n integer);");
  FileWatch watch({folder_.path()});
  folder_.write("buy.sql.swp", "what an editor leaves");
  EXPECT_EQ(watch.changed(), "");
  folder_.write("buy.sql", "update t set n = n + 1;");
  EXPECT_EQ(watch.changed(), folder_.path("buy.sql"));
}

TEST_F(Watched, what_cannot_be_is_refused_in_a_sentence) {
  folder_.write("a.ini", wrong);
  const auto refused = [](const std::string& line) {
    const CommandResult result = racelab_of(line);
    EXPECT_EQ(code(result), 2);
    EXPECT_EQ(result.output, "");
    return result.errors;
  };
  EXPECT_EQ(refused("run --watch /dev/stdin"),
            "racelab: '/dev/stdin' cannot be watched: it is read once; --watch wants a file\n");
  EXPECT_EQ(refused("run two-writers --watch"),
            "racelab: --watch waits for a file to change, and this command reads none\n");
  EXPECT_EQ(
      refused("run " + folder_.path("a.ini") + " --watch --format json"),
      "racelab: --watch writes one result after another: --format json needs --output FILE with "
      "it\n");
  EXPECT_EQ(refused("run " + folder_.path("a.ini") + " --watch --output " + folder_.path("a.ini")),
            "racelab: the output file '" + folder_.path("a.ini") +
                "' is read by this command: it would be lost\n");
  EXPECT_EQ(refused("run --watch --nonsense 3"),
            "racelab: there is no option '--nonsense'; `racelab run --help` lists them\n");
  EXPECT_EQ(refused("replay --watch"),
            "racelab: there is no option '--watch'; `racelab replay --help` lists them\n");
}

// Waits in the shell until a line is there, a minute at most.
constexpr const char* helpers =
    "until_there() { for i in $(seq 600); do grep -qs \"$1\" out.txt && return; sleep 0.1; done; "
    "echo NEVER \"$1\"; }; ";

TEST_F(Watched, runs_again_for_each_change_and_ends_as_the_last_run_did) {
  folder_.write("a.ini", wrong);
  folder_.write("one.txt", alone);
  folder_.write("bad.txt", "workload = nonsense\n");
  const Process whole =
      shell("cd '" + folder_.path() + "'; " + helpers +
            "$R run ./a.ini --watch >out.txt 2>&1 & "
            "until_there 'with  '; cp one.txt new; mv new a.ini; until_there 'run 2: ./a.ini has "
            "changed'; "
            "until_there HOLDS; cp bad.txt a.ini; until_there 'run 3: ./a.ini has changed'; "
            "until_there 'racelab: ./a.ini:1'; cp one.txt a.ini; until_there 'run 4: ./a.ini has "
            "changed'; rm a.ini; until_there 'run 5: ./a.ini has gone'; "
            "cp one.txt a.ini; until_there 'run 6: ./a.ini has changed'; "
            "sleep 1; kill -INT $!; wait $!; echo \"code $?\"");
  EXPECT_EQ(whole.output, "code 0\n");
}

TEST_F(Watched, ends_when_its_reader_has_gone_away) {
  folder_.write("a.ini", wrong);
  const Process whole =
      shell("cd '" + folder_.path() +
            "'; { timeout 60 $R run ./a.ini --watch; echo \"code $?\" >code.txt; } | "
            "{ read -r line; echo \"$line\"; exec </dev/null; "
            "for i in $(seq 600); do test -s code.txt && break; touch a.ini; sleep 0.1; done; }; "
            "cat code.txt");
  EXPECT_EQ(whole.output, "VIOLATED  1 lost update: B was told ok, and its +1 is gone\ncode 1\n");
}

TEST_F(Watched, that_ends_at_a_violation_says_so) {
  folder_.write("a.ini", wrong);
  const Process whole =
      shell("cd '" + folder_.path() + "'; " + helpers +
            "$R run ./a.ini --watch >out.txt 2>&1 & until_there 'with  '; sleep 0.5; "
            "kill -INT $!; wait $!; echo \"code $?\"");
  EXPECT_EQ(whole.output, "code 1\n");
}

}  // namespace
}  // namespace racelab::lab::file_watch_test
