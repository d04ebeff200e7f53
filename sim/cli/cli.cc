// From the words that were typed to a command. Everything that can be wrong with the input is found before any work; then a
// result is written whole, or not at all.
#include "sim/cli/cli.h"

#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/input_file.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/server_flags.h"
#include "sim/cli/usage_error.h"
#include "sim/drivers/driver_error.h"
#include "sim/parse/problem.h"
#include "sim/scenario/options.h"

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

std::string unknown_command(const std::string& command) {
  const std::string begin = "there is no command '" + command + "'; ";
  if (names_scenario(command)) {
    return begin + "did you mean `racelab run " + command + "`?";
  }
  if (names_script_scenario(command)) {
    return begin + "did you mean `racelab explore " + command + "`?";
  }
  std::vector<std::string> names{"help"};
  for (const Command& known : all_commands()) {
    names.push_back(known.name);
  }
  const std::string near = nearest(command, names);
  return begin + (near.empty() ? "`racelab --help` lists them" : "did you mean '" + near + "'?");
}

std::string general_help() {
  return "racelab: what goes wrong when two requests arrive at once, a reply is lost,\n"
         "a call is retried, a handler dies half-way\n"
         "\n"
         "usage: racelab run SCENARIO [--strategy S] [--seed N] [option...]\n"
         "       racelab compare SCENARIO... [--strategy S]... [--vary KEY=A,B,C]...\n"
         "       racelab merge FILE...\n"
         "       racelab explore SCENARIO [--strategy S] [option...]\n"
         "       racelab step SCENARIO [--strategy S] [option...]\n"
         "       racelab explain SCENARIO|TOKEN [--strategy S] [option...]\n"
         "       racelab replay TOKEN [--strategy OTHER]\n"
         "       racelab verify [SCENARIO...]\n"
         "       racelab agree [SCENARIO...] --on DATABASE\n"
         "       racelab show SCENARIO\n"
         "       racelab new NAME\n"
         "       racelab learn [N]\n"
         "       racelab list [strategies|scenarios|hazards|faults|sql]\n"
         "       racelab COMMAND --help | --version\n"
         "\n"
         "Start with:\n"
         "  racelab run two-writers         two writers lose an update\n"
         "  racelab compare hot-counter     which strategy to use, and what it costs\n"
         "  racelab explore two-writers     every order, and which of them lose it\n"
         "  racelab step two-writers        you are the scheduler\n"
         "  racelab explain two-writers     the smallest of them drawn, and what helps\n"
         "  racelab run retried-payment     a lost reply charges a card twice\n"
         "  racelab explore oversold-stock  endpoints in SQL: two buyers, one item\n"
         "  racelab learn                   twelve lessons: predict, then see\n"
         "  racelab new mine                your own tables and endpoints\n"
         "\n"
         "Exit code: 0 as expected, 1 a violation was found, 2 bad usage, 3 gave up, or\n"
         "nothing was done.\n";
}

CommandResult dispatch(const std::vector<std::string>& arguments, const Environment& environment) {
  if (arguments.empty()) {
    return {Exit::bad_usage, "", general_help()};
  }
  const std::string& name = arguments.front();
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  for (const Command& command : all_commands()) {
    if (command.name == name) {
      return command.run(rest, environment);
    }
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

}  // namespace

CommandResult run_command_line(const std::vector<std::string>& arguments,
                               const Environment& environment) {
  return guarded([&] {
    refuse_passwords(arguments);
    return dispatch(arguments, environment);
  });
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
      text += one_line(lines.substr(from, end - from)) + '\n';
      from = end + 1;
    }
    return {Exit::bad_usage, "", text};
  } catch (const UsageError& error) {
    return {Exit::bad_usage, "", "racelab: " + one_line(error.what()) + "\n"};
  } catch (const drivers::DriverError& error) {
    return {Exit::bad_usage, "", "racelab: " + one_line(error.what()) + "\n"};
  }
}

}  // namespace racelab
