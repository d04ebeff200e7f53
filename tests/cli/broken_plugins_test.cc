// A plug-in that breaks its contract ends any command with one sentence that names it, and exit
// code 2: nothing hangs, nothing aborts, and nobody is told of a bug in racelab. The plug-ins are
// those of broken_plugins.cc.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/cli/shell.h"

namespace racelab::lab::broken_plugins_test {
namespace {

// Every command with the binary that has broken plug-ins, all at once: some take seconds to be
// seen.
const std::vector<std::string> commands{
    "run two-writers",     "explore two-writers", "explore two-writers --engine orders",
    "explain two-writers", "verify two-writers",  "compare two-writers --seeds 3",
    "step two-writers",    "replay $T",           "run hot-counter --format json"};

// The exit code and the sentence of each of them, joined, with some words more.
std::string all_of(const std::string& words) {
  std::string script = "B='" RACELAB_BROKEN_BINARY
                       "'; T=$(\"$R\" explore two-writers | grep -o '[0-9.]*:two-writers:[^ ]*' | "
                       "head -1); d=$(mktemp -d); ";
  for (std::size_t i = 0; i < commands.size(); ++i) {
    script += "{ echo ABAB | timeout 60 \"$B\" " + commands[i] + " " + words + " >$d/out" +
              std::to_string(i) + " 2>$d/err" + std::to_string(i) + "; echo $? >$d/code" +
              std::to_string(i) + "; } & ";
  }
  script += "wait; ";
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::string number = std::to_string(i);
    script += "cat $d/code" + number + " $d/err" + number + "; ";
  }
  return shell(script + "rm -r $d").output;
}

std::string for_each_command(const std::string& sentence) {
  std::string all;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    all += "2\nracelab: " + sentence + "\n";
  }
  return all;
}

struct Broken {
  const char* name;
  const char* sentence;
};

class BrokenStrategies : public testing::TestWithParam<Broken> {};

TEST_P(BrokenStrategies, end_every_command_with_a_sentence) {
  EXPECT_EQ(all_of(std::string("--strategy ") + GetParam().name),
            for_each_command(std::string("the strategy '") + GetParam().name + "' " +
                             GetParam().sentence));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenStrategies,
    testing::Values(
        Broken{"throws", "threw an exception: no such?luck"},
        Broken{"throws-at-once", "threw an exception"},
        Broken{"read-modify-write+throws-around", "threw an exception: around"},
        Broken{"loops",
               "does not come back: one call has taken seconds, and nothing of it takes time"},
        Broken{"calls-without-end",
               "does not come back: one call has taken seconds, and nothing of it takes time"},
        Broken{"waits", "breaks its contract: it waits for what is no statement"}),
    [](const auto& one) { return "number_" + std::to_string(one.index); });

#ifndef __SANITIZE_ADDRESS__  // it tells of crashes itself, and takes memory as it likes

INSTANTIATE_TEST_SUITE_P(
    Crashing, BrokenStrategies,
    testing::Values(Broken{"divides", "crashed: it divides by zero, or a number is too large"},
                    Broken{
                        "calls-itself",
                        "crashed: it uses memory that is not there, or calls itself without end"},
                    Broken{"aborts", "crashed: it aborts"}),
    [](const auto& one) { return "number_" + std::to_string(one.index); });

// A limit of its own stands for a machine that is full.
TEST(BrokenPlugins, that_take_all_memory_are_named) {
  for (const char* name : {"allocates", "nests"}) {
    const Process process = shell("ulimit -v 300000; timeout 60 '" RACELAB_BROKEN_BINARY
                                  "' run two-writers --strategy " +
                                  std::string(name) + " 2>&1 >/dev/null");
    EXPECT_EQ(process.code, 2);
    EXPECT_EQ(process.output, "racelab: the strategy '" + std::string(name) +
                                  "' asks for more memory than there is\n");
  }
}

#endif

class BrokenWorkloads : public testing::TestWithParam<Broken> {};

// replay is left out: a token has its workload in it, and none of these has an order.
TEST_P(BrokenWorkloads, end_every_command_with_a_sentence) {
  for (const char* command : {"run two-writers", "explore two-writers", "explain two-writers",
                              "compare two-writers --seeds 3", "step two-writers"}) {
    const Process process =
        shell("B='" RACELAB_BROKEN_BINARY "'; echo ABAB | timeout 60 \"$B\" " +
              std::string(command) + " --workload " + GetParam().name + " 2>&1 >/dev/null");
    EXPECT_EQ(process.code, 2) << command;
    EXPECT_EQ(process.output, std::string("racelab: the workload '") + GetParam().name + "' " +
                                  GetParam().sentence + "\n")
        << command;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenWorkloads,
    testing::Values(
        Broken{"no-rows", "breaks its contract: a change has no rows"},
        Broken{"no-such-row", "breaks its contract: a change has a row that there is not"},
        Broken{"nine-rows",
               "needs more room than there is: a change and a statement have at most 8 rows"},
        Broken{"row-twice", "breaks its contract: a change must have its rows in order, each once"},
        Broken{"too-much", "breaks its contract: an amount is larger than a row can hold"},
        Broken{"too-much-in-all",
               "changes rows by more than they can hold: all amounts must sum up to at most "
               "4000000000000000000"},
        Broken{"fickle", "breaks its contract: asked twice for a change, it gives two answers"},
        Broken{"no-function", "breaks its contract: a change has no function"},
        Broken{"throwing", "threw an exception: change"},
        Broken{"nameless", "breaks its contract: it must name each of its rows"},
        Broken{"name-twice", "breaks its contract: each row needs a name of its own"},
        Broken{"throwing-names", "threw an exception"},
        Broken{"made-of-nothing", "breaks its contract: it makes nothing"}),
    [](const auto& one) { return "number_" + std::to_string(one.index); });

TEST(BrokenPlugins, that_break_a_rule_of_their_own_are_named) {
  const Process process =
      shell("'" RACELAB_BROKEN_BINARY "' run two-writers --workload throwing-rule 2>&1 >/dev/null");
  EXPECT_EQ(process.code, 2);
  EXPECT_EQ(process.output, "racelab: the workload 'throwing-rule' threw an exception: rule\n");
}

TEST(BrokenPlugins, that_never_come_back_are_named_before_any_work) {
  const Process process = shell("timeout 60 '" RACELAB_BROKEN_BINARY
                                "' run two-writers --workload never-ending 2>&1 >/dev/null");
  EXPECT_EQ(process.code, 2);
  EXPECT_EQ(process.output,
            "racelab: the workload 'never-ending' does not come back: one call has taken seconds, "
            "and nothing of it takes time\n");
}

// It never ends, but takes a step with each statement: the limits on those hold.
TEST(BrokenPlugins, that_ask_without_end_are_given_up) {
  const auto code = [](const std::string& line) {
    return shell("timeout 60 '" RACELAB_BROKEN_BINARY "' " + line +
                 " --strategy asks-without-end >/dev/null 2>&1")
        .code;
  };
  EXPECT_EQ(code("run two-writers --events-max 100000"), 3);
  EXPECT_EQ(code("explore two-writers --steps-max 20"), 3);
  EXPECT_EQ(code("run two-writers --seconds-max 1"), 3);
}

}  // namespace
}  // namespace racelab::lab::broken_plugins_test
