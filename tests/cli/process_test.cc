// The real binary, as a shell sees it: exit codes, which stream says what, NO_COLOR, and a reader that goes away. All else
// about the command line is tested as a function, which main() only adapts.
#include <gtest/gtest.h>

#include <string>

#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/cli/shell.h"

namespace racelab::lab::process_test {
namespace {

TEST(Process, a_folder_called_like_a_built_in_scenario_hides_none) {
  const TestFolder folder;
  const std::string here = "cd " + folder.path() + " && mkdir -p two-writers oversold-stock && ";
  EXPECT_TRUE(shell(here + "$R run two-writers").output.starts_with("VIOLATED  1 lost update"));
  EXPECT_EQ(shell(here + "$R verify oversold-stock >/dev/null").code, 0);
  EXPECT_TRUE(shell(here + "$R run ./two-writers 2>&1")
                  .output.starts_with("racelab: ./two-writers holds no setup.sql"));
}

TEST(Process, exits_with_what_it_found) {
  EXPECT_EQ(shell("\"$R\" run two-writers --strategy atomic-increment >/dev/null").code, 0);
  EXPECT_EQ(shell("\"$R\" run two-writers >/dev/null").code, 1);
  EXPECT_EQ(shell("\"$R\" run two-writers --clients 0 2>/dev/null").code, 2);
  EXPECT_EQ(
      shell("\"$R\" run hot-counter --strategy atomic-increment --events-max 9 >/dev/null").code,
      3);
  EXPECT_EQ(shell("\"$R\" 2>/dev/null").code, 2);
  EXPECT_EQ(shell("\"$R\" list >/dev/null").code, 0);
}

TEST(Process, prints_a_result_on_standard_output_and_nothing_on_the_other) {
  EXPECT_EQ(shell("\"$R\" run two-writers 2>/dev/null").output,
            racelab_of("run two-writers").output);
  EXPECT_EQ(shell("\"$R\" run two-writers 2>&1 >/dev/null").output, "");
}

TEST(Process, prints_a_mistake_on_standard_error_and_nothing_on_the_other) {
  EXPECT_EQ(shell("\"$R\" run two-writer 2>/dev/null").output, "");
  EXPECT_EQ(shell("\"$R\" run two-writer 2>&1 >/dev/null").output,
            "racelab: there is no scenario 'two-writer'; did you mean 'two-writers'?\n");
}

TEST(Process, step_reads_lines_until_there_are_none) {
  const Process whole = shell("printf 'A\\nB\\nB\\nA' | \"$R\" step two-writers");
  EXPECT_EQ(whole.code, 1);
  EXPECT_NE(whole.output.find("\nVIOLATED  1 lost update"), std::string::npos);
  const Process half = shell("printf 'AB\\n' | \"$R\" step two-writers");
  EXPECT_EQ(half.code, 0);
  EXPECT_TRUE(half.output.ends_with("\nB       UPDATE n = 1\n"));
  EXPECT_EQ(shell("\"$R\" step two-writers </dev/null").code, 0);
}

TEST(Process, step_survives_a_line_without_an_end_and_a_reader_that_goes_away) {
  EXPECT_TRUE(shell("head -c 3000000 /dev/zero | \"$R\" step two-writers")
                  .output.ends_with("\na line has at most 2000 characters\n"));
  EXPECT_EQ(shell("(yes A | \"$R\" step two-writers 2>/dev/null; echo $? >&2) 2>&1 | head -1").code,
            0);
}

// `timeout` sends its signal to the process and to its group. Twelve clients told apart would take hours.
TEST(Process, an_interrupt_that_comes_twice_ends_long_work_with_what_it_has) {
  const Process explored = shell(
      "timeout --preserve-status -s INT 1 \"$R\" explore two-writers --clients 12 --no-symmetry "
      "--strategy optimistic-version --format json 2>&1");
  EXPECT_EQ(explored.code, 3);
  EXPECT_NE(explored.output.find("\"stopped_by\": \"interrupt\""), std::string::npos)
      << explored.output;
}

TEST(Process, colors_nothing_in_a_pipe_and_anything_on_request) {
  EXPECT_EQ(shell("\"$R\" run two-writers").output.find('\x1b'), std::string::npos);
  EXPECT_TRUE(shell("\"$R\" run two-writers --color always").output.starts_with("\x1b["));
}

// `script` lends it a terminal, where there is one to lend.
TEST(Process, colors_a_terminal_unless_no_color_is_set) {
  if (shell("command -v script >/dev/null && script -qec true /dev/null </dev/null").code != 0) {
    GTEST_SKIP() << "there is no `script` here to lend a terminal";
  }
  const auto on_a_terminal = [](const std::string& setting) {
    return shell("export R; " + setting +
                 " script -qec '\"$R\" run two-writers' /dev/null </dev/null");
  };
  EXPECT_NE(on_a_terminal("unset NO_COLOR;").output.find("\x1b[31mVIOLATED"), std::string::npos);
  EXPECT_EQ(on_a_terminal("NO_COLOR=1").output.find('\x1b'), std::string::npos);
  EXPECT_NE(on_a_terminal("NO_COLOR=").output.find('\x1b'), std::string::npos);
}

TEST(Process, says_so_when_standard_output_cannot_be_written) {
  const Process full = shell("\"$R\" run two-writers 2>&1 >/dev/full");
  EXPECT_EQ(full.code, 2);
  EXPECT_EQ(full.output, "racelab: standard output could not be written\n");
}

#ifndef __SANITIZE_ADDRESS__  // its shadow is larger than any limit
TEST(Process, without_memory_says_so_and_ends) {
  const Process run = shell(
      "ulimit -v 200000; \"$R\" run hot-counter --clients 100 --operations 1000 --strategy "
      "pessimistic-lock 2>&1");
  EXPECT_EQ(run.code, 3);
  EXPECT_EQ(run.output, "racelab: out of memory; fewer clients or operations need less\n");
}
#endif

// `| head`, which is gone before the run has ended: what was found is the exit code, and there is nothing to say.
TEST(Process, says_nothing_of_a_reader_that_has_read_enough) {
  const Process left =
      shell("{ (sleep 0.2; \"$R\" run two-writers; echo exit $? >&2) | true; } 2>&1");
  EXPECT_EQ(left.output, "exit 1\n");
}

// Opened twice, a named pipe would tell its reader that all is over, and the writer would wait for another for ever.
TEST(Process, writes_to_a_named_pipe) {
  const Process process = shell(
      "d=$(mktemp -d) && mkfifo $d/p && { timeout 20 cat $d/p & "
      "timeout 20 \"$R\" run two-writers --output $d/p; c=$?; wait; rm -r $d; exit $c; }");
  EXPECT_EQ(process.code, 1);
  EXPECT_EQ(process.output, racelab_of("run two-writers").output);
}

TEST(Process, adds_to_a_file_that_is_its_standard_output) {
  const std::string text = racelab_of("run two-writers").output;
  const Process process = shell(
      "f=$(mktemp) && echo before >$f && \"$R\" run two-writers --output /dev/stdout >>$f; "
      "cat $f; rm $f");
  EXPECT_EQ(process.output, "before\n" + text);
}

TEST(Process, runs_from_any_folder) {
  const Process elsewhere = shell("cd / && \"$R\" run two-writers");
  EXPECT_EQ(elsewhere.code, 1);
  EXPECT_EQ(elsewhere.output, racelab_of("run two-writers").output);
}

TEST(Process, knows_its_version) {
  const Process version = shell("\"$R\" --version");
  EXPECT_EQ(version.code, 0);
  EXPECT_TRUE(version.output.starts_with("racelab "));
}

}  // namespace
}  // namespace racelab::lab::process_test
