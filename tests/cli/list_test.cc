// `racelab list` against what there is: every strategy, protection, scenario, hazard and fault, each with its sentence.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "sim/cli/scenario_file.h"
#include "sim/kernel/fault.h"
#include "sim/scenario/hazard.h"
#include "sim/scenario/options.h"
#include "sim/scenario/registry.h"
#include "tests/cli/command.h"

namespace racelab::lab::list_test {
namespace {

// What is indented less than this heads an entry: "  NAME".
bool lists(const std::string& text, std::string_view name) {
  return text.find("\n  " + std::string(name) + "\n") != std::string::npos;
}

// The text with every run of spaces and line feeds as one space: a sentence may be wrapped.
std::string unwrapped(const std::string& text) {
  std::string all;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    if (!space || !all.ends_with(' ')) {
      all += space ? ' ' : c;
    }
  }
  return all;
}

bool says(const std::string& text, std::string_view sentence) {
  return unwrapped(text).find(sentence) != std::string::npos;
}

TEST(List, shows_every_file_of_the_strategies_folder) {
  const std::string text = racelab_of("list strategies").output;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RACELAB_SOURCE_DIR "/strategies")) {
    ++files;
    EXPECT_TRUE(lists(text, entry.path().stem().string())) << entry.path().filename();
  }
  EXPECT_EQ(files, strategies().size() + protections().size());
  for (const Strategy& strategy : strategies()) {
    EXPECT_TRUE(says(text, strategy.sentence)) << strategy.name;
  }
  for (const Protection& protection : protections()) {
    EXPECT_TRUE(says(text, protection.sentence)) << protection.name;
  }
}

TEST(List, shows_every_file_of_the_scenarios_folder) {
  const std::string text = racelab_of("list scenarios").output;
  for (const auto& entry : std::filesystem::directory_iterator(RACELAB_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() == ".ini") {
      EXPECT_TRUE(lists(text, entry.path().stem().string())) << entry.path().filename();
    }
  }
  for (const ListedScenario& scenario : listed_scenarios()) {
    EXPECT_TRUE(says(text, scenario.claim.front())) << scenario.name;
  }
}

TEST(List, shows_every_hazard_and_every_fault) {
  const std::string hazards = racelab_of("list hazards").output;
  for (const HazardDescription& hazard : hazard_descriptions) {
    EXPECT_TRUE(lists(hazards, hazard.name)) << hazard.name;
    EXPECT_TRUE(says(hazards, hazard.sentence)) << hazard.name;
  }
  const std::string faults = racelab_of("list faults").output;
  for (const FaultDescription& fault : fault_descriptions()) {
    EXPECT_TRUE(lists(faults, fault.name)) << fault.name;
    EXPECT_TRUE(says(faults, fault.sentence)) << fault.name;
  }
}

TEST(List, without_a_word_shows_all_of_it) {
  std::string all;
  for (const char* what : {"strategies", "scenarios", "hazards", "faults", "clients", "sql"}) {
    all += (all.empty() ? "" : "\n") + racelab_of(std::string("list ") + what).output;
  }
  EXPECT_EQ(racelab_of("list").output, all);
  EXPECT_EQ(code(racelab_of("list")), 0);
}

TEST(Help, names_every_option_with_its_default) {
  const std::string text = racelab_of("run --help").output;
  const Settings defaults;
  for (const Option& option : options()) {
    EXPECT_NE(text.find("\n  --" + option.name + " " + placeholder(option)), std::string::npos)
        << option.name;
    EXPECT_TRUE(says(text, option.help)) << option.name;
    if (option.name != "workload") {
      EXPECT_TRUE(says(text, "(default " + value_of(option, defaults) + ")")) << option.name;
    }
  }
  for (const char* flag : {"--strategy S", "--seed N", "--format text|json|csv", "--output FILE",
                           "--color auto|always|never", "--trace", "--help"}) {
    EXPECT_NE(text.find("\n  " + std::string(flag)), std::string::npos) << flag;
  }
}

TEST(Help, and_lists_fit_80_columns) {
  for (const char* line : {"help", "run --help", "list --help", "list"}) {
    const std::string text = racelab_of(line).output;
    std::size_t column = 0;
    for (const char c : text) {
      column = c == '\n' ? 0 : column + 1;
      ASSERT_LE(column, 80U) << "racelab " << line << '\n' << text;
    }
    EXPECT_TRUE(text.ends_with('\n'));
  }
}

}  // namespace
}  // namespace racelab::lab::list_test
