// Commands as one types them, for tests: a line in, exit code and both texts out.
//
// Words are split at spaces, so a table of mistakes reads like a terminal. Where a word holds a space or is empty, pass the
// words themselves.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/cli.h"

namespace racelab::lab {

inline std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> all;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) {
      all.emplace_back(line.substr(0, end));
    }
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return all;
}

/// "run two-writers --seed 2", without the program's name. Neither a terminal nor NO_COLOR unless asked for.
inline CommandResult racelab_of(std::string_view line, const Environment& environment = {}) {
  return run_command_line(words(line), environment);
}

/// The exit code as a shell shows it.
inline int code(const CommandResult& outcome) { return static_cast<int>(outcome.exit); }

}  // namespace racelab::lab
