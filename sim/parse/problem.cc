// Where something stands, and the line that shows it.
#include "sim/parse/problem.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "sim/sql/utf8.h"

namespace racelab::parse {

std::uint32_t Source::line_of(std::size_t offset) const {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return static_cast<std::uint32_t>(1 + std::count(text.begin(), end, '\n'));
}

Problem Source::problem(std::size_t offset, const std::string& sentence) const {
  offset = std::min(offset, text.size());
  const std::size_t before = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  const std::size_t start = before == std::string::npos ? 0 : before + 1;
  const std::size_t end = std::min(text.find('\n', start), text.size());
  std::string shown;
  for (std::size_t i = start; i < end;) {  // what a terminal would take for a command is not shown
    const std::size_t bytes = sql::letter_bytes(std::string_view(text).substr(i, end - i));
    const bool commands =
        static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F ||
        (text[i] == '\xC2' && bytes == 2 && static_cast<unsigned char>(text[i + 1]) < 0xA0);
    shown += bytes == 0 ? "?" : commands ? " " : text.substr(i, bytes);
    i += std::max<std::size_t>(bytes, 1);
  }
  std::size_t column = 0;  // in letters
  for (std::size_t i = start; i < offset; ++i) {
    column += (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U ? 1 : 0;
  }
  const std::string place =
      file + ':' + std::to_string(line_of(offset)) + ':' + std::to_string(column + 1) + ": ";
  if (shown.size() > 150) {
    return Problem(place + sentence);
  }
  return Problem(place + sentence + "\n  " + shown + "\n  " + std::string(column, ' ') + '^');
}

void Source::read_as_text() {
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.erase(0, 3);
  }
  const std::size_t zero = text.find('\0');
  if (const auto bad = sql::invalid_utf8(text)) {
    if (*bad < zero) {
      std::array<char, 8> byte{};
      std::snprintf(byte.data(), byte.size(), "0x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(text[*bad])));
      throw problem(*bad, "the byte " + std::string(byte.data()) +
                              " is no letter of UTF-8; save the file as UTF-8");
    }
  }
  if (zero != std::string::npos) {
    throw problem(zero, "a zero byte is no part of a text");
  }
}

}  // namespace racelab::parse
