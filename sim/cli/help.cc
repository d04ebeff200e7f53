// The help of a command: how it is called, then every flag.
#include <algorithm>

#include "sim/cli/flags.h"
#include "sim/report/screen_width.h"
#include "sim/report/text_layout.h"

namespace racelab {

namespace {

// One option of the help: its flag in a column, then the words, wrapped.
std::string help_line(const std::string& flag, const std::string& words) {
  constexpr std::size_t narrow = 60;  // columns: there the words stand below the flag
  const std::size_t column = screen_width() < narrow ? 6 : 32;
  std::string line = "  " + flag;
  std::size_t at = line.size();
  if (at + 2 > column) {
    line += '\n';
    at = 0;
  }
  line += std::string(column - at, ' ');
  at = column;
  std::string_view rest = words;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (at > column && at + 1 + end > screen_width()) {
      line += '\n' + std::string(column, ' ');
      at = column;
    }
    line += (at > column ? " " : "") + std::string(rest.substr(0, end));
    at += end + (at > column ? 1 : 0);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return line + '\n';
}

// Words in lines.
std::string filled(std::string_view words) {
  std::string text;
  std::size_t at = 0;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (at > 0 && at + 1 + end > screen_width()) {
      text += '\n';
      at = 0;
    }
    text.append(at > 0 ? " " : "").append(words.substr(0, end));
    at += end + (at > 0 ? 1 : 0);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return text + '\n';
}

}  // namespace

std::string help_text(const CommandSyntax& syntax) {
  std::string text = syntax.usage + '\n';
  bool settings = false;
  for (const CommandFlag& flag : flags_of(syntax)) {
    if (flag.setting && !settings) {
      settings = true;
      text +=
          "\nSettings: the keys of a scenario file, too. A flag wins over the file; the\n"
          "defaults are for what the file leaves out.\n";
    }
    text += flag.opens_group ? "\n" : "";
    std::string begin = "--" + flag.name;
    begin.append(flag.form.empty() ? "" : " ").append(flag.form);
    text += help_line(begin, flag.help);
  }
  if (syntax.more != nullptr) {
    text += syntax.more();
  }
  return text + '\n' + filled("Exit code: " + syntax.exits + '.');
}

}  // namespace racelab
