// A file that a command reads, whole. What was read is remembered, so that nothing is written over
// it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace racelab {

/// The text of a file. `what` it should be, for the sentence when it is not: "a scenario file".
/// Throws UsageError: it is not there, is no file (only /dev/stdin and /dev/fd/N may be something
/// else), cannot be read, or has more than `bytes_max` bytes.
std::string read_file(const std::string& path, std::string_view what, std::uint64_t bytes_max);

/// The name under which a file has been read since this command began, whatever its name now;
/// empty: it has not.
std::string name_when_read(const struct stat& file);

/// A new command begins.
void forget_what_was_read();

}  // namespace racelab
