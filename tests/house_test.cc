// The tree checks itself: who may include whom, what the core must do without, and how files look.
//
// Each rule is a function from a file's text to what is wrong with it, so that a test can feed it a bad example and see it
// object; a rule that never objects would hold anything.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace racelab::lab::house_test {
namespace {

struct SourceFile {
  std::string path;  // from the top: "sim/kernel/time.h"
  std::string text;
};

std::vector<SourceFile> files_below(const std::vector<std::string>& folders,
                                    const std::vector<std::string>& endings) {
  const std::filesystem::path top(RACELAB_SOURCE_DIR);
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
      const std::string ending = entry.path().extension().string();
      if (entry.is_regular_file() &&
          std::find(endings.begin(), endings.end(), ending) != endings.end()) {
        std::ifstream stream(entry.path(), std::ios::binary);
        files.push_back({entry.path().lexically_relative(top).generic_string(),
                         {std::istreambuf_iterator<char>(stream), {}}});
      }
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

const std::vector<std::string> everywhere{"sim", "strategies", "scenarios", "bench", "tests"};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What a file includes: "sim/kernel/time.h" for a header of the project, "<vector>" for another.
std::vector<std::string> includes_of(std::string_view text) {
  std::vector<std::string> includes;
  for (const std::string& line : lines_of(text)) {
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#' ||
        line.find("include", hash) == std::string::npos) {
      continue;
    }
    const std::size_t open = line.find_first_of("\"<", hash);
    const std::size_t close =
        open == std::string::npos ? open : line.find_first_of("\">", open + 1);
    if (close == std::string::npos) {
      continue;
    }
    includes.push_back(line[open] == '<' ? line.substr(open, close + 1 - open)
                                         : line.substr(open + 1, close - open - 1));
  }
  return includes;
}

// The text without its comments; what stands in quotes stays.
std::string without_comments(std::string_view text) {
  std::string code;
  for (const std::string& line : lines_of(text)) {
    code += line.substr(0, line.find("//")) + '\n';
  }
  return code;
}

// Whether a word stands in the code by itself, not as a part of another.
bool has_word(std::string_view code, std::string_view word) {
  const auto is_part = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  for (std::size_t at = code.find(word); at != std::string_view::npos;
       at = code.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part(code[at - 1])) && (end == code.size() || !is_part(code[end]))) {
      return true;
    }
  }
  return false;
}

// From the innermost room out: each includes only those before it.
const std::vector<std::string> rooms{
    "kernel",  "sql",   "store",  "handler", "service", "client", "check", "scenario",
    "explore", "sweep", "report", "parse",   "drivers", "host",   "cli",   "page"};
constexpr std::size_t core_rooms = 9;  // kernel to explore
constexpr std::size_t unknown_room = SIZE_MAX;

// The room of a file in sim/, as a place in `rooms`. A plug-in's only include counts as the room that it leads to.
std::size_t room_of(std::string_view path) {
  if (path == "sim/strategy.h" || path == "sim/workload.h") {
    path = "sim/scenario/";
  }
  for (std::size_t room = 0; room < rooms.size(); ++room) {
    if (path.starts_with("sim/" + rooms[room] + "/")) {
      return room;
    }
  }
  return unknown_room;
}

using Problems = std::vector<std::string>;

Problems wrong_rooms(const SourceFile& file) {
  const std::size_t own = room_of(file.path);
  if (own == unknown_room) {
    return {file.path + " is in no room"};
  }
  Problems problems;
  for (const std::string& include : includes_of(file.text)) {
    if (include.starts_with('<')) {
      continue;
    }
    const std::size_t other = room_of(include);
    if (other == unknown_room || other > own) {
      problems.push_back(file.path + " includes " + include);
    }
  }
  return problems;
}

Problems wrong_plugin(const SourceFile& file, const std::string& only_include) {
  std::vector<std::string> own;
  for (const std::string& include : includes_of(file.text)) {
    if (!include.starts_with('<')) {
      own.push_back(include);
    }
  }
  if (own == std::vector{only_include}) {
    return {};
  }
  return {file.path + " must include " + only_include + " and no other header of the project"};
}

// Where the outside is let in: a wish to stop, and whatever strangers' code does.
bool is_door(const SourceFile& file) {
  return file.path == "sim/kernel/stop.h" || file.path.starts_with("sim/kernel/plugin_call.");
}

Problems wrong_in_core(const SourceFile& file) {
  if (is_door(file)) {
    return {};
  }
  const std::vector<std::string> banned{
      "<thread>", "<mutex>",  "<chrono>",        "<fstream>",       "<iostream>",
      "<random>", "<atomic>", "<unordered_map>", "<unordered_set>", "<filesystem>",
      "<ctime>",  "<future>", "<stdexcept>"};
  Problems problems;
  for (const std::string& include : includes_of(file.text)) {
    if (include.starts_with("<boost/asio") ||
        std::find(banned.begin(), banned.end(), include) != banned.end()) {
      problems.push_back(file.path + " includes " + include);
    }
  }
  const std::string code = without_comments(file.text);
  for (const char* word : {"throw", "try", "catch"}) {
    if (has_word(code, word)) {
      problems.push_back(file.path + " contains '" + word + "'");
    }
  }
  return problems;
}

Problems too_long(const SourceFile& file, std::size_t lines_max) {
  const std::size_t lines = lines_of(file.text).size();
  if (lines <= lines_max) {
    return {};
  }
  return {file.path + " has " + std::to_string(lines) + " lines, more than " +
          std::to_string(lines_max)};
}

// Lines of a page, outside its tables and its code, that are wider than a projector shows well.
Problems too_wide(const SourceFile& file) {
  constexpr std::ptrdiff_t columns_max = 100;
  Problems problems;
  bool code = false;
  std::size_t number = 0;
  for (const std::string& line : lines_of(file.text)) {
    ++number;
    if (line.starts_with("```")) {
      code = !code;
    }
    // Every byte that begins a character; the others of UTF-8 are 10xxxxxx.
    const auto columns = std::count_if(line.begin(), line.end(), [](char byte) {
      return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    });
    if (!code && !line.starts_with('|') && columns > columns_max) {
      problems.push_back(file.path + ":" + std::to_string(number) + " has " +
                         std::to_string(columns) + " columns");
    }
  }
  return problems;
}

Problems no_opening(const SourceFile& file) {
  if (file.text.starts_with("// ")) {
    return {};
  }
  return {file.path + " does not open with what it claims, after //"};
}

Problems no_claim(const SourceFile& file) {
  std::size_t comments = 0;
  for (const std::string& line : lines_of(file.text)) {
    if (!line.starts_with('#')) {
      break;
    }
    ++comments;
  }
  // A folder's is its story.
  const std::size_t most = file.path.ends_with("/scenario.ini") ? 14 : 8;
  if (comments >= 2 && comments <= most) {
    return {};
  }
  return {file.path + " opens with " + std::to_string(comments) + " lines of comment; 2 to " +
          std::to_string(most) + " say the claim and the reason"};
}

// Test files are compiled several at once: without a namespace named like the file, helpers of two could clash.
Problems not_by_itself(const SourceFile& file) {
  const std::string stem = std::filesystem::path(file.path).stem().string();
  if (!stem.ends_with("_test") || file.text.find("::" + stem + " {\n") != std::string::npos) {
    return {};
  }
  return {file.path + " has no namespace " + stem};
}

// Every file that the rule looks at, and that there was one to look at.
template <class Rule>
void expect_no_problem(const std::vector<SourceFile>& files, const Rule& rule) {
  ASSERT_FALSE(files.empty());
  for (const SourceFile& file : files) {
    for (const std::string& problem : rule(file)) {
      ADD_FAILURE() << problem;
    }
  }
}

TEST(House, each_room_includes_only_rooms_above_it) {
  expect_no_problem(files_below({"sim"}, {".h", ".cc"}), wrong_rooms);
}

TEST(House, a_room_that_includes_one_below_it_is_seen) {
  EXPECT_EQ(wrong_rooms({"sim/store/store.h", "#include \"sim/service/trace.h\"\n"}),
            Problems{"sim/store/store.h includes sim/service/trace.h"});
  EXPECT_EQ(wrong_rooms({"sim/scenario/run.h", "#  include \"sim/report/words.h\"\n"}),
            Problems{"sim/scenario/run.h includes sim/report/words.h"});
  EXPECT_EQ(wrong_rooms({"sim/check/judge.h", "#include \"sim/strategy.h\"\n"}),
            Problems{"sim/check/judge.h includes sim/strategy.h"});
  EXPECT_EQ(wrong_rooms({"sim/kernel/time.h", "#include \"tests/kernel/clock.h\"\n"}),
            Problems{"sim/kernel/time.h includes tests/kernel/clock.h"});
  EXPECT_EQ(wrong_rooms({"sim/attic/old.h", ""}), Problems{"sim/attic/old.h is in no room"});
  EXPECT_EQ(wrong_rooms({"sim/store/store.h",
                         "#include <vector>\n"
                         "#include \"sim/store/sql.h\"\n"
                         "#include \"sim/kernel/time.h\"\n"}),
            Problems{});
}

TEST(House, a_strategy_includes_one_header_of_the_project) {
  expect_no_problem(files_below({"strategies"}, {".h", ".cc"}),
                    [](const SourceFile& file) { return wrong_plugin(file, "sim/strategy.h"); });
}

TEST(House, a_workload_includes_one_header_of_the_project) {
  expect_no_problem(files_below({"scenarios/workloads"}, {".h", ".cc"}),
                    [](const SourceFile& file) { return wrong_plugin(file, "sim/workload.h"); });
}

TEST(House, a_plug_in_that_includes_more_or_less_is_seen) {
  EXPECT_EQ(wrong_plugin({"strategies/a.cc", ""}, "sim/strategy.h").size(), 1U);
  EXPECT_EQ(wrong_plugin({"strategies/a.cc",
                          "#include \"sim/strategy.h\"\n"
                          "#include \"sim/store/store.h\"\n"},
                         "sim/strategy.h")
                .size(),
            1U);
  EXPECT_EQ(wrong_plugin({"strategies/a.cc", "#include <vector>\n#include \"sim/strategy.h\"\n"},
                         "sim/strategy.h"),
            Problems{});
}

std::vector<SourceFile> core_files() {
  std::vector<SourceFile> files = files_below({"sim", "strategies", "scenarios"}, {".h", ".cc"});
  std::erase_if(files, [](const SourceFile& file) {
    const std::size_t room = room_of(file.path);
    return file.path.starts_with("sim/") && room != unknown_room && room >= core_rooms;
  });
  return files;
}

TEST(House, the_core_has_no_threads_clocks_files_or_exceptions) {
  expect_no_problem(core_files(), wrong_in_core);
}

TEST(House, a_core_that_has_one_is_seen) {
  for (const char* text :
       {"#include <boost/asio.hpp>\n", "#include <boost/asio/post.hpp>\n", "#include <thread>\n",
        "#include <mutex>\n", "#include <chrono>\n", "#include <fstream>\n",
        "#include <iostream>\n", "#include <random>\n", "#include <unordered_map>\n",
        "#include <unordered_set>\n", "void f() { throw 1; }\n", "void f() {\n  try {\n  }\n}\n"}) {
    EXPECT_EQ(wrong_in_core({"sim/kernel/bad.cc", text}).size(), 1U) << text;
  }
  EXPECT_EQ(
      wrong_in_core(
          {"sim/kernel/good.cc",
           "// We never throw or try {.\n#include <map>\nstruct Entry {};\nReply try_again();\n"}),
      Problems{});
}

TEST(House, no_source_file_is_longer_than_500_lines_and_no_test_than_700) {
  expect_no_problem(files_below(everywhere, {".h", ".cc"}), [](const SourceFile& file) {
    return too_long(file, file.path.starts_with("tests/") ? 700 : 500);
  });
}

TEST(House, a_strategy_fits_a_projector) {
  expect_no_problem(files_below({"strategies"}, {".cc"}),
                    [](const SourceFile& file) { return too_long(file, 60); });
}

TEST(House, a_file_that_is_too_long_is_seen) {
  std::string text;
  for (int line = 0; line < 60; ++line) {
    text += "x\n";
  }
  EXPECT_EQ(too_long({"a.cc", text}, 60), Problems{});
  EXPECT_EQ(too_long({"a.cc", text + "x"}, 60), Problems{"a.cc has 61 lines, more than 60"});
}

TEST(House, pages_and_scenarios_fit_100_columns) {
  std::vector<SourceFile> pages = files_below({"docs", "scenarios"}, {".md", ".ini"});
  std::ifstream readme(std::string(RACELAB_SOURCE_DIR) + "/README.md", std::ios::binary);
  pages.push_back({"README.md", {std::istreambuf_iterator<char>(readme), {}}});
  EXPECT_FALSE(pages.back().text.empty());
  expect_no_problem(pages, too_wide);
}

TEST(House, a_line_of_prose_that_is_too_wide_is_seen) {
  const std::string wide(100, 'x');
  EXPECT_EQ(too_wide({"a.md", wide + "\n"}), Problems{});
  EXPECT_EQ(too_wide({"a.md", "\n" + wide + "x\n"}), Problems{"a.md:2 has 101 columns"});
  EXPECT_EQ(too_wide({"a.md", wide.substr(1) + "\u2713\n"}), Problems{});  // a check mark is one
  EXPECT_EQ(too_wide({"a.md", "| " + wide + " |\n```\n" + wide + "x\n```\n"}), Problems{});
  EXPECT_EQ(too_wide({"a.md", "```\n```\n" + wide + "x\n"}).size(), 1U);
}

TEST(House, every_source_file_opens_with_what_it_claims) {
  expect_no_problem(files_below(everywhere, {".h", ".cc"}), no_opening);
}

TEST(House, a_source_file_that_claims_nothing_is_seen) {
  EXPECT_EQ(no_opening({"a.h", "#pragma once\n"}).size(), 1U);
  EXPECT_EQ(no_opening({"a.h", "\n// Late.\n"}).size(), 1U);
  EXPECT_EQ(no_opening({"a.h", ""}).size(), 1U);
  EXPECT_EQ(no_opening({"a.h", "// A claim.\n"}), Problems{});
}

TEST(House, every_test_file_has_a_namespace_of_its_own) {
  expect_no_problem(files_below({"tests"}, {".h", ".cc"}), not_by_itself);
}

TEST(House, a_test_file_without_one_is_seen) {
  EXPECT_EQ(not_by_itself({"tests/a_test.cc", "namespace racelab::lab {\nnamespace {\n"}),
            Problems{"tests/a_test.cc has no namespace a_test"});
  EXPECT_EQ(not_by_itself({"tests/a_test.cc", "namespace racelab::lab::b_test {\n"}).size(), 1U);
  EXPECT_EQ(not_by_itself({"tests/a_test.cc", "namespace racelab::lab::a_test {\n"}), Problems{});
  EXPECT_EQ(not_by_itself({"tests/a.h", "namespace racelab::lab {\n"}), Problems{});
}

TEST(House, every_scenario_opens_with_its_claim_and_the_reason) {
  expect_no_problem(files_below({"scenarios"}, {".ini"}), no_claim);
}

TEST(House, a_scenario_that_says_too_little_or_too_much_is_seen) {
  EXPECT_EQ(no_claim({"a.ini", "# One line.\nworkload = increment\n"}).size(), 1U);
  EXPECT_EQ(no_claim({"a.ini", "workload = increment\n# Late.\n# Late.\n"}).size(), 1U);
  EXPECT_EQ(no_claim({"a.ini", "#\n#\n#\n#\n#\n#\n#\n#\n#\n"}).size(), 1U);
  EXPECT_EQ(no_claim({"a.ini", "# The claim.\n# The reason.\nworkload = increment\n"}), Problems{});
}

}  // namespace
}  // namespace racelab::lab::house_test
