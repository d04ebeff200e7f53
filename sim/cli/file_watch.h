// --watch: a command again, whenever a file changes that it has read.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/cli/cli.h"

namespace racelab {

/// What files look like from outside. Editors write a file anew, or put another in its place: both are seen.
class FileWatch {
 public:
  /// Of folders only their scenario's files count: those of SQL, and settings.
  explicit FileWatch(std::vector<std::string> folders);

  /// Watches a file, too, which looked like that when it was read; one that is watched already stays as it was.
  void add(const std::string& name, const struct stat& as_read);

  /// A file that is not as it was when this was last asked, or when it was added; empty: all are. One that has gone counts when it is
  /// not back the next time: some editors remove a file and write it again.
  std::string changed();

 private:
  struct Look {
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t second = 0;
    std::int64_t nanosecond = 0;
    bool operator==(const Look&) const = default;
  };
  using Looks = std::map<std::string, Look>;

  [[nodiscard]] Looks look() const;
  static Look look_of(const struct stat& status);

  std::set<std::string> files_;
  std::vector<std::string> folders_;
  Looks seen_;
  std::set<std::string> gone_;  // when this was last asked
};

/// Runs, says the result at once, and runs again for each change, until an interrupt; then ends as the last run did. A run that
/// reads no file, or that cannot be repeated, is refused. Throws UsageError.
CommandResult run_watched(const std::vector<std::string>& arguments, const Environment& environment,
                          const std::function<CommandResult()>& run);

}  // namespace racelab
