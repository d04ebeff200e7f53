// `racelab list` against what there is: every strategy, protection, scenario, hazard, fault and client, in words and for programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_scenario.h"
#include "sim/kernel/fault.h"
#include "sim/report/listing.h"
#include "sim/report/text_layout.h"
#include "sim/scenario/client_presets.h"
#include "sim/scenario/hazard.h"
#include "sim/scenario/options.h"
#include "sim/scenario/registry.h"
#include "tests/cli/command.h"

namespace racelab::lab::list_test {
namespace {

// An entry is a line: "  NAME  sentence".
bool lists(const std::string& text, std::string_view name) {
  return text.find("\n  " + std::string(name) + "  ") != std::string::npos;
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

// A scenario may be a folder.
bool fs_has_scenario(const std::filesystem::path& folder) {
  return std::filesystem::exists(folder / "scenario.ini");
}

TEST(List, show_offers_exploring_where_that_is_possible) {
  EXPECT_NE(racelab_of("show two-writers").output.find("racelab explore two-writers\n"),
            std::string::npos);
  EXPECT_EQ(racelab_of("show retry-storm").output.find("racelab explore"), std::string::npos);
}

TEST(List, show_tells_programs_of_a_client_too) {
  const boost::json::object shown =
      boost::json::parse(racelab_of("show axios-retry --format json").output).as_object();
  EXPECT_EQ(shown.at("schema"), "racelab.show/1");
  EXPECT_EQ(shown.at("client"), "axios-retry");
  EXPECT_EQ(shown.at("settings").at("attempts-max"), "4");
  EXPECT_EQ(shown.at("requests").at("reset"), 4);
  EXPECT_EQ(shown.at("requests").at("timeout"), 1);
}

// Nobody answers within a second: a hedge every 100 ms, up to five attempts.
TEST(List, counts_what_a_client_hedges) {
  const boost::json::object shown =
      boost::json::parse(racelab_of("show grpc-js-hedging --format json").output).as_object();
  EXPECT_EQ(shown.at("requests").at("timeout"), 5);
}

TEST(List, show_offers_to_explore_a_client_that_can_be) {
  EXPECT_NE(racelab_of("show stripe").output.find("racelab explore"), std::string::npos);
  EXPECT_EQ(racelab_of("show tenacity").output.find("racelab explore"), std::string::npos);
}

TEST(List, shows_every_file_of_the_strategies_folder) {
  const std::string text = racelab_of("list strategies").output;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RACELAB_SOURCE_DIR "/strategies")) {
    ++files;
    EXPECT_TRUE(lists(text, entry.path().stem().string())) << entry.path().filename();
  }
  EXPECT_EQ(files, strategies().size() + protections().size());
}

TEST(List, shows_every_file_of_the_scenarios_folder) {
  const std::string text = racelab_of("list scenarios").output;
  for (const auto& entry : std::filesystem::directory_iterator(RACELAB_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() == ".ini" || fs_has_scenario(entry.path())) {
      EXPECT_TRUE(lists(text, entry.path().stem().string())) << entry.path().filename();
    }
  }
}

TEST(List, shows_every_hazard_fault_and_client) {
  const std::string hazards = racelab_of("list hazards").output;
  for (const HazardDescription& hazard : hazard_descriptions) {
    EXPECT_TRUE(lists(hazards, hazard.name)) << hazard.name;
  }
  const std::string faults = racelab_of("list faults").output;
  for (const FaultDescription& fault : fault_descriptions()) {
    EXPECT_TRUE(lists(faults, fault.name)) << fault.name;
  }
  const std::string clients = racelab_of("list clients").output;
  for (const ClientPreset& client : client_presets()) {
    EXPECT_TRUE(lists(clients, client.name)) << client.name;
  }
}

// What a line has no room for is there by name.
TEST(List, of_a_name_says_all_of_it) {
  for (const Strategy& it : strategies()) {
    EXPECT_TRUE(says(racelab_of("list " + it.name).output, it.sentence)) << it.name;
  }
  for (const Protection& it : protections()) {
    EXPECT_TRUE(says(racelab_of("list " + it.name).output, it.sentence)) << it.name;
  }
  for (const ListedScenario& it : listed_scenarios()) {
    EXPECT_TRUE(says(racelab_of("list " + it.name).output, it.claim.front())) << it.name;
  }
  for (const FaultDescription& it : fault_descriptions()) {
    EXPECT_TRUE(says(racelab_of("list " + std::string(it.name)).output, it.sentence)) << it.name;
  }
  EXPECT_EQ(racelab_of("list race").output,
            "race\n"
            "        Two operations work on one row at the same time.\n"
            "one of  hazards\n");
}

TEST(List, of_a_part_of_a_kind_is_that_part) {
  const std::string all = racelab_of("list").output;
  for (const char* part : {"protections", "workloads"}) {
    const std::string text = racelab_of("list " + std::string(part)).output;
    EXPECT_TRUE(text.starts_with(part)) << text;
    EXPECT_NE(all.find(text), std::string::npos) << text;
  }
  const CommandResult json = racelab_of("list protections --format json");
  EXPECT_EQ(code(json), 0);
  EXPECT_TRUE(says(json.output, "idempotency-key-after"));
  EXPECT_FALSE(says(json.output, "two-writers"));
}

TEST(List, has_a_line_an_entry) {
  EXPECT_EQ(racelab_of("list hazards").output.substr(0, 46),
            "hazards: what a scenario can do to a strategy\n");
  const std::string text = racelab_of("list").output;
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  std::size_t entries = 0;
  std::size_t groups = 0;
  for (const ListedKind& kind : listed_kinds(listed_scenarios(), listed_script_scenarios())) {
    for (const ListedGroup& group : kind.groups) {
      if (group.name != "clients" && group.name != "sql") {
        entries += group.entries.size();
        ++groups;
      }
    }
  }
  // A heading and an empty line for each group; clients, SQL and where there is more: a line each.
  EXPECT_EQ(groups, 7U);
  EXPECT_EQ(lines, entries + (2 * groups) + 3);
}

TEST(List, is_there_for_programs) {
  namespace json = boost::json;
  const json::object all = json::parse(racelab_of("list --format json").output).as_object();
  for (const char* key : {"schema", "strategies", "protections", "scenarios", "workloads",
                          "hazards", "faults", "clients", "sql"}) {
    EXPECT_TRUE(all.contains(key)) << key;
  }
  EXPECT_EQ(all.at("schema"), "racelab.list/1");
  EXPECT_EQ(all.at("clients").as_array().size(), client_presets().size());
  for (const std::string& kind : list_kinds()) {
    const json::value one = json::parse(racelab_of("list " + kind + " --format json").output);
    EXPECT_EQ(one.at(kind), all.at(kind)) << kind;
  }
  const json::value clients = json::parse(racelab_of("list clients --format json").output);
  EXPECT_EQ(clients.as_object().size(), 2U);  // the schema, and they
  for (const json::value& client : clients.at("clients").as_array()) {
    if (client.at("name") == "axios-retry") {
      EXPECT_EQ(client.at("requests").at("reset"), 4);
      EXPECT_EQ(client.at("requests").at("timeout"), 1);
    }
    if (client.at("name") == "tenacity") {
      EXPECT_EQ(client.at("requests").at("503"), "endless");
    }
  }
}

// The row of a table in docs/installed.md whose first cell has that key; empty: there is none.
std::string documented_row(const std::string& key) {
  std::ifstream file(RACELAB_SOURCE_DIR "/docs/installed.md");
  for (std::string line; std::getline(file, line);) {
    const std::string first = line.substr(0, line.find('|', 1));
    if (first.starts_with("| `") && first.find("`" + key + "`") != std::string::npos) {
      return line;
    }
  }
  return "";
}

// docs/installed.md has a row for each key, and names what its entries have.
TEST(List, is_documented_for_programs) {
  namespace json = boost::json;
  const json::object all = json::parse(racelab_of("list --format json").output).as_object();
  for (const auto& [key, entries] : all) {
    if (key == "schema") {
      continue;
    }
    const std::string words = documented_row(std::string(key));
    ASSERT_NE(words, "") << key;
    for (const json::value& entry : entries.as_array()) {
      for (const auto& it : entry.as_object()) {
        const std::string name = it.key();
        EXPECT_TRUE(name == "name" || words.find("`" + name + "`") != std::string::npos)
            << key << ": " << name;
      }
    }
  }
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
  for (const char* line :
       {"help", "run --help", "list --help", "list", "list clients", "list sql"}) {
    const std::string text = racelab_of(line).output;
    std::size_t column = 0;
    for (const char c : text) {
      const bool first_byte = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
      column = c == '\n' ? 0 : column + (first_byte ? 1 : 0);
      ASSERT_LE(column, 80U) << "racelab " << line << '\n' << text;
    }
    EXPECT_TRUE(text.ends_with('\n'));
  }
  for (const Command& it : all_commands()) {
    std::istringstream lines(racelab_of(it.name + " --help").output);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(columns_of(line) <= 80 || line.find("racelab ") != std::string::npos)
          << it.name << ": " << line;
    }
  }
}

}  // namespace
}  // namespace racelab::lab::list_test
