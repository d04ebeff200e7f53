// What a command reads is never written over, whatever the output is called; and what is no file is
// refused, or read to a limit where the shell has opened it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/cli/command.h"
#include "tests/cli/shell.h"

namespace racelab::lab::inputs_test {
namespace {

namespace fs = std::filesystem;

// A folder with mine.ini in it, gone afterwards.
class Inputs : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "racelab_inputs_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    std::ofstream(path("mine.ini")) << story;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream stream(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  // A shell in the folder.
  [[nodiscard]] Process here(const std::string& command) const {
    return shell("cd '" + folder_ + "' && { " + command + "; } 2>&1");
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(folder_), {});
  }

  static constexpr const char* story = "# Mine.\nworkload = increment\n";

 private:
  std::string folder_;
};

TEST_F(Inputs, are_not_written_over_by_any_of_their_names) {
  fs::create_symlink("mine.ini", path("link"));
  fs::create_hard_link(path("mine.ini"), path("other"));
  fs::create_directory_symlink(".", path("folder"));
  for (const char* name : {"mine.ini", "./mine.ini", "link", "other", "folder/mine.ini"}) {
    const std::string output = path(name);
    for (const std::string command : {"run", "explore", "explain", "verify", "compare"}) {
      SCOPED_TRACE(command + " " + name);
      const CommandResult result =
          racelab_of(command + " " + path("mine.ini") + " --output " + output);
      EXPECT_EQ(code(result), 2);
      EXPECT_EQ(result.output, "");
      EXPECT_EQ(result.errors, output == path("mine.ini")
                                   ? "racelab: the output file '" + output +
                                         "' is read by this command: it would be lost\n"
                                   : "racelab: the output file '" + output + "' is '" +
                                         path("mine.ini") +
                                         "', which this command reads: it would be lost\n");
      EXPECT_EQ(content("mine.ini"), story);
    }
  }
  EXPECT_EQ(files(), 4);
}

TEST_F(Inputs, are_not_written_over_where_the_shell_has_opened_them) {
  const std::string lost = ", which this command reads: it would be lost\n";
  const std::string damaged = ", which this command reads: it would be damaged\n";
  const Process read_from_standard_input =
      here("\"$R\" run /dev/stdin --output mine.ini <mine.ini");
  EXPECT_EQ(read_from_standard_input.code, 2);
  EXPECT_EQ(read_from_standard_input.output,
            "racelab: the output file 'mine.ini' is '/dev/stdin'" + lost);
  EXPECT_EQ(here("\"$R\" run mine.ini --output /dev/fd/5 5>>mine.ini").output,
            "racelab: the output file '/dev/fd/5' is 'mine.ini'" + lost);
  EXPECT_EQ(here("\"$R\" run ./mine.ini --output /dev/stdout >>mine.ini").output,
            "racelab: the output file '/dev/stdout' is './mine.ini'" + lost);
  for (const char* command : {"run", "step", "explore"}) {
    const Process appended = here(std::string("\"$R\" ") + command + " mine.ini >>mine.ini");
    EXPECT_EQ(appended.code, 2);
    EXPECT_EQ(appended.output, "racelab: standard output goes to 'mine.ini'" + damaged);
  }
  EXPECT_EQ(content("mine.ini"), story);
}

TEST_F(Inputs, of_the_last_command_may_be_written_by_the_next) {
  racelab_of("run " + path("mine.ini"));
  EXPECT_EQ(code(racelab_of("run two-writers --output " + path("mine.ini"))), 1);
  EXPECT_EQ(content("mine.ini"), racelab_of("run two-writers").output);
}

TEST_F(Inputs, that_are_no_files_are_refused) {
  ASSERT_EQ(mkfifo(path("pipe.ini").c_str(), 0600), 0);
  EXPECT_EQ(racelab_of("run " + path("pipe.ini")).errors,
            "racelab: '" + path("pipe.ini") +
                "' is a pipe, not a scenario file; /dev/stdin reads from one\n");
  EXPECT_EQ(racelab_of("run /dev/zero").errors,
            "racelab: '/dev/zero' is a device, not a scenario file\n");
  EXPECT_EQ(racelab_of("merge /dev/zero").errors,
            "racelab: '/dev/zero' is a device, not a part of a comparison\n");
  EXPECT_EQ(racelab_of("verify /dev").errors,
            "racelab: /dev holds no setup.sql: the tables that its endpoints work on; `racelab new "
            "NAME` writes a folder to start from\n");
}

TEST_F(Inputs, that_the_shell_has_opened_are_read_to_a_limit) {
  const std::string too_long = "' is too long for a scenario file (at most 1,000,000 bytes)\n";
  // Where a signal of pipes is ignored, as in a process that has served a room, `yes` complains.
  EXPECT_EQ(here("\"$R\" run /dev/stdin </dev/zero").output, "racelab: '/dev/stdin" + too_long);
  EXPECT_EQ(here("yes 2>/dev/null | \"$R\" run /dev/stdin").output,
            "racelab: '/dev/stdin" + too_long);
  EXPECT_EQ(here("yes 2>/dev/null | \"$R\" explain /dev/fd/7 7<&0").output,
            "racelab: '/dev/fd/7" + too_long);
  EXPECT_EQ(here("(sleep 0.1; cat mine.ini) | \"$R\" run /dev/stdin >/dev/null").code, 1);
  EXPECT_EQ(here("cat mine.ini | \"$R\" run /dev/fd/6 6<&0 >/dev/null").code, 1);
}

// Ten gigabytes with nothing in them, on any disk.
TEST_F(Inputs, that_are_far_too_long_are_refused_at_once) {
  fs::resize_file(path("mine.ini"), 10'000'000'000);
  EXPECT_EQ(racelab_of("run " + path("mine.ini")).errors,
            "racelab: '" + path("mine.ini") +
                "' is too long for a scenario file (at most 1,000,000 bytes)\n");
}

// The shell has emptied it before the command begins: nothing is left to be read, and that is said.
TEST_F(Inputs, that_the_shell_has_emptied_are_told) {
  EXPECT_EQ(here("\"$R\" run ./mine.ini >mine.ini").output,
            "racelab: ./mine.ini: a scenario needs a line `workload = ...`\n");
}

}  // namespace
}  // namespace racelab::lab::inputs_test
