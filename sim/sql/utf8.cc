// UTF-8, checked letter by letter.
#include "sim/sql/utf8.h"

namespace racelab::sql {

// (The table of well-formed sequences: The Unicode Standard, table 3-7.)
std::size_t letter_bytes(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto between = [](unsigned value, unsigned low, unsigned high) {
    return value >= low && value <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = between(first, 0xC2, 0xDF)   ? 2
                             : between(first, 0xE0, 0xEF) ? 3
                             : between(first, 0xF0, 0xF4) ? 4
                                                          : 0;
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (length == 0 || !between(byte(1), low, high)) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if (!between(byte(i), 0x80, 0xBF)) {
      return 0;
    }
  }
  return length;
}

std::optional<std::size_t> invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t bytes = letter_bytes(text.substr(at));
    if (bytes == 0) {
      return at;
    }
    at += bytes;
  }
  return std::nullopt;
}

std::size_t bytes_of_letters(std::string_view text, std::size_t letters_max) {
  std::size_t letters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    letters += begins_letter(text[at]) ? 1 : 0;
    if (letters > letters_max) {
      return at;
    }
  }
  return text.size();
}

}  // namespace racelab::sql
