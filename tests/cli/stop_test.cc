// Ctrl-C and --seconds-max end every command soon, with what it has found so far; a second Ctrl-C
// ends the process. All that is begun here would take many times as long: where the wish is not
// heard, another code comes out, or `timeout` kills, and says 137.
#include <gtest/gtest.h>

#include <string>

#include "tests/cli/command.h"
#include "tests/cli/shell.h"

namespace racelab::lab::stop_test {
namespace {

// A thousand clients that are in one another's way, and nothing goes wrong: half a minute on a fast
// machine.
constexpr const char* long_run =
    "two-writers --clients 1000 --operations 1000 --events-max 100000000 --timeout none "
    "--strategy optimistic-version --tries-max 100 --format json";

// Twelve clients told apart by their amounts.
constexpr const char* endless_graph =
    "two-writers --clients 12 --amount-step 1 --strategy optimistic-version";

// Once: without --foreground `timeout` sends the signal to the process and to its group.
Process interrupted(const std::string& words) {
  return shell("timeout --foreground --preserve-status -k 60 -s INT 0.5 \"$R\" " + words + " 2>&1");
}
Process out_of_time(const std::string& words) {
  return shell("timeout -k 1 -s KILL 60 \"$R\" " + words + " --seconds-max 1 2>&1");
}

TEST(Stop, ends_a_long_run_with_what_it_has) {
  for (const Process& run :
       {interrupted(std::string("run ") + long_run), out_of_time(std::string("run ") + long_run)}) {
    EXPECT_EQ(run.code, 3);
    EXPECT_NE(run.output.find("\"verdict\": \"gave-up\""), std::string::npos);
    EXPECT_NE(run.output.find("\"stopped\": true"), std::string::npos);
  }
}

TEST(Stop, says_that_the_events_are_not_all_told) {
  const Process run = interrupted(std::string("run ") + long_run + " --trace");
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.output.find("\"trace\": [],\n  \"trace_complete\": false\n}"), std::string::npos);
}

// Hundreds that wait for two rows make a step of the server's long.
TEST(Stop, ends_a_run_of_endpoints_in_sql_whose_steps_are_long) {
  const Process run = out_of_time("run transfers --clients 200 --operations 20");
  EXPECT_EQ(run.code, 3);
  EXPECT_TRUE(run.output.starts_with("GAVE UP")) << run.output.substr(0, 300);
}

// The first of its runs alone would take longer.
TEST(Stop, ends_a_comparison_within_a_run) {
  for (const Process& comparison : {interrupted(std::string("compare ") + long_run),
                                    out_of_time(std::string("compare ") + long_run)}) {
    EXPECT_EQ(comparison.code, 3);
    EXPECT_NE(comparison.output.find("\"seeds\": 0,"), std::string::npos) << comparison.output;
  }
}

TEST(Stop, ends_exploration_with_what_it_has) {
  for (const char* engine : {"", " --engine orders"}) {
    const std::string words =
        std::string(
            "explore two-writers --clients 12 --strategy optimistic-version --format json") +
        (*engine == '\0' ? " --no-symmetry" : engine);
    const Process explored = interrupted(words);
    EXPECT_EQ(explored.code, 3);
    EXPECT_NE(explored.output.find("\"stopped_by\": \"interrupt\""), std::string::npos);
    const Process late = out_of_time(words);
    EXPECT_EQ(late.code, 3);
    EXPECT_NE(late.output.find("\"stopped_by\": \"seconds-max\""), std::string::npos);
  }
}

TEST(Stop, ends_an_explanation_that_has_nothing_to_explain_yet) {
  EXPECT_EQ(interrupted(std::string("explain ") + endless_graph).code, 3);
  EXPECT_EQ(out_of_time(std::string("explain ") + endless_graph).code, 3);
}

TEST(Stop, ends_a_verification) {
  const std::string words =
      "d=$(mktemp -d); printf 'workload = increment\\nclients = 12\\nhazards = race\\n' "
      ">$d/s.ini; ";
  const Process verified =
      shell(words +
            "timeout -k 1 -s KILL 60 \"$R\" verify $d/s.ini --seconds-max 1 >/dev/null 2>&1; "
            "c=$?; rm -r $d; exit $c");
  EXPECT_EQ(verified.code, 3);
}

TEST(Stop, is_not_waited_for_a_second_time) {
  const Process ended = shell(std::string("\"$R\" run ") + long_run +
                              " & p=$!; sleep 0.5; kill -INT $p; kill -TERM $p; wait $p; echo $?");
  EXPECT_TRUE(ended.output == "130\n" || ended.output == "143\n") << ended.output;
}

// Sent to the process and to its group, one interrupt comes twice.
TEST(Stop, is_one_wish_if_it_comes_twice_within_a_moment) {
  const Process ended =
      shell(std::string("\"$R\" run ") + long_run +
            " >/dev/null & p=$!; sleep 0.5; kill -INT $p; kill -INT $p; wait $p; echo $?");
  EXPECT_EQ(ended.output, "3\n");
}

// From a pipe that is open, and in which nothing will ever come.
TEST(Stop, ends_at_once_a_command_that_only_waits) {
  for (const char* command : {"step two-writers", "explain /dev/stdin", "run /dev/stdin"}) {
    const Process waiting = shell(
        "d=$(mktemp -d); mkfifo $d/pipe; exec 9<>$d/pipe; timeout --foreground --preserve-status "
        "-k 60 "
        "-s INT 0.5 \"$R\" " +
        std::string(command) + " <&9 >/dev/null; echo $?; rm -r $d");
    EXPECT_EQ(waiting.output, "130\n") << command;
  }
}

TEST(Stop, writes_what_was_found_and_nothing_beside_it) {
  const Process process =
      shell("d=$(mktemp -d) && echo old >$d/result && timeout --foreground -s INT 0.5 \"$R\" run " +
            std::string(long_run) + " --output $d/result; ls $d; grep verdict $d/result; rm -r $d");
  EXPECT_EQ(process.output, "result\n  \"verdict\": \"gave-up\",\n");
}

// Half of a kilobyte is written when the file may grow no more.
TEST(Stop, of_the_disk_leaves_the_old_file_and_nothing_beside_it) {
  const Process process = shell(
      "d=$(mktemp -d) && echo old >$d/result && (ulimit -f 1; \"$R\" run hot-counter --format json "
      "--output $d/result 2>&1 | sed \"s,$d,D,\"); ls $d; cat $d/result; rm -r $d");
  EXPECT_EQ(process.output,
            "racelab: the output file 'D/result' could not be written to its end\nresult\nold\n");
}

TEST(Stop, of_a_run_changes_nothing_in_one_that_comes_to_its_end) {
  EXPECT_EQ(racelab_of("run hot-counter --seconds-max 100").output,
            racelab_of("run hot-counter").output);
}

}  // namespace
}  // namespace racelab::lab::stop_test
