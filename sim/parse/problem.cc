// Where something stands, and the line that shows it.
#include "sim/parse/problem.h"

#include <algorithm>

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
  for (std::size_t i = start; i < end;
       ++i) {  // what a terminal would take for a command is not shown
    shown += static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F ? ' ' : text[i];
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

}  // namespace racelab::parse
