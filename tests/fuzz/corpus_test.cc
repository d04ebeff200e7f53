// What fuzzing starts from, and what it has found, through the same door.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/cli/script_scenario.h"
#include "tests/fuzz/entry.h"

namespace racelab::fuzz::corpus_test {
namespace {

// The first line says what becomes of the rest: "# VIOLATED", "# setup.sql:1:1: …"; it stands before any file.
TEST(Corpus, every_input_ends_as_it_says) {
  std::size_t inputs = 0;
  const std::filesystem::path folder(std::string(RACELAB_SOURCE_DIR) + "/tests/fuzz/corpus");
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(stream), {}};
    const std::string first = input.substr(0, input.find('\n'));
    const std::string outcome = outcome_of(input);
    EXPECT_EQ("# " + outcome.substr(0, outcome.find('\n')), first) << entry.path();
    ++inputs;
  }
  EXPECT_EQ(inputs, 5U);
}

TEST(Corpus, built_in_scenarios_are_cut_and_joined_again) {
  for (const ListedScenario& listed : listed_script_scenarios()) {
    const std::string input = joined(load_folder(listed.name));
    EXPECT_EQ(joined(cut(input)), input);
    const std::string outcome = outcome_of(input);
    EXPECT_TRUE(outcome == "HOLDS" || outcome == "VIOLATED" || outcome == "GAVE")
        << listed.name << ": " << outcome;
  }
}

}  // namespace
}  // namespace racelab::fuzz::corpus_test
