// The command line as a function: arguments in, exit code and two texts out. main() only adapts it, and tests call it.
#pragma once

#include <string>
#include <vector>

namespace racelab {

/// What a command found, as the process's exit code.
enum class Exit : int { as_expected = 0, violated = 1, bad_usage = 2, gave_up = 3 };

/// What the command line may know of its surroundings.
struct Environment {
  bool terminal = false;  // whether standard output is one
  bool no_color = false;  // whether NO_COLOR is set to something
};

struct CommandResult {
  Exit exit = Exit::as_expected;
  std::string output;  // for standard output
  std::string errors;  // for standard error: one sentence when exit is bad_usage
};

/// Runs one command. Files are read and, with --output, written here; nothing else leaves this function.
CommandResult run_command_line(const std::vector<std::string>& arguments,
                               const Environment& environment);

}  // namespace racelab
