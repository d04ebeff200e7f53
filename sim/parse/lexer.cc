// As psql and pgbench cut a file into pieces.
#include "sim/parse/lexer.h"

#include <algorithm>

namespace racelab::parse {

bool is_name(std::string_view text) {
  return !text.empty() && starts_name(text.front()) &&
         std::all_of(text.begin(), text.end(), in_name);
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::vector<std::string_view> items_of(std::string_view text, char by) {
  std::vector<std::string_view> items;
  while (true) {
    const std::size_t end = text.find(by);
    items.push_back(without_blanks(text.substr(0, end)));
    if (end == std::string_view::npos) {
      return items;
    }
    text.remove_prefix(end + 1);
  }
}

std::size_t end_of_quoted(const std::string& text, std::size_t at) {
  const char c = text[at];
  if (c == '\'' || c == '"') {
    const bool escapes = c == '\'' && at > 0 && (text[at - 1] == 'e' || text[at - 1] == 'E') &&
                         (at == 1 || !in_name(text[at - 2]));
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != c) {
      end += escapes && text[end] == '\\' ? 2 : 1;
    }
    return std::min(end + 1, text.size());
  }
  if (text.compare(at, 2, "--") == 0) {
    return std::min(text.find('\n', at), text.size());
  }
  if (text.compare(at, 2, "/*") == 0) {
    std::size_t depth = 1;
    at += 2;
    while (at < text.size() && depth > 0) {
      if (text.compare(at, 2, "/*") == 0) {
        ++depth;
        at += 2;
      } else if (text.compare(at, 2, "*/") == 0) {
        --depth;
        at += 2;
      } else {
        ++at;
      }
    }
    return at;
  }
  if (c == '$' && (at == 0 || !in_name(text[at - 1]))) {
    std::size_t end = at + 1;
    while (end < text.size() && in_name(text[end])) {
      ++end;
    }
    const bool digit = at + 1 < text.size() && text[at + 1] >= '0' && text[at + 1] <= '9';
    if (end < text.size() && text[end] == '$' && !digit) {
      const std::string tag = text.substr(at, end + 1 - at);
      const std::size_t close = text.find(tag, end + 1);
      return close == std::string::npos ? text.size() : close + tag.size();
    }
  }
  return at;
}

}  // namespace racelab::parse
