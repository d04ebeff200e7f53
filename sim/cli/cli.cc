// The commands. Everything that can be wrong with the input is found before any work; then a result is written whole, or
// not at all.
#include "sim/cli/cli.h"

#include <algorithm>
#include <new>

#include "sim/cli/arguments.h"
#include "sim/cli/output_file.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/usage_error.h"
#include "sim/report/report.h"
#include "sim/scenario/fix.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

// Up to so many operations every event is kept; beyond, those that explain the first finding.
constexpr std::uint64_t kept_operations_max = 5'000;

Fleet fleet_for(const RunArguments& arguments, const Settings& settings) {
  ParsedFleet parsed = parse_fleet(arguments.strategy);
  if (!parsed.problem.empty()) {
    throw UsageError(parsed.problem);
  }
  for (const Combination& combination : parsed.fleet) {
    if (const std::string problem = problem_with(combination, settings); !problem.empty()) {
      throw UsageError(problem);
    }
  }
  if (parsed.fleet.size() > settings.clients) {
    throw UsageError("the fleet '" + arguments.strategy + "' has " +
                     std::to_string(parsed.fleet.size()) + " strategies for " +
                     std::to_string(settings.clients) + " clients");
  }
  return parsed.fleet;
}

RunReport prepare(const RunArguments& arguments) {
  if (arguments.scenario.empty()) {
    throw UsageError(
        "which scenario? for example `racelab run two-writers`; `racelab list scenarios` "
        "shows them");
  }
  Scenario scenario = load_scenario(arguments.scenario);
  for (const auto& [key, value] : arguments.settings) {
    if (const std::string problem = apply(scenario, key, value); !problem.empty()) {
      throw UsageError(problem);
    }
  }
  if (const std::string problem = problem_with(scenario.settings); !problem.empty()) {
    throw UsageError(problem);
  }
  RunReport report;
  report.scenario = arguments.scenario;
  report.settings = scenario.settings;
  report.fleet = fleet_for(arguments, scenario.settings);
  report.flags = arguments.settings;
  report.trace = arguments.trace;
  return report;
}

Exit exit_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::violated:
      return Exit::violated;
    case Verdict::gave_up:
      return Exit::gave_up;
    case Verdict::holds:
      break;
  }
  return Exit::as_expected;
}

Outcome run(const std::vector<std::string>& rest, const Environment& environment) {
  const RunArguments arguments = parse_run_arguments(rest);
  if (arguments.help) {
    return {Exit::as_expected, run_help(), ""};
  }
  if (arguments.trace && arguments.format == "csv") {
    throw UsageError("a trace has no place in CSV's one line; --format json has it");
  }
  RunReport report = prepare(arguments);
  OutputFile file(arguments.output);
  const std::uint64_t operations =
      std::uint64_t{report.settings.clients} * report.settings.operations;
  Runner runner(report.settings, report.fleet);
  report.row_names = runner.row_names();
  report.result =
      runner.run_explained(arguments.seed, arguments.trace || operations <= kept_operations_max);
  if (report.result.verdict == Verdict::violated) {
    report.fix = find_fix(report.settings, report.fleet, arguments.seed, report.result.happenings);
  }

  Outcome outcome;
  outcome.exit = exit_for(report.result.verdict);
  if (arguments.format == "json") {
    outcome.output = run_json(report, arguments.trace);
  } else if (arguments.format == "csv") {
    outcome.output = run_csv(report);
  } else {
    const bool color =
        arguments.color == "always" || (arguments.color == "auto" && environment.terminal &&
                                        !environment.no_color && arguments.output.empty());
    outcome.output = run_text(report, {.color = color});
    if (arguments.trace) {
      outcome.output += trace_text(report);
    }
  }
  if (!arguments.output.empty()) {
    file.write(outcome.output);
    outcome.output.clear();
  }
  return outcome;
}

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

Outcome list(const std::vector<std::string>& rest) {
  const auto asks_for_help = [](const std::string& word) {
    return word == "--help" || word == "-h";
  };
  if (std::any_of(rest.begin(), rest.end(), asks_for_help)) {
    return {Exit::as_expected, list_help(), ""};
  }
  if (rest.size() > 1) {
    throw UsageError(
        "`racelab list` takes one of strategies, scenarios, hazards, faults, or nothing");
  }
  const std::string what = rest.empty() ? "" : rest.front();
  if (what.starts_with('-')) {
    throw UsageError("`racelab list` has no option '" + what +
                     "'; `racelab list --help` says what it takes");
  }
  const std::vector<std::string> kinds{"strategies", "scenarios", "hazards", "faults"};
  std::string text;
  for (const std::string& kind : kinds) {
    if (!what.empty() && what != kind) {
      continue;
    }
    text += text.empty() ? "" : "\n";
    text += kind == "strategies"  ? list_strategies_text()
            : kind == "scenarios" ? list_scenarios_text(listed_scenarios())
            : kind == "hazards"   ? list_hazards_text()
                                  : list_faults_text();
  }
  if (text.empty()) {
    const std::string near = nearest(what, kinds);
    throw UsageError("there is nothing to list called '" + what + "'; " +
                     (near.empty() ? "there are strategies, scenarios, hazards and faults"
                                   : "did you mean '" + near + "'?"));
  }
  return {Exit::as_expected, text, ""};
}

// What to say of a word that is no command: most often it is the scenario of a `run` that was left out.
std::string unknown_command(const std::string& command) {
  const std::string begin = "there is no command '" + command + "'; ";
  if (names_scenario(command)) {
    return begin + "did you mean `racelab run " + command + "`?";
  }
  const std::string near = nearest(command, commands());
  return begin + (near.empty() ? "there are run, list and help" : "did you mean '" + near + "'?");
}

Outcome dispatch(const std::vector<std::string>& arguments, const Environment& environment) {
  if (arguments.empty()) {
    return {Exit::bad_usage, "", general_help()};
  }
  const std::string& command = arguments.front();
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (command == "run") {
    return run(rest, environment);
  }
  if (command == "list") {
    return list(rest);
  }
  if (command == "--version") {
    return {Exit::as_expected, "racelab " RACELAB_VERSION "\n", ""};
  }
  if (command == "--help" || command == "-h" || command == "help") {
    if (!rest.empty() && rest.front() == "run") {
      return {Exit::as_expected, run_help(), ""};
    }
    if (!rest.empty() && rest.front() == "list") {
      return {Exit::as_expected, list_help(), ""};
    }
    if (rest.empty()) {
      return {Exit::as_expected, general_help(), ""};
    }
    return dispatch({rest.front()}, environment);  // says that there is no such command
  }
  throw UsageError(unknown_command(command));
}

}  // namespace

Outcome run_command_line(const std::vector<std::string>& arguments,
                         const Environment& environment) {
  try {
    return dispatch(arguments, environment);
  } catch (const UsageError& error) {
    return {Exit::bad_usage, "", "racelab: " + one_line(error.what()) + "\n"};
  } catch (const std::bad_alloc&) {
    return {Exit::gave_up, "", "racelab: out of memory; fewer clients or operations need less\n"};
  }
}

}  // namespace racelab
