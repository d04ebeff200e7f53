// As PostgreSQL matches: a % gives up for good when the text ends before what follows it, so that no pattern takes for ever.
#include "sim/sql/like.h"

#include "sim/sql/utf8.h"

namespace racelab::sql {

namespace {

enum class Match : std::uint8_t { no, yes, text_ended, bad_pattern };

void drop_letter(std::string_view& text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && !begins_letter(text[bytes])) {
    ++bytes;
  }
  text.remove_prefix(bytes);
}

Match match(std::string_view text, std::string_view pattern);

// The pattern begins with %.
Match match_any(std::string_view text, std::string_view pattern) {
  while (!pattern.empty() && (pattern.front() == '%' || pattern.front() == '_')) {
    if (pattern.front() == '_') {
      if (text.empty()) {
        return Match::text_ended;
      }
      drop_letter(text);
    }
    pattern.remove_prefix(1);
  }
  if (pattern.empty()) {
    return Match::yes;
  }
  if (pattern == "\\") {
    return Match::bad_pattern;
  }
  const char first = pattern.front() == '\\' ? pattern[1] : pattern.front();
  while (!text.empty()) {
    if (text.front() == first) {
      if (const Match found = match(text, pattern); found != Match::no) {
        return found;
      }
    }
    drop_letter(text);
  }
  return Match::text_ended;
}

Match match(std::string_view text, std::string_view pattern) {
  while (!text.empty() && !pattern.empty()) {
    if (pattern.front() == '%') {
      return match_any(text, pattern);
    }
    if (pattern.front() == '_') {
      drop_letter(text);
      pattern.remove_prefix(1);
      continue;
    }
    if (pattern.front() == '\\') {
      pattern.remove_prefix(1);
      if (pattern.empty()) {
        return Match::bad_pattern;
      }
    }
    if (text.front() != pattern.front()) {
      return Match::no;
    }
    text.remove_prefix(1);
    pattern.remove_prefix(1);
  }
  if (!text.empty()) {
    return Match::no;
  }
  const bool rest_is_any = pattern.find_first_not_of('%') == std::string_view::npos;
  return rest_is_any ? Match::yes : Match::text_ended;
}

}  // namespace

Like is_like(std::string_view text, std::string_view pattern) {
  const Match found = match(text, pattern);
  return found == Match::bad_pattern ? Like::bad_pattern
         : found == Match::yes       ? Like::yes
                                     : Like::no;
}

}  // namespace racelab::sql
