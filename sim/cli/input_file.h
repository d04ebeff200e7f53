// A file that a command reads, whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace racelab {

/// The text of a file. `what` it should be, for the sentence when it is not: "a scenario file". Throws UsageError: it is not
/// there, is a folder, cannot be read, or has more than `bytes_max` bytes.
std::string read_file(const std::string& path, std::string_view what, std::uint64_t bytes_max);

}  // namespace racelab
