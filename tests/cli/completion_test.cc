// What a shell completes: words of the same tables as the help, and bash itself, which asks for them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/completion.h"
#include "sim/cli/flags.h"
#include "sim/scenario/client_presets.h"
#include "sim/scenario/options.h"
#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/cli/shell.h"

namespace racelab::lab::completion_test {
namespace {

// The words that the last word of a line can become; a line that ends in a blank asks for the next.
std::vector<std::string> completed(const std::string& line) {
  std::vector<std::string> typed = words(line);
  if (line.empty() || line.ends_with(' ')) {
    typed.emplace_back();
  }
  std::vector<std::string> found;
  for (const CompletedWord& it : complete(typed).candidates) {
    found.push_back(it.word);
  }
  return found;
}

bool has(const std::vector<std::string>& all, const std::string& word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

using Words = std::vector<std::string>;

TEST(Completion, of_the_first_word_are_the_commands) {
  EXPECT_EQ(completed("ex"), (Words{"explain", "explore"}));
  EXPECT_EQ(completed("--v"), Words{"--version"});
  const Words all = completed("");
  for (const Command& it : all_commands()) {
    EXPECT_TRUE(has(all, it.name)) << it.name;
  }
  EXPECT_EQ(all.size(), all_commands().size() + 1);  // and help
}

TEST(Completion, of_a_name_are_the_scenarios) {
  EXPECT_EQ(completed("run two-w"), Words{"two-writers"});
  EXPECT_EQ(completed("explore oversold"), Words{"oversold-stock"});
  EXPECT_EQ(completed("agree two-w"), Words{});  // it has no endpoints in SQL
  EXPECT_EQ(completed("show axios-retry-"), Words{"axios-retry-put"});
  EXPECT_EQ(completed("list strat"), Words{"strategies"});
  EXPECT_EQ(completed("completion f"), Words{"fish"});
  EXPECT_EQ(completed("manual verif"), Words{"verify"});
  EXPECT_EQ(completed("learn 1"), (Words{"1", "10", "11", "12"}));
  // One name is all that run takes, and compare takes more.
  EXPECT_EQ(completed("run two-writers hot"), Words{});
  EXPECT_EQ(completed("compare two-writers hot"), Words{"hot-counter"});
}

TEST(Completion, of_a_flag_are_those_of_its_command) {
  EXPECT_EQ(completed("run two-writers --stra"), Words{"--strategy"});
  EXPECT_EQ(completed("merge --s"), Words{});
  const Words flags = completed("run two-writers --");
  for (const Option& it : options()) {
    EXPECT_TRUE(has(flags, "--" + it.name)) << it.name;
  }
  EXPECT_EQ(flags.size(), flags_of(run_syntax()).size() - 1);  // layer.N.SETTING is a pattern
  // What was given is not offered again, unless it may be given again.
  EXPECT_FALSE(has(completed("run two-writers --seed 3 --"), "--seed"));
  EXPECT_TRUE(has(completed("compare two-writers --strategy x --"), "--strategy"));
}

TEST(Completion, of_a_value_are_what_it_may_be) {
  EXPECT_EQ(completed("run two-writers --isolation r"),
            (Words{"read-committed", "repeatable-read"}));
  EXPECT_EQ(completed("run two-writers --isolation=au"), Words{"--isolation=autocommit"});
  EXPECT_EQ(completed("explore two-writers --format "),
            (Words{"text", "json", "html", "isolation"}));
  EXPECT_EQ(completed("verify --format "), (Words{"text", "markdown", "json", "junit", "github"}));
  EXPECT_EQ(completed("explore two-writers --engine "), (Words{"graph", "orders"}));
  EXPECT_EQ(completed("run two-writers --hazards race,re"), Words{"race,repeat"});
  EXPECT_EQ(completed("run two-writers --timeout "), Words{"none"});
  EXPECT_EQ(completed("run two-writers --clients "), Words{});
  EXPECT_EQ(completed("run x --client ").size(), client_presets().size());
  EXPECT_EQ(completed("explore x --on "), (Words{"postgresql", "mariadb", "sqlite"}));
}

TEST(Completion, of_layers_are_their_numbers_clients_and_settings) {
  EXPECT_EQ(completed("run two-writers --laye"), (Words{"--layer", "--layers"}));
  EXPECT_EQ(completed("run x --layer "), (Words{"1=", "2=", "3=", "4=", "5="}));
  EXPECT_EQ(completed("run x --layer 2=ngin"), (Words{"2=nginx", "2=nginx-non-idempotent"}));
  EXPECT_EQ(completed("run x --layer 1=ky --layer 2=ngin").size(), 2U);  // it may come again
  EXPECT_EQ(completed("run x --layer 2=iore"), Words{});                 // only clients can be
  EXPECT_EQ(completed("run x --layer 1=iore"), Words{"1=ioredis"});
  EXPECT_EQ(completed("run x --layer 6="), Words{});
  EXPECT_EQ(completed("compare x --vary layer.2.timeo"), Words{"layer.2.timeout="});
  EXPECT_EQ(completed("compare x --vary layer.2=iore"), Words{});
  EXPECT_EQ(completed("compare x --vary layer.2=sam"), Words{"layer.2=same"});
  EXPECT_EQ(completed("run x --layer.2.time"), Words{"--layer.2.timeout"});
  EXPECT_EQ(completed("run x --layer.2.deadline-passed "), (Words{"no", "yes"}));
  EXPECT_EQ(completed("compare x --vary layer.2.deadline-passed="),
            (Words{"layer.2.deadline-passed=no", "layer.2.deadline-passed=yes"}));
}

TEST(Completion, of_a_strategy_are_those_of_the_scenario) {
  EXPECT_EQ(completed("run two-writers --strategy atomic-increment+idempotency-key-a"),
            Words{"atomic-increment+idempotency-key-after"});
  EXPECT_EQ(completed("run two-writers --strategy read-modify-write,pess"),
            Words{"read-modify-write,pessimistic-lock"});
  EXPECT_EQ(completed("explore oversold-stock --strategy guard"), Words{"guarded-update"});
  EXPECT_EQ(completed("explore oversold-stock --strategy atomic"), Words{});
  // What endpoints in SQL have, and only that.
  EXPECT_EQ(completed("explore oversold-stock --strategy guarded-update+"),
            Words{"guarded-update+idempotency-key"});
  EXPECT_EQ(completed("explore oversold-stock --isolation s"), Words{"serializable"});
  EXPECT_EQ(completed("explore two-writers --isolation s"), Words{});
}

TEST(Completion, of_what_is_varied_are_keys_and_then_values) {
  EXPECT_EQ(completed("compare two-writers --vary clien"), Words{"clients="});
  EXPECT_EQ(completed("compare two-writers --vary isolation=autocommit,read"),
            Words{"isolation=autocommit,read-committed"});
  EXPECT_EQ(completed("compare two-writers --vary haz"), Words{});  // that cannot be varied
  EXPECT_TRUE(complete({"compare", "x", "--vary", "clien"}).goes_on);
  EXPECT_FALSE(complete({"compare", "x", "--vary", "clients=1"}).goes_on);
}

TEST(Completion, knows_where_files_stand) {
  using Paths = Completion::Paths;
  EXPECT_EQ(complete({"run", "./"}).paths, Paths::files);
  EXPECT_EQ(complete({"merge", ""}).paths, Paths::files);
  EXPECT_EQ(complete({"explore", "--setup", ""}).paths, Paths::files);
  EXPECT_EQ(complete({"host", "--page", ""}).paths, Paths::folders);
  EXPECT_EQ(complete({"run", "two-writers", "--seed", ""}).paths, Paths::none);
}

// A key that is pressed gets no error, whatever stands there.
TEST(Completion, of_what_makes_no_sense_is_nothing) {
  EXPECT_EQ(completed("nonsense two"), Words{});
  EXPECT_EQ(completed("run two-writers --nonsense="), Words{});
  EXPECT_EQ(completed("explore /dev --strategy "), Words{});
  EXPECT_EQ(complete({}).candidates.size(), 0U);
}

TEST(Completion, is_told_to_the_scripts_line_by_line) {
  EXPECT_EQ(run_command_line({"completion", "words", "--", "merge", "--f"}, {}).output,
            "--format\thow the result is written (default text)\n");
  EXPECT_EQ(run_command_line({"completion", "words", "--", "merge", ""}, {}).output, ":files\n");
  EXPECT_EQ(
      run_command_line({"completion", "words", "--", "compare", "x", "--vary", "rows"}, {}).output,
      "rows=\t" + find_option("rows")->help + "\n:goes-on\n");
  EXPECT_EQ(racelab_of("completion").errors,
            "racelab: for which shell? bash, zsh or fish, as in `racelab completion bash`\n");
  EXPECT_EQ(racelab_of("completion csh").errors,
            "racelab: shell must be bash, zsh or fish, not 'csh'\n");
}

// As bash does when somebody presses TAB behind the line: it sets these, and calls the function.
std::string in_bash(const std::string& line) {
  return shell(
             "bash -c '\"$0\" completion bash >/dev/null; eval \"$(\"$0\" completion bash)\"; "
             "COMP_LINE=\"$1\"; "
             "COMP_LINE=\"${COMP_LINE/racelab/$0}\"; COMP_POINT=${#COMP_LINE}; _racelab; "
             "printf \"%s\\n\" \"${COMPREPLY[@]}\"' \"$R\" '" +
             line + "'")
      .output;
}

TEST(Completion, works_in_bash) {
  EXPECT_EQ(in_bash("racelab expl"), "explain\nexplore\n");
  EXPECT_EQ(in_bash("racelab explore two-w"), "two-writers\n");
  EXPECT_EQ(in_bash("racelab explore two-writers --engine "), "graph\norders\n");
  // Bash takes = for the end of a word.
  EXPECT_EQ(in_bash("racelab explore two-writers --engine=o"), "orders\n");
  EXPECT_EQ(in_bash("racelab compare two-writers --vary isolation=read-c"), "read-committed\n");
  EXPECT_EQ(in_bash("racelab host --page /de"), "/dev\n");
}

TEST(Completion, in_bash_takes_a_blank_behind_a_backslash_for_a_letter) {
  const TestFolder folder;
  std::filesystem::create_directory(folder.path("my shop"));
  folder.write("my shop/setup.sql", "create table t (n integer);\n");
  folder.write("my shop/buy.sql", "update t set n = n + 1;\n");
  const std::string begin = "racelab explore " + folder.path();
  EXPECT_EQ(in_bash(begin + "/my\\ s"), folder.path("my shop") + "\n");
  EXPECT_EQ(in_bash(begin + "/my\\ shop --strategy b"), "buy\n");
}

bool is_here(const std::string& program) { return shell("command -v " + program).code == 0; }

TEST(Completion, works_in_fish) {
  if (!is_here("fish")) {
    GTEST_SKIP() << "no fish here";
  }
  const TestFolder folder;
  const auto in_fish = [&folder](const std::string& line) {
    return shell("export HOME='" + folder.path() +
                 "'; unset XDG_CONFIG_HOME XDG_DATA_HOME; PATH=\"$(dirname \"$R\"):$PATH\" fish -c "
                 "'racelab completion fish | source; complete -C \"" +
                 line + "\"'")
        .output;
  };
  EXPECT_EQ(in_fish("racelab expl"), "explain\t" + explain_syntax().sentence + "\nexplore\t" +
                                         explore_syntax().sentence + "\n");
  EXPECT_EQ(in_fish("racelab explore two-writers --engine "), "graph\norders\n");
  EXPECT_EQ(in_fish("racelab run nothing-of-that-name"), "");
}

// What zsh completes needs a terminal; that it can read the script does not.
TEST(Completion, is_a_script_that_zsh_can_read) {
  if (!is_here("zsh")) {
    GTEST_SKIP() << "no zsh here";
  }
  const Process read = shell("$R completion zsh | zsh -n 2>&1");
  EXPECT_EQ(read.code, 0);
  EXPECT_EQ(read.output, "");
}

}  // namespace
}  // namespace racelab::lab::completion_test
