// racelab manual: the manual pages, in the language of man(7), made from what --help is made of.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/flags.h"
#include "sim/cli/general_help.h"
#include "sim/cli/paragraphs.h"
#include "sim/cli/usage_error.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

// The letters of UTF-8 as groff names them, "\[u2192]": a page must look alike in every locale.
std::string groff_letter(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  std::uint32_t letter = first & (bytes.size() == 2 ? 0x1FU : bytes.size() == 3 ? 0x0FU : 0x07U);
  for (const char byte : bytes.substr(1)) {
    letter = (letter << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  return fmt::format("\\[u{:04X}]", letter);
}

std::string_view escape_of(char c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return "";
  }
}

// As it stands, for one line; what would begin a request of groff's does not.
std::string literal(std::string_view text) {
  std::string made = text.starts_with('.') ? "\\&" : "";
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t bytes = first < 0x80U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
    const std::string_view letter = text.substr(0, bytes);
    if (bytes > 1) {
      made += groff_letter(letter);
    } else if (const std::string_view escaped = escape_of(text.front()); !escaped.empty()) {
      made += escaped;
    } else {
      made += text.front();
    }
    text.remove_prefix(letter.size());
  }
  return made;
}

// Prose: what stands between two backquotes is a command, in bold.
std::string prose(std::string_view text) {
  std::string made;
  while (!text.empty()) {
    const std::size_t open = text.find('`');
    const std::size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
    if (close == std::string_view::npos) {
      break;
    }
    made += literal(text.substr(0, open));
    made += fmt::format("\\fB{}\\fR", literal(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(close + 1);
  }
  return made += literal(text);
}

std::string as_it_stands(std::string_view lines) {
  std::string text = ".PP\n.nf\n";
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    text.append(literal(lines.substr(0, end))).append("\n");
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text + ".fi\n";
}

// A paragraph of a help.
std::string paragraph(std::string_view text) {
  if (keeps_its_lines(text)) {
    return as_it_stands(text);
  }
  std::string words(text);
  std::replace(words.begin(), words.end(), '\n', ' ');
  return fmt::format(".PP\n{}\n", prose(words));
}

// From one of them on.
std::string paragraphs(const std::vector<std::string_view>& all, std::size_t first) {
  std::string made;
  for (std::size_t i = first; i < all.size(); ++i) {
    made += paragraph(all[i]);
  }
  return made;
}

// A section needs no request for a paragraph before its first.
std::string section(const char* name, std::string_view text) {
  constexpr std::string_view paragraph_request = ".PP\n";
  text.remove_prefix(text.starts_with(paragraph_request) ? paragraph_request.size() : 0);
  return fmt::format(".SH {}\n{}", name, text);
}

std::string head(std::string title, std::string_view name, std::string_view sentence) {
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return fmt::format(".TH {} 1 \"\" \"racelab {}\"\n.nh\n.ad l\n.SH NAME\n{} \\- {}\n",
                     literal(title), RACELAB_VERSION, literal(name), literal(sentence));
}

// "usage: racelab run …": the lines of a synopsis.
std::string synopsis(std::string_view usage) {
  constexpr std::string_view begin = "usage: ";
  std::string lines(usage);
  lines.erase(0, lines.starts_with(begin) ? begin.size() : 0);
  for (std::size_t at = 0; (at = lines.find("\n       ", at)) != std::string::npos; ++at) {
    lines.erase(at + 1, begin.size());
  }
  return section("SYNOPSIS", as_it_stands(lines));
}

std::string option_page_text(const CommandFlag& flag) {
  std::string begin = fmt::format("\\fB\\-\\-{}\\fR", literal(flag.name));
  if (!flag.form.empty()) {
    begin += fmt::format(" \\fI{}\\fR", literal(flag.form));
  }
  return fmt::format(".TP\n{}\n{}\n", begin, prose(flag.help));
}

std::string command_page(const Command& command) {
  const CommandSyntax& syntax = command.syntax();
  const std::vector<std::string_view> usage = paragraphs_of(syntax.usage);
  std::string text = head("racelab-" + syntax.name, "racelab-" + syntax.name, syntax.sentence);
  text += synopsis(usage.front());
  text += section("DESCRIPTION", paragraphs(usage, 1));
  text += ".SH OPTIONS\n";
  bool settings = false;
  for (const CommandFlag& flag : flags_of(syntax)) {
    if (flag.setting && !settings) {
      settings = true;
      text +=
          ".SH SETTINGS\nThe keys of a scenario file, too. A flag wins over the file; the defaults "
          "are for what the file leaves out.\n";
    }
    text += option_page_text(flag);
  }
  if (syntax.more != nullptr) {
    const std::string more = syntax.more();
    text += section("INPUT", paragraphs(paragraphs_of(more), 0));
  }
  text += fmt::format(".SH EXIT STATUS\n{}.\n", literal(syntax.exits));
  return text + ".SH SEE ALSO\n\\fBracelab\\fR(1)\n";
}

std::string general_page() {
  const std::string help = general_help();
  const std::vector<std::string_view> parts = paragraphs_of(help);  // what it is, usage, the rest
  std::string text = head("racelab", "racelab",
                          "every order of what two requests do to one row, and what goes wrong");
  text += synopsis(parts.at(1));
  text += section("DESCRIPTION", paragraph(parts.front()));
  text += paragraphs(parts, 2);
  text += ".SH COMMANDS\n";
  std::string others;
  for (const Command& command : all_commands()) {
    const CommandSyntax& syntax = command.syntax();
    text +=
        fmt::format(".TP\n\\fBracelab {}\\fR\n{}\n", literal(syntax.name), prose(syntax.sentence));
    others +=
        fmt::format("{}\\fBracelab\\-{}\\fR(1)", others.empty() ? "" : ",\n", literal(syntax.name));
  }
  text +=
      ".SH ENVIRONMENT\n.TP\n\\fBCOLUMNS\\fR\nhow wide text on a terminal is, from 40 to 120 "
      "(default: as wide as the terminal; in a pipe or a file it is always 80)\n.TP\n"
      "\\fBNO_COLOR\\fR\nno colors, unless \\fB\\-\\-color always\\fR asks for them\n";
  return text + fmt::format(".SH SEE ALSO\n{}\n", others);
}

}  // namespace

const CommandSyntax& manual_syntax() {
  static const CommandSyntax syntax{
      .name = "manual",
      .sentence = "the manual pages, for man",
      .usage =
          "usage: racelab manual [COMMAND] [--output FILE]\n"
          "\n"
          "The manual page of racelab or of one of its commands, as man reads it. A package\n"
          "has them installed already; without one:\n"
          "\n"
          "  racelab manual explore | man -l -\n",
      .exits = "0, 2 bad usage",
      .flags = {"output"},
      .name_word = "command",
  };
  return syntax;
}

CommandResult manual_command(const std::vector<std::string>& rest,
                             const Environment& /*environment*/) {
  const Arguments arguments = parse_arguments(manual_syntax(), rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(manual_syntax()), ""};
  }
  OutputFile file(arguments.output);
  if (arguments.names.empty()) {
    return deliver(Exit::as_expected, general_page(), file, arguments);
  }
  const Command* command = find_command(arguments.names.front());
  if (command == nullptr) {
    throw UsageError(unknown_command(arguments.names.front()));
  }
  return deliver(Exit::as_expected, command_page(*command), file, arguments);
}

}  // namespace racelab
