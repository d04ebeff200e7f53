// Scenario files: what is read, and that whatever is wrong is told with the file and the line.
//
// Workshop people write these by hand, on any system. A file that is nearly right must say where it is not, and a file that
// is no scenario at all must not be taken for one.
#include "sim/cli/scenario_file.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "sim/cli/usage_error.h"
#include "sim/scenario/options.h"
#include "tests/cli/command.h"
#include "tests/cli/folder.h"

namespace racelab::lab::scenario_file_test {
namespace {

// What parsing says of a text; empty: it is a scenario.
std::string problem_of(std::string_view text) {
  try {
    parse_scenario("mine", "mine.ini", text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

std::string value(const Settings& settings, std::string_view key) {
  return value_of(*find_option(key), settings);
}

// A file that is gone when the test ends.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, std::string_view text)
      : path_(testing::TempDir() + "racelab_" + name) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ScenarioFile, is_a_claim_then_settings) {
  const Scenario scenario = parse_scenario("mine", "mine.ini",
                                           "# Three clients add 5.\n"
                                           "#\n"
                                           "# Because they can.\n"
                                           "workload = increment\n"
                                           "\n"
                                           "# a later comment is no claim\n"
                                           "  clients =   3  \n"
                                           "amount=5\n"
                                           "hazards = race, repeat\n"
                                           "lose-reply.rate = 2.5%\n"
                                           "explore.clients = 2\n");
  EXPECT_EQ(scenario.name, "mine");
  EXPECT_EQ(scenario.claim,
            (std::vector<std::string>{"Three clients add 5.", "", "Because they can."}));
  EXPECT_EQ(value(scenario.settings, "workload"), "increment");
  EXPECT_EQ(value(scenario.settings, "clients"), "3");
  EXPECT_EQ(value(scenario.settings, "amount"), "5");
  EXPECT_EQ(value(scenario.settings, "hazards"), "race,repeat");
  EXPECT_EQ(value(scenario.settings, "lose-reply.rate"), "2.5%");
  EXPECT_EQ(value(twin_settings(scenario), "clients"), "2");
  EXPECT_EQ(value(twin_settings(scenario), "amount"), "5");
}

TEST(ScenarioFile, needs_neither_a_claim_nor_a_last_line_feed) {
  EXPECT_EQ(problem_of("workload = increment"), "");
}

TEST(ScenarioFile, from_a_windows_machine_is_the_same_scenario) {
  const Scenario scenario = parse_scenario(
      "mine", "mine.ini", "# The claim.\r\n#\r\nworkload = increment\r\nclients = 3\r\n\r\n");
  EXPECT_EQ(scenario.claim, (std::vector<std::string>{"The claim.", ""}));
  EXPECT_EQ(value(scenario.settings, "workload"), "increment");
  EXPECT_EQ(value(scenario.settings, "clients"), "3");
}

TEST(ScenarioFile, may_begin_with_a_byte_order_mark) {
  const Scenario scenario =
      parse_scenario("mine", "mine.ini", "\xEF\xBB\xBF# The claim.\nworkload = increment\n");
  EXPECT_EQ(scenario.claim, std::vector<std::string>{"The claim."});
  EXPECT_EQ(problem_of("\xEF\xBB\xBFworkload = increment\n"), "");
}

TEST(ScenarioFile, with_a_mistake_is_told_the_line_and_the_mistake) {
  const struct {
    const char* text;
    const char* problem;
  } mistakes[] = {
      {"workload = increment\nclinets = 3\n",
       "mine.ini:2: there is no setting 'clinets'; did you mean 'clients'?"},
      {"# claim\n\nworkload = increment\nxyzzy = 3\n",
       "mine.ini:4: there is no setting 'xyzzy'; `racelab run --help` lists them"},
      {"workload = increment\nlose-replies.rate = 2%\n",
       "mine.ini:2: there is no setting 'lose-replies.rate'; did you mean 'lose-reply.rate'?"},
      {"workload = incremnt\n",
       "mine.ini:1: workload must be charge, increment or transfer, not 'incremnt'; did you mean "
       "'increment'?"},
      {"workload = increment\nclients = 0\n",
       "mine.ini:2: clients must be from 1 to 1000, not '0'"},
      {"workload = increment\ntimeout = 50\n",
       "mine.ini:2: timeout must be a time with its unit, such as 250us, 1.5ms, 2s or 1min, or "
       "none, not '50'"},
      {"workload = increment\nlose-reply.rate = 120%\n",
       "mine.ini:2: lose-reply.rate must be from 0% to 100%, not '120%'"},
      {"workload = increment\nhazards = race, repaet\n",
       "mine.ini:2: hazards must be race, repeat, overlap or crash, or none, not 'repaet'; did you "
       "mean 'repeat'?"},
      {"workload = increment\nclients =\n", "mine.ini:2: clients must be a whole number, not ''"},
      {"workload = increment\nclients = 2\namount = 1\nclients = 2\n",
       "mine.ini:4: 'clients' stands here for the second time; the first is in line 2"},
      {"workload = increment\n[two]\nclients = 2\n",
       "mine.ini:2: a scenario has no sections, only lines `key = value`"},
      {"workload = increment\nclients 2\n",
       "mine.ini:2: a line must be `key = value`, a comment that starts with #, or empty"},
      {"workload = increment\n= 2\n",
       "mine.ini:2: a line must be `key = value`, a comment that starts with #, or empty"},
      {"workload = increment\n; clients = 2\n",
       "mine.ini:2: there is no setting '; clients'; did you mean 'clients'?"},
      {"workload = increment\nbreaker-threshold = 10%\nclients = 2\n",
       "mine.ini:2: breaker-threshold needs a breaker: it means nothing with breaker=none"},
      {"workload = increment\noperations = 2000\namount = 1\nclients = 1000\namount = 1\n",
       "mine.ini:5: 'amount' stands here for the second time; the first is in line 3"},
      {"workload = increment\noperations = 2000\nclients = 1000\namount = 1\n",
       "mine.ini:3: clients x operations must be from 1 to 1000000, not 1000 x 2000 = 2000000"},
      {"workload = charge\nrows = 2\n",
       "mine.ini:2: rows needs a workload that spreads over rows: it means nothing with "
       "workload=charge"},
      {"# only a claim\n", "mine.ini: a scenario needs a line `workload = ...`"},
      {"clients = 2\n", "mine.ini: a scenario needs a line `workload = ...`"},
      {"", "mine.ini: a scenario needs a line `workload = ...`"},
  };
  for (const auto& [text, problem] : mistakes) {
    EXPECT_EQ(problem_of(text), problem) << text;
  }
}

TEST(ScenarioFile, with_a_flag_for_a_key_is_told_that_it_is_none) {
  for (const std::string flag :
       {"strategy", "seed", "format", "output", "color", "trace", "help"}) {
    const std::string problem = "mine.ini:2: '" + flag +
                                "' is a flag, not a setting: it is given to `racelab run`, as --" +
                                flag;
    EXPECT_EQ(problem_of("workload = increment\n" + flag + " = 3\n"), problem);
    EXPECT_EQ(problem_of("workload = increment\nexplore." + flag + " = 3\n"), problem);
  }
}

TEST(ScenarioFile, has_its_twin_checked_like_any_other_key) {
  EXPECT_EQ(problem_of("workload = increment\nexplore.clinets = 2\n"),
            "mine.ini:2: there is no setting 'clinets'; did you mean 'clients'?");
  EXPECT_EQ(problem_of("workload = increment\nexplore.clients = 0\n"),
            "mine.ini:2: clients must be from 1 to 1000, not '0'");
  EXPECT_EQ(problem_of("workload = increment\nexplore.clients = 2\nexplore.clients = 3\n"),
            "mine.ini:3: 'explore.clients' stands here for the second time; the first is in line "
            "2");
  EXPECT_EQ(problem_of("workload = increment\nclients = 4\nexplore.clients = 2\n"), "");
  EXPECT_EQ(problem_of("workload = increment\nexplore.backoff-base = 2s\n"),
            "mine.ini:2: with its `explore.` lines, backoff-base (2s) must not be longer than "
            "backoff-cap (1s)");
}

// Of the lines that a problem is about the last one is told, be it one of the file's own or one of the twin's or the variant's.
TEST(ScenarioFile, is_told_the_last_line_that_has_a_part_in_a_problem) {
  EXPECT_EQ(problem_of("workload = increment\nexplore.arrivals = 5/s\nthink-time = 1ms\n"),
            "mine.ini:3: with its `explore.` lines, think-time needs a closed loop: it means "
            "nothing with arrivals=5/s");
  EXPECT_EQ(problem_of("workload = increment\ncompare.slow.backoff-base = 2s\ncompare.quick."
                       "backoff-base = 1ms\nbackoff = fixed\n"),
            "mine.ini:2: with its `compare.slow.` lines, backoff-base (2s) must not be longer than "
            "backoff-cap (1s)");
}

TEST(ScenarioFile, may_switch_off_what_it_sets_up) {
  const std::string breaker = "workload = increment\nbreaker-threshold = 10%\n";
  EXPECT_EQ(problem_of(breaker + "breaker = calls\nexplore.breaker = none\n"), "");
  EXPECT_EQ(problem_of(breaker + "compare.off.breaker = none\ncompare.on.breaker = calls\n"), "");
  EXPECT_EQ(problem_of(breaker + "compare.off.breaker = none\ncompare.on.timeout = none\n"),
            "mine.ini:2: breaker-threshold needs a breaker: it means nothing with breaker=none");
  EXPECT_EQ(
      problem_of("workload = increment\nbreaker = calls\ncompare.off.breaker = none\n"
                 "compare.off.breaker-threshold = 10%\n"),
      "mine.ini:4: with its `compare.off.` lines, breaker-threshold needs a breaker: it means "
      "nothing with breaker=none");
  EXPECT_EQ(
      problem_of("workload = increment\nexplore.lose-session.side = after\n"),
      "mine.ini:2: with its `explore.` lines, lose-session.side needs sessions to be lost: it "
      "means nothing without lose-session.rate or lose-session.max");
}

// A line may be long; one that nobody wrote by hand is no key to look for among the right ones.
TEST(ScenarioFile, with_a_line_that_is_too_long_says_so) {
  const std::string begin = "workload = increment\n";
  EXPECT_EQ(problem_of(begin + '#' + std::string(9'999, 'x')), "");
  for (const std::string& line : {'#' + std::string(10'000, 'x'), std::string(10'001, 'k'),
                                  "clients = " + std::string(10'000, '9')}) {
    EXPECT_EQ(problem_of(begin + line + "\n"),
              "mine.ini:2: this line is too long for a scenario (at most 10,000 bytes)");
  }
}

TEST(ScenarioFile, that_is_no_text_says_so) {
  const std::string_view elf(
      "\x7f"
      "ELF\x02\x01\x01\0\0\n",
      10);
  EXPECT_EQ(problem_of(elf), "mine.ini:1: this is not text");
  EXPECT_EQ(problem_of(std::string_view("workload = incr\0ement\n", 22)),
            "mine.ini:1: this is not text");
  EXPECT_EQ(problem_of("workload = increment\n# caf\xc3\xa9 is text\n"), "");
}

TEST(ScenarioFile, runs_by_its_path) {
  const TemporaryFile file("mine.ini", "# Mine.\nworkload = increment\nhazards = race\n");
  const CommandResult outcome = racelab_of("run " + file.path());
  EXPECT_EQ(code(outcome), 1);
  EXPECT_NE(outcome.output.find("\nagain   racelab run " + file.path() + " --seed 1\n"),
            std::string::npos)
      << outcome.output;
}

TEST(ScenarioFile, without_the_ending_needs_a_slash_only) {
  const TemporaryFile file("noending", "workload = increment\n");
  EXPECT_EQ(code(racelab_of("run " + file.path())), 1);
}

TEST(ScenarioFile, yields_to_flags_even_for_a_key_it_sets) {
  const TemporaryFile file("flags.ini", "workload = increment\nclients = 3\n");
  const std::string text = racelab_of("run " + file.path() + " --clients 4").output;
  EXPECT_NE(text.find(" clients=4 "), std::string::npos) << text;
}

TEST(ScenarioFile, with_a_mistake_ends_the_command_with_its_path_and_line) {
  const TemporaryFile file("bad.ini", "# Mine.\nworkload = increment\nclient = 3\n");
  const CommandResult outcome = racelab_of("run " + file.path());
  EXPECT_EQ(code(outcome), 2);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, "racelab: " + file.path() +
                                ":3: there is no client '3'; `racelab list clients` shows them\n");
}

TEST(ScenarioFile, that_is_not_there_or_is_a_folder_is_told) {
  EXPECT_EQ(racelab_of("run ./absent.ini").errors, "racelab: there is no file './absent.ini'\n");
  EXPECT_EQ(racelab_of("run absent.ini").errors, "racelab: there is no file 'absent.ini'\n");
  const TestFolder empty;  // a folder is one with endpoints in SQL
  const std::string folder = empty.path() + '/';
  EXPECT_EQ(racelab_of("run " + folder).errors,
            "racelab: " + folder +
                " holds no setup.sql: the tables that its endpoints work on; `racelab new NAME` "
                "writes a folder to start from\n");
  EXPECT_EQ(code(racelab_of("run " + folder)), 2);
}

TEST(ScenarioFile, that_cannot_be_read_is_told) {
  const std::string loop = testing::TempDir() + "racelab_loop.ini";
  std::filesystem::remove(loop);
  std::filesystem::create_symlink(loop, loop);
  EXPECT_EQ(racelab_of("run " + loop).errors, "racelab: the file '" + loop + "' cannot be read\n");
  std::filesystem::remove(loop);
}

TEST(ScenarioFile, of_more_than_a_megabyte_is_refused) {
  const TemporaryFile file("long.ini", std::string(1'000'001, '#'));
  EXPECT_EQ(
      racelab_of("run " + file.path()).errors,
      "racelab: '" + file.path() + "' is too long for a scenario file (at most 1,000,000 bytes)\n");
}

TEST(ScenarioFile, of_every_built_in_scenario_can_be_read_from_the_folder_too) {
  for (const ListedScenario& listed : listed_scenarios()) {
    SCOPED_TRACE(listed.name);
    const Scenario built_in = load_scenario(listed.name);
    const Scenario read =
        load_scenario(std::string(RACELAB_SOURCE_DIR) + "/scenarios/" + listed.name + ".ini");
    EXPECT_EQ(read.claim, built_in.claim);
    EXPECT_EQ(read.twin, built_in.twin);
    for (const Option& option : options()) {
      EXPECT_EQ(value_of(option, read.settings), value_of(option, built_in.settings));
    }
  }
}

}  // namespace
}  // namespace racelab::lab::scenario_file_test
