// Read piece by piece: a pipe tells no size, and what is too long is not read to its end.
#include "sim/cli/input_file.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "sim/cli/usage_error.h"
#include "sim/report/words.h"

namespace racelab {

std::string read_file(const std::string& path, std::string_view what, std::uint64_t bytes_max) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw UsageError("there is no file '" + path + "'");
  }
  if (std::filesystem::is_directory(status)) {
    throw UsageError(fmt::format("'{}' is a folder, not {}", path, what));
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  std::array<char, 65'536> piece{};
  while (stream && text.size() <= bytes_max) {
    stream.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad() || (text.empty() && !stream.eof())) {
    throw UsageError("the file '" + path + "' cannot be read");
  }
  if (text.size() > bytes_max) {
    throw UsageError(
        fmt::format("'{}' is too long for {} (at most {} bytes)", path, what, grouped(bytes_max)));
  }
  return text;
}

}  // namespace racelab
