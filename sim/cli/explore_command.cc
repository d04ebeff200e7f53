// racelab explore: every order.
#include <chrono>

#include "sim/cli/commands.h"
#include "sim/cli/usage_error.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "explore",
    .usage =
        "usage: racelab explore SCENARIO [--strategy S] [option...]\n"
        "\n"
        "Every order of the statements, and every place for each fault that has a budget:\n"
        "a verdict that is a proof, exact odds, every outcome, the smallest counterexample.\n"
        "A fault's budget is its .max (or no limit, when it has only a .rate).\n"
        "\n"
        "  racelab explore two-writers\n"
        "  racelab explore two-writers --strategy optimistic-version --clients 3\n"
        "  racelab explore two-writers --strategy atomic-increment --lose-reply.max 1\n",
    .flags = {"strategy", "no-symmetry", "states-max", "steps-max", "seconds-max", "format",
              "output", "color"},
    .takes_settings = true,
};

}  // namespace

CommandResult explore_command(const std::vector<std::string>& rest,
                              const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected,
            help_text(syntax) +
                "\nExit code: 0 holds, 1 a violation was found, 2 bad usage, 3 gave up.\n",
            ""};
  }
  ExploreReport report(load_experiment(syntax, arguments, For::exploration));
  if (const std::string problem = problem_with_exploring(report.settings, report.fleet);
      !problem.empty()) {
    throw UsageError(problem);
  }
  OutputFile file(arguments.output);
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto seconds = [start] {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  ExploreOptions options;
  options.symmetry = report.symmetry = arguments.symmetry;
  options.limits.states = arguments.states_max;
  options.limits.steps = arguments.steps_max;
  options.limits.go_on = [&](std::uint64_t /*states*/, std::uint64_t /*transitions*/) {
    return arguments.seconds_max == 0 || seconds() < static_cast<double>(arguments.seconds_max);
  };
  report.exploration = explore(report.settings, report.fleet, options);
  report.seconds = seconds();
  if (report.exploration.counterexample) {
    OrderReport& order = report.counterexample.emplace(static_cast<const Experiment&>(report));
    order.order = *report.exploration.counterexample;
    order.result = replay(report.settings, report.fleet, order.order.issued, order.order.moves);
    order.token = token_of(order);
  }
  std::string text = arguments.format == "json"
                         ? explore_json(report)
                         : explore_text(report, style_for(arguments, environment));
  return deliver(exit_for(report.exploration.verdict), std::move(text), file, arguments);
}

}  // namespace racelab
