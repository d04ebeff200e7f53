// Line by line: a backslash command is a line of its own, as everywhere in these files.
#include "sim/parse/chosen.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "sim/parse/lexer.h"

namespace racelab::parse {

namespace {

using Values = std::map<std::string, std::int64_t>;
using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.emplace_back(without_blanks(line));
  }
  return lines;
}

// "\if :keyed = 2" as its words.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream stream(line);
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

std::optional<std::int64_t> number_of(std::string_view word) {
  std::int64_t number = 0;
  const char* end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

// Whether the condition after \if or \elif holds; nothing: only the script itself can tell.
std::optional<bool> decided(const std::string& line, const Values& values) {
  const std::vector<std::string> words = words_of(line);
  if ((words.size() != 2 && words.size() != 4) || !words[1].starts_with(':')) {
    return std::nullopt;
  }
  const auto value = values.find(words[1].substr(1));
  if (value == values.end()) {
    return std::nullopt;
  }
  if (words.size() == 2) {
    return value->second != 0;
  }
  const std::optional<std::int64_t> other = number_of(words[3]);
  if (!other) {
    return std::nullopt;
  }
  const std::string& is = words[2];
  return is == "="                  ? std::optional(value->second == *other)
         : is == "<>" || is == "!=" ? std::optional(value->second != *other)
         : is == "<"                ? std::optional(value->second < *other)
         : is == ">"                ? std::optional(value->second > *other)
         : is == "<="               ? std::optional(value->second <= *other)
         : is == ">="               ? std::optional(value->second >= *other)
                                    : std::nullopt;
}

// An \if with its branches. Each line of them is kept or not; the commands themselves, as far as they are still needed.
struct Branching {
  bool taken = false;     // a branch before, or this one, is the one for certain
  bool skipping = false;  // this branch is not
  bool open = false;  // an \if of this one is kept: it has branches that the script decides between
};

class Folding {
 public:
  explicit Folding(const Values& values) : values_(values) {}

  Lines operator()(const Lines& lines) {
    Lines kept;
    for (const std::string& line : lines) {
      if (line.starts_with("\\if")) {
        stack_.emplace_back();
        branch(line.substr(3), kept);
      } else if (!stack_.empty() && line.starts_with("\\elif")) {
        branch(line.substr(5), kept);
      } else if (!stack_.empty() && line.starts_with("\\else")) {
        last(kept);
      } else if (!stack_.empty() && line.starts_with("\\endif")) {
        if (stack_.back().open && !skipped_outside()) {
          kept.emplace_back("\\endif");
        }
        stack_.pop_back();
      } else if (stack_.empty() || !skipped()) {
        kept.push_back(line);
      }
    }
    return kept;
  }

 private:
  [[nodiscard]] bool skipped() const {
    return std::any_of(stack_.begin(), stack_.end(), [](const auto& it) { return it.skipping; });
  }
  [[nodiscard]] bool skipped_outside() const {
    return std::any_of(stack_.begin(), stack_.end() - 1,
                       [](const auto& it) { return it.skipping; });
  }

  void branch(const std::string& condition, Lines& kept) {
    Branching& it = stack_.back();
    if (it.taken) {
      it.skipping = true;
      return;
    }
    const std::optional<bool> holds = decided("\\if" + condition, values_);
    it.skipping = holds == false;
    it.taken = holds == true;
    if (skipped()) {
      return;
    }
    if (!holds) {
      kept.push_back((it.open ? "\\elif" : "\\if") + condition);
      it.open = true;
    } else if (it.open) {
      kept.emplace_back("\\else");
    }
  }

  void last(Lines& kept) {
    Branching& it = stack_.back();
    it.skipping = it.taken;
    it.taken = true;
    if (it.open && !skipped()) {
      kept.emplace_back("\\else");
    }
  }

  const Values& values_;
  std::vector<Branching> stack_;
};

// Whether a line of SQL, or a directive, names it otherwise than to read it: what it answers is written there.
bool may_write(const std::string& line, const std::string& name) {
  for (std::size_t at = line.find(name); at != std::string::npos; at = line.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool whole =
        (at == 0 || !in_name(line[at - 1])) && (end == line.size() || !in_name(line[end]));
    if (whole && (at == 0 || line[at - 1] != ':')) {
      return true;
    }
  }
  return false;
}

bool reads(const std::string& line, const std::string& name) {
  for (std::size_t at = line.find(':' + name); at != std::string::npos;
       at = line.find(':' + name, at + 1)) {
    const std::size_t end = at + 1 + name.size();
    if (end == line.size() || !in_name(line[end])) {
      return true;
    }
  }
  return false;
}

// Variables with one value: set once, outside every \if, to a number, written by nothing else and read by nothing before.
Values constants_of(const Lines& lines) {
  Values constants;
  std::size_t depth = 0;
  for (auto at = lines.begin(); at != lines.end(); ++at) {
    const std::string& line = *at;
    depth += line.starts_with("\\if") ? 1 : 0;
    depth -= depth > 0 && line.starts_with("\\endif") ? 1 : 0;
    const std::vector<std::string> words = words_of(line);
    if (depth != 0 || words.size() != 3 || words[0] != "\\set" || !number_of(words[2])) {
      continue;
    }
    const auto writers = std::count_if(
        lines.begin(), lines.end(), [&](const auto& other) { return may_write(other, words[1]); });
    const bool read_before =
        std::any_of(lines.begin(), at, [&](const auto& other) { return reads(other, words[1]); });
    if (writers == 1 && !read_before) {
      constants[words[1]] = *number_of(words[2]);
    }
  }
  return constants;
}

// \set lines of constants that nobody reads any more.
void drop_unread(Lines& lines, const Values& constants) {
  for (const auto& constant : constants) {
    if (std::none_of(lines.begin(), lines.end(),
                     [&constant](const auto& line) { return reads(line, constant.first); })) {
      std::erase(lines, "\\set " + constant.first + ' ' + std::to_string(constant.second));
    }
  }
}

std::string indented(const Lines& lines) {
  std::string text;
  std::size_t depth = 0;
  bool within = false;  // a statement that goes over several lines
  for (const std::string& line : lines) {
    const bool closes = line.starts_with("\\endif") || line.starts_with("\\el");
    depth -= closes && depth > 0 ? 1 : 0;
    text += std::string(line.empty() ? 0 : (2 * depth) + (within ? 2 : 0), ' ') + line + '\n';
    depth += line.starts_with("\\if") || line.starts_with("\\el") ? 1 : 0;
    within = !line.empty() && !line.starts_with('\\') && !line.starts_with("--") &&
             !line.ends_with(';') && !line.ends_with("\\gset") && !line.ends_with("\\aset");
  }
  return text;
}

}  // namespace

std::string chosen(const std::string& endpoint, const std::map<std::string, std::int64_t>& values) {
  Lines lines = Folding(values)(lines_of(endpoint));
  for (Values constants = constants_of(lines); !constants.empty();) {
    const std::size_t before = lines.size();
    lines = Folding(constants)(lines);
    drop_unread(lines, constants);
    if (lines.size() == before) {
      break;
    }
    constants = constants_of(lines);
  }
  return indented(lines);
}

}  // namespace racelab::parse
