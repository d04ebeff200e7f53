// --output: the result is written whole or not at all. A name that cannot be written is told before any work; a file that
// was there keeps its content until the new one is complete; a command that fails leaves no new file behind.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "tests/cli/command.h"

namespace racelab::lab::output_test {
namespace {

// As on a full disk: while one lives, no file grows beyond so many bytes.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit full{bytes, limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  void (*signal_)(int);
  rlimit limit_{};
};

// A folder of its own for each test, gone afterwards.
class Output : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "racelab_output_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  static std::string content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(folder_), {});
  }
  static void write(const std::string& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
  }

 private:
  std::string folder_;
};

TEST_F(Output, holds_what_would_have_been_printed) {
  for (const char* line : {"run two-writers", "run two-writers --format json",
                           "run hot-counter --trace", "run two-writers --clients 3"}) {
    SCOPED_TRACE(line);
    const CommandResult printed = racelab_of(line);
    const CommandResult written = racelab_of(std::string(line) + " --output " + path("result"));
    EXPECT_EQ(written.exit, printed.exit);
    EXPECT_EQ(written.output, "");
    EXPECT_EQ(written.errors, "");
    EXPECT_EQ(content(path("result")), printed.output);
  }
}

TEST_F(Output, replaces_a_longer_file_whole) {
  write(path("result"), std::string(100'000, 'x'));
  racelab_of("run two-writers --output " + path("result"));
  EXPECT_EQ(content(path("result")), racelab_of("run two-writers").output);
}

TEST_F(Output, of_a_command_that_fails_keeps_what_the_file_held) {
  write(path("result"), "precious\n");
  for (const char* line :
       {"run two-writers --clients 0", "run two-writer", "run two-writers --strategy xyzzy",
        "run money-transfer --strategy atomic-increment", "run two-writers --xyzzy"}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(code(racelab_of(std::string(line) + " --output " + path("result"))), 2);
    EXPECT_EQ(content(path("result")), "precious\n");
  }
}

TEST_F(Output, of_a_command_that_fails_leaves_no_new_file) {
  for (const char* line : {"run two-writers --clients 0", "run two-writer",
                           "run money-transfer --strategy atomic-increment"}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(code(racelab_of(std::string(line) + " --output " + path("result"))), 2);
    EXPECT_FALSE(std::filesystem::exists(path("result")));
  }
}

TEST_F(Output, that_cannot_be_written_is_told) {
  const std::string nowhere = path("no/such/folder/result");
  const CommandResult outcome = racelab_of("run two-writers --output " + nowhere);
  EXPECT_EQ(code(outcome), 2);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, "racelab: the output file '" + nowhere + "' cannot be written\n");

  write(path("file"), "");
  const std::string below_a_file = path("file/result");
  EXPECT_EQ(racelab_of("run two-writers --output " + below_a_file).errors,
            "racelab: the output file '" + below_a_file + "' cannot be written\n");

  const std::string folder = path("");
  EXPECT_EQ(racelab_of("run two-writers --output " + folder).errors,
            "racelab: the output file '" + folder + "' is a folder\n");
}

// This run works through a hundred million events if it is let: told before any work, the command is back at once.
TEST_F(Output, that_cannot_be_written_is_told_before_any_work) {
  const CommandResult outcome = racelab_of(
      "run hot-counter --clients 1000 --operations 1000 --events-max 100000000 --output " +
      path("no/result"));
  EXPECT_EQ(outcome.errors,
            "racelab: the output file '" + path("no/result") + "' cannot be written\n");
}

TEST_F(Output, that_fills_the_device_is_told) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "there is no /dev/full here";
  }
  const CommandResult outcome = racelab_of("run two-writers --output /dev/full");
  EXPECT_EQ(code(outcome), 2);
  EXPECT_EQ(outcome.errors,
            "racelab: the output file '/dev/full' could not be written to its end\n");
  EXPECT_TRUE(std::filesystem::exists("/dev/full"));
}

// The JSON of this run is longer than 1,000 bytes, so the disk is full half-way.
TEST_F(Output, that_fills_the_disk_keeps_what_the_file_held) {
  write(path("result"), "precious\n");
  const std::string sentence =
      "racelab: the output file '" + path("result") + "' could not be written to its end\n";
  {
    const FullDisk full(1'000);
    const CommandResult outcome =
        racelab_of("run hot-counter --format json --output " + path("result"));
    EXPECT_EQ(code(outcome), 2);
    EXPECT_EQ(outcome.output, "");
    EXPECT_EQ(outcome.errors, sentence);
  }
  EXPECT_EQ(content(path("result")), "precious\n");
  EXPECT_EQ(files(), 1);
}

TEST_F(Output, that_fills_the_disk_leaves_no_new_file) {
  {
    const FullDisk full(1'000);
    EXPECT_EQ(code(racelab_of("run hot-counter --format json --output " + path("result"))), 2);
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(Output, is_the_only_file_that_is_written) {
  write(path("result.part0"), "somebody's\n");
  racelab_of("run two-writers --output " + path("result"));
  racelab_of("run two-writers --output " + path("result"));
  EXPECT_EQ(files(), 2);
  EXPECT_EQ(content(path("result.part0")), "somebody's\n");
}

TEST_F(Output, keeps_who_may_read_the_file) {
  write(path("result"), "");
  constexpr auto mine = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  std::filesystem::permissions(path("result"), mine);
  racelab_of("run two-writers --output " + path("result"));
  EXPECT_EQ(std::filesystem::status(path("result")).permissions(), mine);
}

TEST_F(Output, follows_a_link_and_leaves_it_one) {
  std::filesystem::create_symlink("result", path("link"));
  const std::string text = racelab_of("run two-writers").output;
  racelab_of("run two-writers --output " + path("link"));  // to a file that is not there yet
  EXPECT_EQ(content(path("result")), text);
  write(path("result"), "older");
  racelab_of("run two-writers --output " + path("link"));
  EXPECT_EQ(content(path("result")), text);
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_FALSE(std::filesystem::is_symlink(path("result")));
}

TEST_F(Output, has_no_colors_unless_they_are_asked_for) {
  const Environment terminal{.terminal = true, .no_color = false};
  racelab_of("run two-writers --output " + path("plain"), terminal);
  EXPECT_EQ(content(path("plain")).find('\x1b'), std::string::npos);
  racelab_of("run two-writers --color always --output " + path("colored"), terminal);
  EXPECT_NE(content(path("colored")).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace racelab::lab::output_test
