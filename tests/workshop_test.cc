// What docs/workshop.md tells whoever leads a room: its minutes add up, its answers are the lessons' own, its numbers are what the
// experiments print, its commands can be typed, and its sheet has the six orders as they end.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "sim/cli/lessons.h"
#include "tests/cli/lesson_claims.h"

namespace racelab::lab::workshop_test {
namespace {

std::vector<std::string> lines_of_guide() {
  std::ifstream stream(std::string(RACELAB_SOURCE_DIR) + "/docs/workshop.md", std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  EXPECT_GT(lines.size(), 100U);
  return lines;
}

// The lines from a heading up to the next of its rank, without them.
std::vector<std::string> section(const std::string& heading) {
  const std::string rank = heading.substr(0, heading.find(' ') + 1);
  std::vector<std::string> found;
  bool inside = false;
  for (const std::string& line : lines_of_guide()) {
    if (line.starts_with("#")) {
      inside = line == heading || (inside && line.find(' ') + 1 > rank.size());
      continue;
    }
    if (inside) {
      found.push_back(line);
    }
  }
  EXPECT_FALSE(found.empty()) << heading;
  return found;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + '\n';
  }
  return text;
}

// "| a | b |" as its cells.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t at = 1; at < line.size();) {
    const std::size_t end = line.find('|', at);
    cells.push_back(line.substr(at + 1, end - at - 2));
    at = end + 1;
  }
  return cells;
}

// The rows of a section's table, without its head.
std::vector<std::vector<std::string>> table_of(const std::string& heading) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : section(heading)) {
    if (line.starts_with('|') && line.find("---") == std::string::npos) {
      rows.push_back(cells_of(line));
    }
  }
  EXPECT_FALSE(rows.empty());
  rows.erase(rows.begin());
  return rows;
}

// The lessons that a plan names; its minutes go on without a gap.
std::vector<std::size_t> lessons_of_plan(const std::string& heading, int minutes) {
  std::vector<std::size_t> named;
  int at = 0;
  for (const std::vector<std::string>& row : table_of(heading)) {
    EXPECT_EQ(row[0], std::to_string(at)) << row[2];
    at += std::atoi(row[1].c_str());
    if (row[2].starts_with("Lesson ")) {
      const std::size_t number = std::strtoul(row[2].c_str() + 7, nullptr, 10);
      named.push_back(number);
      EXPECT_TRUE(row[2].starts_with("Lesson " + std::to_string(number) + ", " +
                                     built_in_lessons().at(number - 1).title) ||
                  row[2].starts_with("Lesson 12, together"))
          << row[2];
    }
  }
  EXPECT_EQ(at, minutes);
  return named;
}

TEST(Workshop, its_minutes_add_up) {
  EXPECT_EQ(lessons_of_plan("## Ninety minutes", 90),
            (std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(lessons_of_plan("## Thirty minutes", 30), (std::vector<std::size_t>{1, 3, 8, 10, 12}));
}

TEST(Workshop, its_answers_are_those_of_the_lessons) {
  for (const Lesson& lesson : built_in_lessons()) {
    const std::string text =
        joined(section("### " + std::to_string(lesson.number) + ". " + lesson.title));
    if (lesson.parts.empty()) {
      const std::size_t right = lesson.question.right();
      const std::string answer = "- **Answer** " + choice_letter(right) + ") " +
                                 lesson.question.choices[right].text + '\n';
      EXPECT_NE(text.find(answer), std::string::npos) << text;
    }
    EXPECT_NE(text.find("- **They will say** "), std::string::npos) << text;
  }
}

// A number stands in the lesson's claims or commands, or in an answer that somebody may give; or it is the number of a lesson.
TEST(Workshop, its_numbers_are_what_the_experiments_print) {
  for (const Lesson& lesson : built_in_lessons()) {
    std::set<std::string> known = numbers_of(lesson);
    for (const LessonChoice& choice : lesson.question.choices) {
      known.merge(numbers_in(choice.text));
    }
    for (const LessonPart& part : lesson.parts) {
      for (const std::string& choice : part.choices) {
        known.merge(numbers_in(choice));
      }
    }
    for (const std::string& line :
         section("### " + std::to_string(lesson.number) + ". " + lesson.title)) {
      for (const std::string& number : numbers_in(line)) {
        const bool of_a_lesson = line.find("lesson " + number) != std::string::npos ||
                                 line.find("learn " + number) != std::string::npos;
        const bool typed = line.find("--vary") != std::string::npos;
        EXPECT_TRUE(known.count(number) > 0 || of_a_lesson || typed) << number << ": " << line;
      }
    }
  }
}

TEST(Workshop, elsewhere_it_counts_lessons_and_nothing_else) {
  const std::set<std::string> known{"0", "1", "2", "6", "7"};
  for (const char* heading : {"# The workshop", "## Ninety minutes", "## Thirty minutes",
                              "## When the projector fails", "## The sheet"}) {
    std::vector<std::string> lines = section(heading);
    if (std::string(heading).starts_with("# ")) {
      lines.resize(15);  // up to the first plan
    }
    for (const std::string& line : lines) {
      for (const std::string& number :
           line.starts_with('|') ? std::set<std::string>{} : numbers_in(line)) {
        EXPECT_TRUE(known.count(number) > 0) << line;
      }
    }
  }
}

// Every `racelab …`, in a line or in a fence; what follows a pipe or a # is the shell's.
TEST(Workshop, its_commands_can_be_typed) {
  std::size_t commands = 0;
  for (const std::string& line : lines_of_guide()) {
    for (std::size_t at = line.find("racelab "); at != std::string::npos;
         at = line.find("racelab ", at + 1)) {
      const bool starts = at == 0 || line[at - 1] == '`' || line.substr(0, at).ends_with("| ");
      if (!starts) {
        continue;
      }
      std::string command = line.substr(at + 8, line.find_first_of("`|#", at) - at - 8);
      if (command.starts_with("host")) {
        command += " --help";  // what it takes is looked at; a room would stay open
      }
      const CommandResult result = racelab_of(command);
      EXPECT_NE(code(result), 2) << line << '\n' << result.errors;
      ++commands;
    }
  }
  EXPECT_GE(commands, 7U);
}

TEST(Workshop, the_endpoint_of_its_pipe_is_accepted) {
  const std::string text = joined(lines_of_guide());
  EXPECT_NE(text.find("`printf 'c\\nc\\na\\nb\\nb\\n' | racelab learn 12` is accepted"),
            std::string::npos);
  EXPECT_EQ(code(run_command_line(arguments_with(built_in_lessons().back(), {2, 2, 0, 1, 1}), {})),
            0);
}

// How an order of two writers goes: what each reads, what the row ends at, whose update is lost.
std::vector<std::string> order_of(const std::string& word) {
  Environment environment;
  bool asked = false;
  environment.conversation.next_line = [&]() -> std::optional<std::string> {
    return std::exchange(asked, true) ? std::nullopt : std::optional(word);
  };
  const std::string output = racelab_of("step two-writers", environment).output;
  std::vector<std::string> cells{word, "", "", "", "nothing"};
  constexpr std::size_t column_a = 8;
  constexpr std::size_t column_n = 58;
  std::size_t step = 1;
  for (std::size_t at = 0; at < output.size(); at = output.find('\n', at) + 1) {
    const std::string line = output.substr(at, output.find('\n', at) - at);
    if (line.size() <= column_n || !line.starts_with("    " + std::to_string(step) + "   ")) {
      continue;
    }
    const std::size_t client = line[column_a] == ' ' ? 2 : 1;
    EXPECT_EQ(word[step - 1], client == 1 ? 'A' : 'B');
    if (const std::size_t read = line.find("-> "); read != std::string::npos) {
      cells[client] = line.substr(read + 3, 1);
    }
    cells[3] = line.substr(column_n, 1);
    if (const std::size_t lost = line.find(" overwritten"); lost != std::string::npos) {
      cells[4] = line.substr(lost - 1, 1);
    }
    ++step;
  }
  EXPECT_EQ(step, 5U) << output;
  return cells;
}

TEST(Workshop, the_sheet_has_the_six_orders_as_they_end) {
  const std::vector<std::string> words{"AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"};
  const std::vector<std::vector<std::string>> rows = table_of("## The sheet");
  ASSERT_EQ(rows.size(), words.size());
  const std::string sheet = joined(section("## The sheet"));
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(rows[i], order_of(words[i]));
    std::string line = words[i] + "    ";
    std::set<char> began;
    for (const char client : words[i]) {
      line += client + std::string(began.insert(client).second ? " reads    " : " writes   ");
    }
    EXPECT_NE(sheet.find('\n' + line + "___\n"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace racelab::lab::workshop_test
