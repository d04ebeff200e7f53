// The command line as a function: arguments in, exit code and two texts out. main() only adapts it, and tests call it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace racelab {

/// What a command found, as the process's exit code.
enum class Exit : int { as_expected = 0, violated = 1, bad_usage = 2, gave_up = 3 };

/// How a command talks with whoever typed it, while it runs (`step`).
struct Conversation {
  /// The next line of standard input, without its end; nothing: there is none any more.
  std::function<std::optional<std::string>()> next_line;
  /// To standard output, at once; false: nobody reads it any more. Empty: it is kept for CommandResult::output.
  std::function<bool(std::string_view)> say;
  bool prompt = false;       // whether a person sits at a terminal
  bool at_terminal = false;  // whether lines are typed at one, wherever the answers go
};

/// What the command line may know of its surroundings.
struct Environment {
  bool terminal = false;  // whether standard output is one
  bool no_color = false;  // whether NO_COLOR is set to something
  /// How wide standard output is; 0: it is no terminal. The same of standard error.
  std::size_t columns = 0;
  std::size_t error_columns = 0;
  std::size_t rows = 0;  // how high it is; 0: it is no terminal
  Conversation conversation = {};
  /// To standard error, at once, when that is a terminal; else empty: nobody reads how far long work is.
  std::function<void(std::string_view)> progress = {};
  /// To standard error, at once, wherever that goes: what the user must know before it happens.
  std::function<void(std::string_view)> notice = {};
};

struct CommandResult {
  Exit exit = Exit::as_expected;
  std::string output;  // for standard output
  std::string errors;  // for standard error: one sentence when exit is bad_usage
};

/// Runs one command. Files are read and, with --output, written here, and lines are read and said in a
/// conversation; nothing else leaves this function.
CommandResult run_command_line(const std::vector<std::string>& arguments,
                               const Environment& environment);

/// Does work that may throw UsageError or parse::Problem: that becomes a sentence, and bad_usage.
CommandResult guarded(const std::function<CommandResult()>& work);

}  // namespace racelab
