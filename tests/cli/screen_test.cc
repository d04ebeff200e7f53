// Text on terminals of 40, 80 and 200 columns: lines that fit, commands that can still be copied, and an end that says what counts.
#include "sim/cli/screen.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
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

TEST(Fitted, counts_letters_and_no_colors) {
  // Twenty letters; forty bytes, and colors around them.
  const std::string letters = "\x1b[31m✗✗✗✗✗✗✗✗✗✗ ✓✓✓✓✓✓✓✓✓\x1b[0m\n";
  EXPECT_EQ(fitted(letters, 20), letters);
  EXPECT_EQ(fitted(letters, 19), "\x1b[31m✗✗✗✗✗✗✗✗✗✗\n✓✓✓✓✓✓✓✓✓\x1b[0m\n");
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

// Lines that are wider than the terminal, though they are no commands and have a place to break.
std::vector<std::string> too_wide(const std::string& text, std::size_t columns) {
  std::vector<std::string> found;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const bool command = line.find("racelab ") != std::string_view::npos;
    const std::size_t first = line.find_first_not_of(' ');
    const bool one_word =
        first != std::string_view::npos && line.find(' ', first) == std::string_view::npos;
    if (columns_of(line) > columns && !command && !one_word) {
      found.emplace_back(line);
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
  for (const std::size_t columns : {40, 80, 132, 200}) {
    for (const char* line : every_verb) {
      const CommandResult result = racelab_of(line, {.columns = columns});
      const std::vector<std::string> wide = too_wide(result.output, columns);
      EXPECT_TRUE(wide.empty()) << "racelab " << line << " at " << columns << ": " << wide.front();
    }
  }
}

TEST(Screen, that_is_wider_has_longer_lines) {
  const auto lines = [](std::size_t columns) {
    const std::string text = racelab_of("explore oversold-stock", {.columns = columns}).output;
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_GT(lines(40), lines(80));
  EXPECT_GE(lines(80), lines(200));
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

TEST(Screen, has_the_columns_that_the_environment_names) {
  const Process narrow = shell("COLUMNS=50 $R explore oversold-stock");
  EXPECT_EQ(narrow.output, racelab_of("explore oversold-stock", {.columns = 50}).output);
  EXPECT_EQ(shell("COLUMNS= $R explore oversold-stock").output,
            racelab_of("explore oversold-stock").output);
  EXPECT_EQ(shell("COLUMNS=50 $R run nothing 2>&1").output,
            "racelab: there is no scenario 'nothing';\n`racelab list scenarios` shows them\n");
}

}  // namespace
}  // namespace racelab::lab::screen_test
