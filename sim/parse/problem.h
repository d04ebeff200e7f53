// What is wrong with a file, and where.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace racelab::parse {

/// what(): "FILE:LINE:COLUMN: sentence", then the line with a mark under the place.
class Problem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A file's name and its whole text: enough to say where something stands.
struct Source {
  std::string file;
  std::string text;

  [[nodiscard]] Problem problem(std::size_t offset, const std::string& sentence) const;
  [[nodiscard]] std::uint32_t line_of(std::size_t offset) const;

  /// Drops the mark that some editors put before the first letter. Throws Problem at a byte that is no text.
  void read_as_text();
};

}  // namespace racelab::parse
