// The help of a command: how it is called, then every flag.
#include <algorithm>

#include "sim/cli/flags.h"
#include "sim/cli/paragraphs.h"
#include "sim/report/screen_width.h"
#include "sim/report/text_layout.h"

namespace racelab {

namespace {

// One option of the help: its flag in a column, then the words, wrapped.
std::string help_line(const std::string& flag, const std::string& words) {
  constexpr std::size_t narrow = 72;  // columns: there the words stand below the flag
  const std::size_t column = screen_width() < narrow ? 6 : 32;
  std::string begun = "  " + flag;
  if (begun.size() + 2 > column) {
    return begun + '\n' + flowed(std::string(column, ' '), words, column);
  }
  begun.resize(column, ' ');
  return flowed(std::move(begun), words, column);
}

// Prose, wrapped as wide as the screen is.
std::string wrapped(std::string_view text) {
  std::string made;
  for (const std::string_view paragraph : paragraphs_of(text)) {
    made += made.empty() ? "" : "\n";
    if (keeps_its_lines(paragraph)) {
      made.append(paragraph).append("\n");
    } else {
      std::string words(paragraph);
      std::replace(words.begin(), words.end(), '\n', ' ');
      made += flowed("", words, 0);
    }
  }
  return made;
}

}  // namespace

std::string help_text(const CommandSyntax& syntax) {
  std::string text = wrapped(syntax.usage) + '\n';
  bool settings = false;
  for (const CommandFlag& flag : flags_of(syntax)) {
    if (flag.setting && !settings) {
      settings = true;
      text += '\n';
      text += flowed("",
                     "Settings: the keys of a scenario file, too. A flag wins over the file; the "
                     "defaults are for what the file leaves out.",
                     0);
    }
    text += flag.opens_group ? "\n" : "";
    std::string begin = "--" + flag.name;
    begin.append(flag.form.empty() ? "" : " ").append(flag.form);
    text += help_line(begin, flag.help);
  }
  if (syntax.more != nullptr) {
    text += '\n';
    text += wrapped(syntax.more());
  }
  return text + '\n' + flowed("", "Exit code: " + syntax.exits + '.', 0);
}

}  // namespace racelab
