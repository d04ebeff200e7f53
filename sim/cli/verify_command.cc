// racelab verify: every strategy in every scenario, the derived verdict against the explored one.
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
                "\nExit code: 0 every verdict is as derived, 1 some is not, 2 bad usage.\n",
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
  const std::size_t cells = report.combinations.size() * report.scenarios.size();
  for (const Combination& combination : report.combinations) {
    for (const VerifyReport::Column& scenario : report.scenarios) {
      watch.now_at(std::to_string(report.cells.size() + 1) + " of " + std::to_string(cells) + ", " +
                   combination.name() + " in " + scenario.scenario);
      report.cells.push_back(verify(scenario.settings, combination, watch.limits()));
    }
  }
  const std::string text = arguments.format == "json" ? verify_json(report)
                           : arguments.format == "markdown"
                               ? verify_markdown(report)
                               : verify_text(report, style_for(arguments, environment));
  return deliver(report.as_derived() ? Exit::as_expected : Exit::violated, text, file, arguments);
}

}  // namespace racelab
