// Text on terminals of 40, 80, 100 and 200 columns: lines that fit, commands that can still be copied, and an end that says what counts.
#include "sim/cli/screen.h"

#include <gtest/gtest.h>

#include <cctype>
#include <sstream>
#include <string>
#include <vector>

#include "sim/report/text_layout.h"
#include "tests/cli/command.h"
#include "tests/cli/shell.h"

namespace racelab::lab::screen_test {
namespace {

TEST(Fitted, breaks_between_words_under_the_text_of_the_line) {
  EXPECT_EQ(fitted("why     A read n = 0 at 2.3 ms and B wrote it\nshort\n", 30),
            "why     A read n = 0 at 2.3 ms\n"
            "        and B wrote it\n"
            "short\n");
  EXPECT_EQ(fitted("    four blanks stand before it\n", 20),
            "    four blanks\n"
            "    stand before it\n");
}

TEST(Fitted, leaves_a_command_whole_and_puts_its_remark_below) {
  EXPECT_EQ(fitted("proof   racelab explore two-writers     # 4 of 6 orders lose an update\n", 40),
            "proof   racelab explore two-writers\n"
            "        # 4 of 6 orders lose an update\n");
  const std::string command =
      "fix     racelab run two-writers --seed 1 --strategy atomic-increment\n";
  EXPECT_EQ(fitted(command, 40), command);
}

TEST(Fitted, leaves_the_rows_of_a_table_and_of_a_drawing_whole) {
  const std::string table =
      "what goes wrong                  runs    95 % interval\n"
      "atomic-increment                  0 %      0 to 52.2 %\n"
      "  ✓    24  atomic-increment+idempotency-key+new-key-per-attempt\n";
  EXPECT_EQ(fitted(table, 40), table);
  const std::string drawing = "  1     |------ SELECT n ------>|                       |\n";
  EXPECT_EQ(fitted(drawing, 40), drawing);
  // A mark for each stretch of time, and not two blanks between any.
  const std::string lane = "C        x.xx ...x xxx .... ... .... ... 2r..\n";
  EXPECT_EQ(fitted(lane, 40), lane);
  // A label, or a verdict, makes no row of a sentence; nor does a first word of seven letters and a mark.
  EXPECT_EQ(fitted("AS DERIVED  all 18 verdicts of endpoints in SQL\n", 40),
            "AS DERIVED  all 18 verdicts of endpoints\nin SQL\n");
  EXPECT_EQ(fitted("covered 34 states, 42 transitions, and no more\n", 40),
            "covered 34 states, 42 transitions, and\n        no more\n");
  EXPECT_EQ(fitted("client. Only then comes what is said next\n", 40),
            "client. Only then comes what is said\nnext\n");
}

TEST(Fitted, counts_letters_and_no_colors) {
  // Twenty letters, more bytes, and colors around them.
  const std::string letters = "\x1b[31mäöüäöüäöüa ößößößößö\x1b[0m\n";
  EXPECT_EQ(fitted(letters, 20), letters);
  EXPECT_EQ(fitted(letters, 19), "\x1b[31mäöüäöüäöüa\nößößößößö\x1b[0m\n");
}

TEST(Closing, is_the_verdict_and_what_to_type) {
  const std::string report =
      "VIOLATED  1 lost update\n"
      "        and more\n"
      "   ms   A\n"
      "again   racelab run two-writers --seed 1\n"
      "fix     racelab run two-writers --seed 1 --strategy atomic-increment\n"
      "with    strategy=read-modify-write\n";
  EXPECT_EQ(closing(report, 6),
            "\n"
            "VIOLATED  1 lost update\n"
            "        and more\n"
            "fix     racelab run two-writers --seed 1 --strategy atomic-increment\n");
  EXPECT_EQ(closing(report, 7), "");  // it is seen whole
  EXPECT_EQ(closing(report, 0), "");  // no terminal
  EXPECT_EQ(closing("strategies: --strategy NAME\n\n\n\n\n\n", 3), "");
}

TEST(ShortQuotes, keep_the_begin_and_the_end_of_what_was_typed) {
  EXPECT_EQ(with_short_quotes("there is no scenario '" + std::string(500, 'x') + "end'; what?"),
            "there is no scenario '" + std::string(60, 'x') + "..." + std::string(29, 'x') +
                "end'; what?");
  EXPECT_EQ(with_short_quotes("there is no 'short' one, and it's all"),
            "there is no 'short' one, and it's all");
}

TEST(Errors, are_wrapped_on_a_terminal_and_one_line_elsewhere) {
  const std::string line = "run " + std::string(300, 'y') + " --clients 3";
  const std::string sentence = "racelab: there is no scenario '" + std::string(60, 'y') + "..." +
                               std::string(32, 'y') + "'; `racelab list scenarios` shows them\n";
  EXPECT_EQ(racelab_of(line).errors, sentence);
  const std::string wrapped = racelab_of(line, {.error_columns = 60}).errors;
  EXPECT_EQ(wrapped, "racelab: there is no scenario\n'" + std::string(60, 'y') + "..." +
                         std::string(32, 'y') + "';\n`racelab list scenarios` shows them\n");
}

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream rest(text);
  for (std::string line; std::getline(rest, line);) {
    lines.push_back(line);
  }
  return lines;
}

// A row of a table or of a drawing: two blanks between words, behind where a label would end. A verdict is none.
bool has_columns(const std::string& line) {
  const std::size_t text = line.find_first_not_of(' ', std::min(label_width, line.size()));
  const bool verdict = line.size() > 1 && std::isupper(static_cast<unsigned char>(line[0])) != 0 &&
                       std::isupper(static_cast<unsigned char>(line[1])) != 0;
  return !verdict && text != std::string::npos && line.find("  ", text) != std::string::npos;
}

// Lines that are wider than the terminal, though they are no commands and have a place to break.
Lines too_wide(const std::string& text, std::size_t columns) {
  Lines found;
  for (const std::string& line : lines_of(text)) {
    const bool command = line.find("racelab ") != std::string::npos;
    const std::size_t first = line.find_first_not_of(' ');
    const bool one_word = first != std::string::npos && line.find(' ', first) == std::string::npos;
    const bool marks = line.find_first_of("aeiou") == std::string::npos;
    const bool row = columns < text_width && (marks || has_columns(line));
    if (columns_of(line) > columns && !command && !one_word && !row) {
      found.push_back(line);
    }
  }
  return found;
}

constexpr const char* every_verb[] = {"help",
                                      "run two-writers",
                                      "run hot-counter",
                                      "run oversold-stock --strategy read-then-write",
                                      "explore two-writers",
                                      "explore oversold-stock",
                                      "explore oversold-stock --strategy read-then-write",
                                      "compare two-writers --seeds 5",
                                      "compare oversold-stock --seeds 5",
                                      "explain two-writers --strategy optimistic-version",
                                      "explain oversold-stock --strategy read-then-write",
                                      "verify two-writers oversold-stock",
                                      "list",
                                      "list scenarios",
                                      "list clients",
                                      "list sql",
                                      "list retry-storm",
                                      "learn",
                                      "run --help",
                                      "explore --help",
                                      "list --help"};

TEST(Screen, of_any_width_is_kept_by_every_command) {
  for (const std::size_t columns : {40U, 80U, 100U, 200U}) {
    for (const char* line : every_verb) {
      const CommandResult result = racelab_of(line, {.columns = columns});
      const Lines wide = too_wide(result.output, columns);
      EXPECT_TRUE(wide.empty()) << "racelab " << line << " at " << columns << ": " << wide.front();
    }
  }
}

TEST(Screen, that_is_wider_has_longer_lines) {
  const auto lines = [](std::size_t columns) {
    return lines_of(racelab_of("explain oversold-stock", {.columns = columns}).output).size();
  };
  EXPECT_GT(lines(40), lines(60));
  EXPECT_GT(lines(60), lines(80));
  EXPECT_GT(lines(80), lines(120));
}

// Nobody reads lines of a hand's breadth, or of a wall's.
TEST(Screen, that_is_very_narrow_or_very_wide_is_one_that_can_be_read) {
  const auto output = [](std::size_t columns) {
    return racelab_of("compare two-writers --seeds 5", {.columns = columns}).output;
  };
  EXPECT_EQ(output(3), output(40));
  EXPECT_NE(output(40), output(50));
  EXPECT_EQ(output(500), output(120));
  EXPECT_NE(output(100), output(120));
}

// Every row of a table, or of a drawing, is the same on a narrow screen.
TEST(Screen, that_is_narrow_keeps_the_rows_of_tables) {
  const auto rows_kept = [](const char* line, const char* sign) {
    const std::string narrow = racelab_of(line, {.columns = 40}).output;
    std::size_t rows = 0;
    for (const std::string& row : lines_of(racelab_of(line).output)) {
      if (columns_of(row) > 40 && has_columns(row) && row.find(sign) != std::string::npos) {
        ++rows;
        EXPECT_NE(narrow.find('\n' + row + '\n'), std::string::npos) << line << ": " << row;
      }
    }
    return rows;
  };
  EXPECT_EQ(rows_kept("compare two-writers --seeds 5", "atomic-increment  "), 3U);  // three tables
  EXPECT_EQ(rows_kept("verify oversold-stock", "✓"), 6U);                           // endpoints
  EXPECT_EQ(rows_kept("explain two-writers", "|--"), 3U);  // A's two steps, and what B reads
}

// On a wide screen a chance stands near its step: 80 columns are enough for these.
TEST(Screen, that_is_wider_than_the_steps_does_not_tear_their_chances_off) {
  const std::string text =
      racelab_of("explore oversold-stock --strategy read-then-write", {.columns = 120}).output;
  EXPECT_NE(text.find("  4  B    insert into sale (item, buyer) values (1, 1) returning id as sale "
                      "-> 1          100 %\n"),
            std::string::npos)
      << text;
}

TEST(Screen, leaves_what_programs_read_as_it_is) {
  for (const char* line : {"run two-writers --format json", "run two-writers --format=csv",
                           "verify two-writers --format markdown", "manual run", "completion bash",
                           "show oversold-stock"}) {
    EXPECT_EQ(racelab_of(line, {.columns = 40, .rows = 10}).output, racelab_of(line).output)
        << line;
  }
}

TEST(Screen, that_is_lower_than_a_report_ends_with_its_verdict) {
  const CommandResult whole = racelab_of("run two-writers");
  const CommandResult low = racelab_of("run two-writers", {.columns = 80, .rows = 12});
  EXPECT_EQ(low.output,
            whole.output +
                "\n"
                "VIOLATED  1 lost update: B was told ok, and its +1 is gone\n"
                "fix     racelab run two-writers --seed 1 --strategy atomic-increment\n");
  EXPECT_EQ(racelab_of("run two-writers", {.columns = 80, .rows = 40}).output, whole.output);
}

// A terminal of so many columns, on which a command of the shell runs.
std::string on_terminal(const std::string& columns, const std::string& command) {
  std::string text = shell("export R; script -qec 'stty rows 60 cols " + columns + "; " + command +
                           "' /dev/null </dev/null")
                         .output;
  std::erase(text, '\r');
  return text;
}

TEST(Screen, is_as_wide_as_the_terminal_or_as_the_environment_says) {
  const std::string narrow = racelab_of("explain oversold-stock", {.columns = 50}).output;
  const std::string command = "NO_COLOR=1 $R explain oversold-stock 2>/dev/null";
  EXPECT_EQ(on_terminal("50", command), narrow);
  EXPECT_EQ(on_terminal("100", "COLUMNS=50 " + command), narrow);
  EXPECT_EQ(on_terminal("50", "COLUMNS=words " + command), narrow);
  EXPECT_EQ(on_terminal("50", "$R run nothing"),
            "racelab: there is no scenario 'nothing';\n`racelab list scenarios` shows them\n");
}

// The same bytes, wherever they are written.
TEST(Screen, is_no_matter_to_a_pipe_or_a_file) {
  const std::string usual = racelab_of("explain oversold-stock").output;
  EXPECT_EQ(shell("COLUMNS=50 $R explain oversold-stock").output, usual);
  EXPECT_EQ(on_terminal("50", "$R explain oversold-stock | cat"), usual);
  EXPECT_EQ(shell("COLUMNS=50 $R run nothing 2>&1").output,
            "racelab: there is no scenario 'nothing'; `racelab list scenarios` shows them\n");
}

}  // namespace
}  // namespace racelab::lab::screen_test
