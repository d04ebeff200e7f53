// `cmake --install`: what is put where, and that it runs from there, in a folder of its own.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/cli/commands.h"
#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/cli/shell.h"

namespace racelab::lab::install_test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The folder below which a file of that name lies, from the top; empty: there is none.
std::string found_in(const fs::path& top, const std::string& name) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(top)) {
    if (entry.path().filename() == name && entry.is_regular_file()) {
      return entry.path().parent_path().string();
    }
  }
  return "";
}

class Installed : public ::testing::Test {
 protected:
  void SetUp() override {
    const Process made =
        shell("cmake --install \"$(dirname \"$R\")\" --prefix '" + folder_.path("to") + "' 2>&1");
    ASSERT_EQ(made.code, 0) << made.output;
  }
  [[nodiscard]] Process run(const std::string& line) const {
    return shell("cd /; '" + folder_.path("to/bin/racelab") + "' " + line);
  }
  TestFolder folder_;
};

TEST_F(Installed, runs_from_there_and_has_its_pages_completions_and_documents) {
  EXPECT_EQ(run("run two-writers").output, racelab_of("run two-writers").output);
  EXPECT_EQ(run("run two-writers").code, 1);
  EXPECT_EQ(run("explore oversold-stock").output, racelab_of("explore oversold-stock").output);
  EXPECT_EQ(run("list --format json").output, racelab_of("list --format json").output);

  const fs::path top = folder_.path("to");
  const bool zipped = !found_in(top, "racelab.1.gz").empty();
  for (const Command& it : all_commands()) {
    const std::string name = "racelab-" + it.name + ".1" + (zipped ? ".gz" : "");
    const std::string folder = found_in(top, name);
    ASSERT_TRUE(folder.ends_with("man/man1")) << name << " in '" << folder << "'";
    const std::string show = zipped ? "gzip -dc " : "cat ";
    EXPECT_EQ(shell(show + "'" + folder + "/" + name + "'").output,
              racelab_of("manual " + it.name).output);
  }
  EXPECT_EQ(text_of(top / "share/bash-completion/completions/racelab"),
            racelab_of("completion bash").output);
  EXPECT_EQ(text_of(fs::path(found_in(top, "_racelab")) / "_racelab"),
            racelab_of("completion zsh").output);
  EXPECT_EQ(text_of(top / "share/fish/vendor_completions.d/racelab.fish"),
            racelab_of("completion fish").output);
  // Documents link to scenarios and strategies, which lie beside them.
  for (const char* file : {"README.md", "docs/installed.md", "scenarios/two-writers.ini",
                           "strategies/atomic-increment.cc"}) {
    EXPECT_EQ(text_of(top / "share/doc/racelab" / file),
              text_of(fs::path(RACELAB_SOURCE_DIR) / file))
        << file;
  }
}

}  // namespace
}  // namespace racelab::lab::install_test
