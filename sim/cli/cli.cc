// From the words that were typed to a command. Everything that can be wrong with the input is found before any work; then a
// result is written whole, or not at all.
#include "sim/cli/cli.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sim/cli/commands.h"
#include "sim/cli/file_watch.h"
#include "sim/cli/flags.h"
#include "sim/cli/general_help.h"
#include "sim/cli/input_file.h"
#include "sim/cli/screen.h"
#include "sim/cli/server_flags.h"
#include "sim/cli/usage_error.h"
#include "sim/drivers/driver_error.h"
#include "sim/parse/problem.h"
#include "sim/report/screen_width.h"
#include "sim/report/text_layout.h"

namespace racelab {

namespace {

// One line, whatever was typed or read: a line feed in a name, or colors, must not reach the terminal; and nobody reads a
// sentence that quotes a thousand characters.
std::string one_line(std::string sentence) {
  constexpr std::size_t bytes_max = 1'000;
  constexpr std::size_t begin_bytes = 600;
  constexpr std::size_t end_bytes = 300;
  std::replace_if(
      sentence.begin(), sentence.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  if (sentence.size() <= bytes_max) {
    return sentence;
  }
  const auto inside_a_letter = [&sentence](std::size_t at) {
    return (static_cast<unsigned char>(sentence[at]) & 0xC0U) == 0x80U;
  };
  std::size_t begin = begin_bytes;
  while (begin > 0 && inside_a_letter(begin)) {
    --begin;
  }
  std::size_t end = sentence.size() - end_bytes;
  while (end < sentence.size() && inside_a_letter(end)) {
    ++end;
  }
  return sentence.substr(0, begin) + " ... " + sentence.substr(end);
}

CommandResult dispatch(const std::vector<std::string>& arguments, const Environment& environment) {
  if (arguments.empty()) {
    return {Exit::bad_usage, "", general_help()};
  }
  const std::string& name = arguments.front();
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (const Command* command = find_command(name); command != nullptr) {
    return command->run(rest, environment);
  }
  if (name == "--version") {
    return {Exit::as_expected, "racelab " RACELAB_VERSION "\n", ""};
  }
  if (name == "--help" || name == "-h" || name == "help") {
    if (rest.empty()) {
      return {Exit::as_expected, general_help(), ""};
    }
    return dispatch({rest.front(), "--help"}, environment);
  }
  throw UsageError(unknown_command(name));
}

constexpr std::size_t usual_columns = text_width;

std::size_t clamped(std::size_t columns) {
  return std::clamp(columns, screen_width_min, screen_width_max);
}

// Reports in words are; what programs read, and a file as it stands, is not touched.
bool is_for_people(const std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 3> as_it_stands{"manual", "completion", "show"};
  const std::string command = arguments.empty() ? "" : arguments.front();
  if (std::find(as_it_stands.begin(), as_it_stands.end(), command) != as_it_stands.end()) {
    return std::find(arguments.begin(), arguments.end(), "--help") != arguments.end();
  }
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i].starts_with("--format=") && arguments[i] != "--format=text") {
      return false;
    }
    if (arguments[i - 1] == "--format" && arguments[i] != "text") {
      return false;
    }
  }
  return true;
}

CommandResult for_the_screen(const std::vector<std::string>& arguments,
                             const Environment& environment, CommandResult result) {
  if (environment.columns == 0 || !is_for_people(arguments)) {
    return result;
  }
  result.output += closing(result.output, environment.rows);
  result.output = fitted(result.output, clamped(environment.columns));
  return result;
}

// As wide as the terminal that somebody reads it on; elsewhere the same bytes, whatever that is.
std::size_t width_for(const std::vector<std::string>& arguments, const Environment& environment) {
  const bool to_file = std::any_of(arguments.begin(), arguments.end(), [](const std::string& it) {
    return it == "--output" || it.starts_with("--output=");
  });
  return environment.columns == 0 || to_file || !is_for_people(arguments) ? usual_columns
                                                                          : environment.columns;
}

// What is said while a command runs fits, too.
Environment fitting(const std::vector<std::string>& arguments, const Environment& environment) {
  Environment made = environment;
  if (environment.columns > 0 && environment.conversation.say && is_for_people(arguments)) {
    made.conversation.say = [say = environment.conversation.say,
                             columns = clamped(environment.columns)](std::string_view text) {
      return say(fitted(text, columns));
    };
  }
  return made;
}

void fit_errors(CommandResult& result, const Environment& environment) {
  if (environment.error_columns > 0) {
    result.errors = fitted(result.errors, clamped(environment.error_columns));
  }
}

CommandResult run_once(const std::vector<std::string>& arguments, const Environment& environment) {
  CommandResult result = guarded([&] {
    refuse_passwords(arguments);
    return dispatch(arguments, environment);
  });
  fit_errors(result, environment);
  return for_the_screen(arguments, environment, std::move(result));
}

// The same command once; whoever takes no --watch says so himself.
std::vector<std::string> without_watch(const std::vector<std::string>& arguments) {
  const Command* command = arguments.empty() ? nullptr : find_command(arguments.front());
  std::vector<std::string> rest = arguments;
  if (command != nullptr && takes_flag(command->syntax(), "watch") &&
      std::find(rest.begin(), rest.end(), "--help") == rest.end()) {
    std::erase(rest, "--watch");
  }
  return rest;
}

}  // namespace

CommandResult run_command_line(const std::vector<std::string>& arguments,
                               const Environment& surroundings) {
  const Environment environment = fitting(arguments, surroundings);
  set_screen_width(width_for(arguments, environment));
  CommandResult result;
  if (const std::vector<std::string> rest = without_watch(arguments);
      rest.size() == arguments.size()) {
    result = run_once(arguments, environment);
  } else {
    result = guarded([&] {
      return run_watched(rest, environment, [&] { return run_once(rest, environment); });
    });
    fit_errors(result, environment);
  }
  set_screen_width(usual_columns);
  return result;
}

CommandResult guarded(const std::function<CommandResult()>& work) {
  forget_what_was_read();
  try {
    return work();
  } catch (const parse::Problem& problem) {
    // A sentence, then perhaps the line and the mark under the place: each is one line already.
    std::string lines = problem.what();
    std::string text = "racelab: ";
    for (std::size_t from = 0; from < lines.size();) {
      const std::size_t end = std::min(lines.find('\n', from), lines.size());
      const std::string line = lines.substr(from, end - from);
      text += one_line(from == 0 ? with_short_quotes(line) : line) + '\n';
      from = end + 1;
    }
    return {Exit::bad_usage, "", text};
  } catch (const UsageError& error) {
    return {Exit::bad_usage, "", "racelab: " + one_line(with_short_quotes(error.what())) + "\n"};
  } catch (const drivers::DriverError& error) {
    return {Exit::bad_usage, "", "racelab: " + one_line(error.what()) + "\n"};
  }
}

}  // namespace racelab
