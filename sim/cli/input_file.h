// A file that a command reads, whole, and what a folder holds. What was read is remembered, so that
// nothing is written over it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racelab {

/// The text of a file. `what` it should be, for the sentence when it is not: "a scenario file".
/// Throws UsageError: it is not there, is no file (only /dev/stdin and /dev/fd/N may be something
/// else), cannot be read, or has more than `bytes_max` bytes.
std::string read_file(const std::string& path, std::string_view what, std::uint64_t bytes_max);

/// What a folder holds.
struct Listing {
  std::vector<std::string> names;  // sorted, without the folder's
  std::string problem;             // in the system's words; empty: none
};
/// The names in a folder that end in one of the endings; at most one more than `names_max`.
Listing list_folder(const std::string& folder, const std::vector<std::string_view>& endings,
                    std::size_t names_max);

/// The name under which a file has been read since this command began, whatever its name now;
/// empty: it has not.
std::string name_when_read(const struct stat& file);

/// The files that have been read since this command began: what each was like, and the name under which it was read.
const std::vector<std::pair<struct stat, std::string>>& files_that_were_read();

/// A new command begins.
void forget_what_was_read();

}  // namespace racelab
