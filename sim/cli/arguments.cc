// Flags come from the option table, so that every key of a scenario file is one. Guessing is off; a flag given twice is a
// mistake; what Program_options throws becomes one sentence.
#include "sim/cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <set>
#include <utility>

#include "sim/cli/usage_error.h"
#include "sim/scenario/options.h"
#include "sim/scenario/scenario.h"

namespace racelab {

namespace {

namespace po = boost::program_options;

struct CommonFlag {
  const char* name;
  const char* value;  // nullptr: a switch
  const char* help;
};

constexpr CommonFlag common_flags[] = {
    {"strategy", "S", "how the service writes (default read-modify-write); see below"},
    {"seed", "N", "where all chance comes from, from 0 to 2^64-1 (default 1)"},
    {"format", "text|json|csv", "how the result is written (default text)"},
    {"output", "FILE", "where it is written (default: standard output)"},
    {"color", "auto|always|never", "colors in text; auto: on a terminal, unless NO_COLOR is set"},
    {"trace", nullptr, "add every event; changes nothing else"},
    {"help", nullptr, "this text"},
};

po::options_description flags() {
  po::options_description description;
  for (const CommonFlag& flag : common_flags) {
    if (flag.value == nullptr) {
      description.add_options()(flag.name, "");
    } else {
      description.add_options()(flag.name, po::value<std::vector<std::string>>(), "");
    }
  }
  for (const Option& option : options()) {
    description.add_options()(option.name.c_str(), po::value<std::vector<std::string>>(), "");
  }
  return description;
}

std::vector<std::string> flag_names() {
  std::vector<std::string> names;
  for (const CommonFlag& flag : common_flags) {
    names.emplace_back(flag.name);
  }
  for (const Option& option : options()) {
    names.push_back(option.name);
  }
  return names;
}

std::string without_dashes(std::string name) {
  name.erase(0, name.find_first_not_of('-'));
  return name.substr(0, name.find('='));
}

const CommonFlag* find_common_flag(const std::string& name) {
  const auto* const found =
      std::find_if(std::begin(common_flags), std::end(common_flags),
                   [&name](const CommonFlag& flag) { return name == flag.name; });
  return found == std::end(common_flags) ? nullptr : found;
}

// Whether it is a flag without a value.
bool is_switch(const std::string& name) {
  const CommonFlag* flag = find_common_flag(name);
  return flag != nullptr && flag->value == nullptr;
}

[[noreturn]] void value_missing(const std::string& name) {
  const CommonFlag* flag = find_common_flag(name);
  const std::string form = flag != nullptr ? flag->value : placeholder(*find_option(name));
  throw UsageError("'--" + name + "' needs a value, as in --" + name + " " + form);
}

[[noreturn]] void unknown_flag(const std::string& given) {
  const std::string name = without_dashes(given);
  const std::string near = nearest(name, flag_names());
  throw UsageError(
      "there is no option '" + given.substr(0, given.find('=')) + "'" +
      (near.empty() ? "; `racelab run --help` lists them" : "; did you mean '--" + near + "'?"));
}

// What Program_options would misread: "-x" as the scenario's name, the next flag as the value that was forgotten. A value
// may begin with a dash; one that begins with two needs the form --flag=--value.
void refuse_misplaced_dashes(const std::vector<std::string>& arguments) {
  std::string waiting;  // the flag whose value comes next
  for (const std::string& argument : arguments) {
    const bool is_flag = argument.starts_with("--");
    if (!waiting.empty() && is_flag) {
      value_missing(waiting);
    }
    if (!std::exchange(waiting, "").empty() || argument == "-h" || !argument.starts_with('-') ||
        argument == "-") {
      continue;
    }
    if (argument == "--") {
      return;  // names only from here on
    }
    const std::string name = without_dashes(argument);
    const bool known = find_common_flag(name) != nullptr || find_option(name) != nullptr;
    if (!known || argument[1] != '-' || argument[2] == '-') {
      unknown_flag(argument);
    }
    if (argument.find('=') == std::string::npos && !is_switch(name)) {
      waiting = name;
    }
  }
}

po::parsed_options parse(const std::vector<std::string>& arguments,
                         const po::options_description& description,
                         const po::positional_options_description& positions) {
  namespace style = po::command_line_style;
  try {
    return po::command_line_parser(arguments)
        .options(description)
        .positional(positions)
        .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next)
        .run();
  } catch (const po::unknown_option& error) {
    unknown_flag(error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    const std::string name = without_dashes(error.get_option_name());
    if (is_switch(name)) {
      throw UsageError("'--" + name + "' takes no value");
    }
    value_missing(name);
  }
}

std::uint64_t parse_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, seed);
  if (error != std::errc{} || stopped != end) {
    throw UsageError("seed must be a whole number from 0 to 18446744073709551615, not '" + text +
                     "'");
  }
  return seed;
}

const std::string& one_of(const std::string& flag, const std::string& value,
                          const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    std::string list;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      list += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
    }
    throw UsageError(flag + " must be " + list + ", not '" + value + "'");
  }
  return value;
}

void take(RunArguments& run, const std::string& name, const std::string& value) {
  if (name == "strategy") {
    run.strategy = value;
  } else if (name == "seed") {
    run.seed = parse_seed(value);
  } else if (name == "format") {
    run.format = one_of(name, value, {"text", "json", "csv"});
  } else if (name == "output") {
    if (value.empty()) {
      throw UsageError("'--output' needs the name of a file");
    }
    run.output = value;
  } else if (name == "color") {
    run.color = one_of(name, value, {"auto", "always", "never"});
  } else {
    run.settings.emplace_back(name, value);
  }
}

// One option of the help: its flag in a column, then the words, wrapped.
std::string help_line(const std::string& flag, const std::string& words) {
  constexpr std::size_t column = 32;
  std::string line = "  " + flag;
  std::size_t at = line.size();
  if (at + 2 > column) {
    line += '\n';
    at = 0;
  }
  line += std::string(column - at, ' ');
  at = column;
  std::string_view rest = words;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (at > column && at + 1 + end > 80) {
      line += '\n' + std::string(column, ' ');
      at = column;
    }
    line += (at > column ? " " : "") + std::string(rest.substr(0, end));
    at += end + (at > column ? 1 : 0);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return line + '\n';
}

std::string option_lines(const std::vector<std::string>& first_of_group) {
  static const Settings defaults;
  std::string text;
  for (const Option& option : options()) {
    if (std::find(first_of_group.begin(), first_of_group.end(), option.name) !=
        first_of_group.end()) {
      text += '\n';
    }
    const std::string shown =
        option.name == "workload" ? "" : " (default " + value_of(option, defaults) + ")";
    text += help_line("--" + option.name + " " + placeholder(option), option.help + shown);
  }
  return text;
}

}  // namespace

RunArguments parse_run_arguments(const std::vector<std::string>& arguments) {
  refuse_misplaced_dashes(arguments);
  RunArguments run;
  if (std::find(arguments.begin(), arguments.end(), "-h") != arguments.end()) {
    run.help = true;
    return run;
  }
  po::options_description description = flags();
  description.add_options()("scenario-name", po::value<std::vector<std::string>>(), "");
  po::positional_options_description positions;
  positions.add("scenario-name", -1);
  const po::parsed_options parsed = parse(arguments, description, positions);
  std::set<std::string> given;
  for (const po::option& option : parsed.options) {
    const std::string& name = option.string_key;
    if (name == "help") {
      run.help = true;
    } else if (name == "scenario-name") {
      if (!run.scenario.empty()) {
        throw UsageError("`racelab run` takes one scenario: what is '" + option.value.front() +
                         "' after '" + run.scenario + "'?");
      }
      run.scenario = option.value.front();
    } else if (!given.insert(name).second) {
      throw UsageError("'--" + name + "' is given twice");
    } else if (name == "trace") {
      run.trace = true;
    } else {
      take(run, name, option.value.front());
    }
  }
  return run;
}

bool is_flag_only(const std::string& name) { return find_common_flag(name) != nullptr; }

const std::vector<std::string>& commands() {
  static const std::vector<std::string> names{"help", "list", "run"};
  return names;
}

std::string general_help() {
  return "racelab: what goes wrong when two requests arrive at once, a reply is lost,\n"
         "a call is retried, a handler dies half-way\n"
         "\n"
         "usage: racelab run SCENARIO [--strategy S] [--seed N] [option...]\n"
         "       racelab list [strategies|scenarios|hazards|faults]\n"
         "       racelab help | run --help | list --help | --version\n"
         "\n"
         "Start with:\n"
         "  racelab run two-writers         two writers lose an update\n"
         "  racelab run retried-payment     a lost reply charges a card twice\n"
         "\n"
         "Exit code: 0 as expected, 1 a violation was found, 2 bad usage, 3 gave up.\n";
}

std::string run_help() {
  std::string text =
      "usage: racelab run SCENARIO [option...]\n"
      "\n"
      "One run: verdict, timeline, ledger, why, and what to type next. SCENARIO is a\n"
      "name that `racelab list scenarios` shows, or a file (with / or ending in .ini).\n"
      "\n"
      "  racelab run two-writers --strategy pessimistic-lock\n"
      "  racelab run hot-counter --clients 8 --lose-reply.rate 5% --seed 7\n"
      "  racelab run two-writers --strategy optimistic-version+idempotency-key\n"
      "  racelab run two-writers --strategy read-modify-write,atomic-increment\n"
      "\n"
      "A + wraps a strategy in a protection; a comma makes a mixed fleet, client by\n"
      "client. `racelab list strategies` names them.\n"
      "\n";
  for (const CommonFlag& flag : common_flags) {
    text += help_line(std::string("--") + flag.name + (flag.value == nullptr ? "" : " ") +
                          (flag.value == nullptr ? "" : flag.value),
                      flag.help);
  }
  text +=
      "\nSettings: the keys of a scenario file, too. A flag wins over the file; the\n"
      "defaults are for what the file leaves out.\n";
  text += option_lines({"workload", "isolation", "arrivals", "lose-request.rate", "faults-max"});
  return text + "\nExit code: 0 holds, 1 a violation was found, 2 bad usage, 3 gave up.\n";
}

std::string list_help() {
  return "usage: racelab list [strategies|scenarios|hazards|faults]\n"
         "\n"
         "What there is, a sentence each; all four without an argument.\n";
}

}  // namespace racelab
