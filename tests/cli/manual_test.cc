// The manual pages: every command and every flag is in them, and man has nothing to say against them.
#include <gtest/gtest.h>

#include <string>

#include "sim/cli/commands.h"
#include "sim/cli/flags.h"
#include "tests/cli/command.h"
#include "tests/cli/shell.h"

namespace racelab::lab::manual_test {
namespace {

std::string page_of(const std::string& command) { return racelab_of("manual " + command).output; }

// Groff's dash is written so.
std::string groff(const std::string& text) {
  std::string made;
  for (const char c : text) {
    made += c == '-' ? "\\-" : std::string(1, c);
  }
  return made;
}

TEST(Manual, of_racelab_names_every_command) {
  const std::string page = racelab_of("manual").output;
  EXPECT_TRUE(page.starts_with(".TH RACELAB 1 \"\" \"racelab " RACELAB_VERSION "\"\n"));
  for (const Command& it : all_commands()) {
    EXPECT_NE(page.find("\n\\fBracelab " + it.name + "\\fR\n"), std::string::npos) << it.name;
    EXPECT_NE(page.find("\\fBracelab\\-" + it.name + "\\fR(1)"), std::string::npos) << it.name;
  }
}

TEST(Manual, of_a_command_has_what_its_help_has) {
  for (const Command& it : all_commands()) {
    SCOPED_TRACE(it.name);
    const std::string page = page_of(it.name);
    const CommandSyntax& syntax = it.syntax();
    EXPECT_NE(page.find("\n.SH NAME\nracelab\\-" + it.name + " \\- "), std::string::npos);
    EXPECT_NE(page.find("\n.SH SYNOPSIS\n"), std::string::npos);
    EXPECT_NE(page.find("\n.SH EXIT STATUS\n"), std::string::npos);
    EXPECT_EQ(page.find("\n.SH DESCRIPTION\n.PP"), std::string::npos);  // which mandoc minds
    EXPECT_EQ(page.find("\n.SH SYNOPSIS\n.PP"), std::string::npos);
    EXPECT_FALSE(syntax.sentence.empty());
    EXPECT_FALSE(syntax.exits.empty());
    EXPECT_TRUE(syntax.usage.starts_with("usage: racelab " + it.name)) << syntax.usage;
    for (const CommandFlag& flag : flags_of(syntax)) {
      EXPECT_NE(page.find(".TP\n\\fB\\-\\-" + groff(flag.name) + "\\fR"), std::string::npos)
          << flag.name;
    }
  }
}

// A line that begins with a dot would be a request, and a letter beyond ASCII would depend on the locale.
TEST(Manual, is_ascii_and_escapes_what_groff_would_take_for_its_own) {
  for (const Command& it : all_commands()) {
    for (const char c : page_of(it.name)) {
      ASSERT_TRUE(static_cast<unsigned char>(c) < 0x80) << it.name;
    }
  }
  EXPECT_NE(page_of("explore").find("  racelab explore two\\-writers\n"), std::string::npos);
  EXPECT_NE(page_of("explore").find("\\[u2026] by how much (default 1min)"), std::string::npos);
}

TEST(Manual, passes_what_man_checks) {
  if (shell("command -v man groff").code != 0) {
    GTEST_SKIP() << "no man here";
  }
  for (const Command& it : all_commands()) {
    const Process checked =
        shell("$R manual " + it.name +
              " | MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l - 2>&1 >/dev/null");
    EXPECT_EQ(checked.output, "") << it.name;
  }
  EXPECT_EQ(shell("$R manual | MANWIDTH=80 man --warnings -E UTF-8 -l - 2>&1 >/dev/null").output,
            "");
}

TEST(Manual, of_a_command_that_is_not_there_is_refused) {
  EXPECT_EQ(racelab_of("manual exlpore").errors,
            "racelab: there is no command 'exlpore'; did you mean 'explore'?\n");
}

}  // namespace
}  // namespace racelab::lab::manual_test
