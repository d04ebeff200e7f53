// Works on finished text: whatever a report is made of, its lines are lines.
#include "sim/cli/screen.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <vector>

#include "sim/report/text_layout.h"

namespace racelab {

namespace {

constexpr std::string_view program = "racelab ";

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Without what colors it.
std::string plain(std::string_view line) {
  std::string text;
  while (!line.empty()) {
    if (line.starts_with("\x1b[")) {
      line.remove_prefix(std::min(line.find('m') + 1, line.size()));
    } else {
      text += line.front();
      line.remove_prefix(1);
    }
  }
  return text;
}

std::size_t leading_blanks(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

bool is_letters(std::string_view word) {
  return std::all_of(word.begin(), word.end(),
                     [](unsigned char c) { return std::isalpha(c) != 0; });
}

// "VIOLATED", "AS DERIVED": what a report opens with, in capitals. Its bytes; 0: there is none.
std::size_t verdict_bytes(std::string_view line) {
  const std::size_t end = line.find("  ");
  const bool verdict =
      end != std::string_view::npos && end > 2 &&
      std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(end),
                  [](unsigned char c) { return std::isupper(c) != 0 || c == ' '; });
  return verdict ? end : 0;
}

// Where the text of a line begins: behind its label, or behind its blanks.
std::size_t text_begins(std::string_view line) {
  const std::size_t word = std::min(line.find(' '), line.size());
  const bool label = word > 0 && line.find_first_not_of(' ', word) == label_width &&
                     (word + 1 < label_width || is_letters(line.substr(0, word)));
  return label ? label_width : leading_blanks(line);
}

// Of a table, or of a drawing: its columns stand below those of other lines. A drawing's marks make no words.
bool is_row(std::string_view line) {
  const std::size_t begin = std::max(text_begins(line), verdict_bytes(line));
  const std::string_view text = line.substr(begin + leading_blanks(line.substr(begin)));
  return text.find("  ") != std::string_view::npos ||
         text.find_first_of("aeiou") == std::string_view::npos;
}

bool is_command(std::string_view line) {
  const std::string_view text = line.substr(text_begins(line));
  return text.starts_with(program) || text.find("| racelab ") != std::string_view::npos;
}

// Where a word ends; what stands between backquotes is one, since it is to be typed.
std::size_t word_end(std::string_view line, std::size_t begin) {
  std::size_t end = std::min(line.find(' ', begin), line.size());
  while (end < line.size() && std::count(line.begin() + static_cast<std::ptrdiff_t>(begin),
                                         line.begin() + static_cast<std::ptrdiff_t>(end), '`') %
                                      2 ==
                                  1) {
    end = std::min(line.find(' ', end + 1), line.size());
  }
  return end;
}

// Words and the blanks before them, a line's width at most where they allow it.
std::string folded(std::string_view line, std::size_t indent, std::size_t columns) {
  std::string text;
  std::size_t at = 0;
  bool fresh = true;
  while (!line.empty()) {
    const std::size_t blanks = leading_blanks(line);
    const std::size_t end = word_end(line, blanks);
    const std::string_view word = line.substr(blanks, end - blanks);
    const std::size_t width = columns_of(plain(word));
    const bool first = at == 0 && text.empty();
    if (!first && !fresh && at + blanks + width > columns) {
      text += '\n';
      text.append(indent, ' ');
      at = indent;
      text.append(word);
    } else {
      text.append(line.substr(0, end));
      at += blanks;
    }
    at += width;
    fresh = false;
    line.remove_prefix(end);
  }
  return text + '\n';
}

// A command whole; its remark goes below it.
std::string command_lines(std::string_view line, std::size_t indent, std::size_t columns) {
  const std::size_t remark = line.find("  # ");
  if (remark == std::string_view::npos) {
    return std::string(line) + '\n';
  }
  const std::string_view command = line.substr(0, remark);
  std::string below(indent, ' ');
  below.append(line.substr(remark + 2));
  return std::string(command.substr(0, command.find_last_not_of(' ') + 1)) + '\n' +
         folded(below, indent + 2, columns);
}

}  // namespace

std::string fitted(std::string_view text, std::size_t columns) {
  std::string made;
  const bool ends = text.ends_with('\n');  // a prompt does not
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::string bare = plain(line);
    const std::size_t indent = std::min(text_begins(bare), columns / 3);
    if (columns_of(bare) <= columns || (is_row(bare) && !is_command(bare))) {
      made.append(line) += '\n';
    } else if (is_command(bare)) {
      made += command_lines(line, indent, columns);
    } else {
      made += folded(line, indent, columns);
    }
  }
  if (!ends && !made.empty()) {
    made.pop_back();
  }
  return made;
}

std::string closing(std::string_view report, std::size_t rows) {
  const auto lines = static_cast<std::size_t>(std::count(report.begin(), report.end(), '\n'));
  if (rows == 0 || lines < rows || verdict_bytes(plain(report.substr(0, report.find('\n')))) == 0) {
    return "";
  }
  std::string text = "\n";
  bool opening = true;
  std::array<std::string, 5> commands;  // in the order of what helps most
  constexpr std::array<std::string_view, 5> labels{"fix ", "holds ", "least ", "explain ",
                                                   "again "};
  while (!report.empty()) {
    const std::string_view line = next_line(report);
    const std::string bare = plain(line);
    opening = opening && (text.size() == 1 || bare.starts_with("        "));
    if (opening) {
      text.append(line) += '\n';
    }
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (bare.starts_with(labels[i]) && is_command(bare) && commands[i].empty()) {
        commands[i] = line;
      }
    }
  }
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [](const std::string& it) { return !it.empty(); });
  return found == commands.end() ? text : text + *found + '\n';
}

std::string with_short_quotes(std::string_view sentence) {
  constexpr std::size_t longest = 100;  // the path of a file stays whole
  constexpr std::size_t begin_bytes = 60;
  constexpr std::size_t end_bytes = 32;
  const auto is_in_letter = [&sentence](std::size_t at) {
    return at < sentence.size() && (static_cast<unsigned char>(sentence[at]) & 0xC0U) == 0x80U;
  };
  std::string made;
  for (std::size_t at = 0; at < sentence.size();) {
    const bool opens =
        sentence[at] == '\'' && (at == 0 || sentence[at - 1] == ' ' || sentence[at - 1] == '(');
    std::size_t close = opens ? at + 1 : std::string_view::npos;
    // A quote ends before a blank or a mark; what was typed may hold others.
    while (close != std::string_view::npos) {
      close = sentence.find('\'', close);
      if (close == std::string_view::npos || close + 1 == sentence.size() ||
          std::string_view(" ,;:.?)'").find(sentence[close + 1]) != std::string_view::npos) {
        break;
      }
      ++close;
    }
    if (close == std::string_view::npos || close - at - 1 <= longest) {
      made += sentence[at++];
      continue;
    }
    std::size_t begin = at + 1 + begin_bytes;
    std::size_t end = close - end_bytes;
    while (is_in_letter(begin)) {
      --begin;
    }
    while (is_in_letter(end)) {
      ++end;
    }
    made.append(sentence.substr(at, begin - at))
        .append("...")
        .append(sentence.substr(end, close - end + 1));
    at = close + 1;
  }
  return made;
}

}  // namespace racelab
