// What an endpoint file is made of, below statements: blanks, names, quoted text, comments.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace racelab::parse {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}
constexpr bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool in_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

/// A name of a variable.
bool is_name(std::string_view text);

std::string_view without_blanks(std::string_view text);

/// What stands between commas (or another letter), without blanks around it; views of the text.
std::vector<std::string_view> items_of(std::string_view text, char by = ',');

/// What follows `text[at]` is a quoted string, a quoted name, a comment or a dollar-quoted string: where it ends; else `at`.
std::size_t end_of_quoted(const std::string& text, std::size_t at);

}  // namespace racelab::parse
