// racelab verify: every strategy in every scenario, the derived verdict against the explored one.
#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "verify",
    .usage =
        "usage: racelab verify [SCENARIO...] [option...]\n"
        "\n"
        "Every strategy, bare and with each protection, in every scenario: what follows from\n"
        "what the scenario threatens and the strategy claims to withstand, against what\n"
        "exploring every order finds.\n"
        "\n"
        "  racelab verify\n"
        "  racelab verify two-writers ./mine.ini\n",
    .flags = {"strategy", "states-max", "steps-max", "memory-max", "seconds-max", "format",
              "output", "color"},
    .several_strategies = true,
    .names_max = 1'000,
    .formats = {"text", "markdown", "json"},
};

}  // namespace

CommandResult verify_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected,
            help_text(syntax) +
                "\nExit code: 0 every verdict is as derived, 1 some is not, 2 bad usage,\n"
                "3 gave up.\n",
            ""};
  }
  std::vector<std::string> names = arguments.names;
  if (names.empty()) {
    for (const ListedScenario& scenario : listed_scenarios()) {
      names.push_back(scenario.name);
    }
  }
  VerifyReport report;
  for (const std::string& name : names) {
    report.scenarios.push_back({name, twin_settings(load_scenario(name))});
    if (const std::string problem = problem_with(report.scenarios.back().settings);
        !problem.empty()) {
      throw UsageError(problem);
    }
    if (const std::string problem = problem_with_exploring(report.scenarios.back().settings,
                                                           parse_fleet("read-modify-write").fleet);
        !problem.empty()) {
      if (arguments.names.empty()) {  // nobody asked for this one
        report.timed_only.push_back(name);
        report.scenarios.pop_back();
        continue;
      }
      throw UsageError(
          fmt::format("{}: {}; give it a small twin in explore.KEY lines", name, problem));
    }
  }
  for (const std::string& name : arguments.strategies) {
    const ParsedFleet parsed = parse_fleet(name);
    if (!parsed.problem.empty()) {
      throw UsageError(parsed.problem);
    }
    if (parsed.fleet.size() != 1) {
      throw UsageError("`racelab verify` takes strategies one by one, not the fleet '" + name +
                       "': --strategy may be given several times");
    }
    report.combinations.push_back(parsed.fleet.front());
  }
  if (report.combinations.empty()) {
    report.combinations = every_combination();
  }
  OutputFile file(arguments.output);
  Watch watch(arguments, environment);
  for (std::size_t row = 0; row < report.combinations.size(); ++row) {
    for (const VerifyReport::Column& scenario : report.scenarios) {
      watch.now_at(std::to_string(row + 1) + " of " + std::to_string(report.combinations.size()) +
                   " strategies, " + scenario.scenario);
      report.cells.push_back(verify(scenario.settings, report.combinations[row], watch.limits()));
    }
    if (!watch.stopped_by().empty()) {  // somewhere in this row
      report.left_out = report.combinations.size() - row;
      report.combinations.resize(row);
      report.cells.resize(row * report.scenarios.size());
      break;
    }
  }
  const std::string text = arguments.format == "json" ? verify_json(report)
                           : arguments.format == "markdown"
                               ? verify_markdown(report)
                               : verify_text(report, style_for(arguments, environment));
  const Exit exit = report.refuted() > 0                       ? Exit::violated
                    : report.open() > 0 || report.left_out > 0 ? Exit::gave_up
                                                               : Exit::as_expected;
  return deliver(exit, text, file, arguments);
}

}  // namespace racelab
