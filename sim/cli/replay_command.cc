// racelab replay: one order again, or the same order under another strategy.
#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/report/explain.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "replay",
    .sentence = "the order that a token names, again, or under another strategy",
    .usage =
        "usage: racelab replay TOKEN [--strategy OTHER] [--isolation LEVEL] [option...]\n"
        "\n"
        "The order that a token names, again; the token comes from `racelab explore`.\n"
        "With --strategy or --isolation, the same order under it, side by side: each\n"
        "letter runs its client's next step; one that is blocked is held until it can\n"
        "run, one whose client has finished is dropped, and what is left runs to its end\n"
        "in letter order. A fault stays with its client's attempt: it moves to the nearest\n"
        "such point, or is dropped.\n"
        "\n"
        "The token of an order of SQL files of yours goes with them:\n"
        "\n"
        "  racelab replay TOKEN ./shop\n"
        "  racelab replay TOKEN --setup schema.sql --endpoint buy.sql\n",
    .exits = "0 holds, 1 what it shows (the last of two executions) violates, 2 bad usage",
    .flags = {"strategy", "setup", "endpoint", "check", "seconds-max", "format", "output", "color"},
    .settings = {"isolation"},
    .names_max = 2,
    .name_word = "token",
    .words = {{"strategy", "another strategy, for the same order"}},
};

// Beyond this an order is drawn without chances: they need all of its graph.
constexpr std::uint64_t states_max = 500'000;

}  // namespace

bool is_token(const std::string& name) {
  return name.find(':') != std::string::npos && !names_scenario(name.substr(0, name.find(':'))) &&
         (std::count(name.begin(), name.end(), ':') > 1 || !names_scenario(name));
}

void refuse_files(const Arguments& arguments) {
  if (arguments.names.size() > 1) {
    throw UsageError("a token names its scenario: what is '" + arguments.names[1] +
                     "' behind it? (A folder goes with the token of an order of SQL files.)");
  }
  if (!arguments.setup.empty() || !arguments.endpoints.empty() || !arguments.check.empty()) {
    throw UsageError(
        "--setup, --endpoint and --check go with the token of an order of SQL files, and this one "
        "names its scenario");
  }
}

OrderReport read_order(const std::string& token, const Limits& limits) {
  const TokenContents contents = read_token(token);
  const Experiment& experiment = contents.experiment;
  Setup setup(experiment.settings, experiment.fleet);
  setup.world.clients.issued = contents.issued;
  Model model(setup);
  const Followed followed = follow(model, contents.word);
  if (!followed.problem.empty()) {
    throw UsageError(followed.problem);
  }
  if (!followed.ended) {
    throw UsageError("the order '" + contents.word +
                     "' stops too early: after it something can still happen");
  }
  Limits bounded = limits;
  bounded.states = std::min(limits.states, states_max);
  return order_report(experiment, walk_order(experiment.settings, experiment.fleet, contents.issued,
                                             followed.moves, bounded));
}

SameOrderReport same_order_report(const OrderReport& order, const Settings& settings,
                                  const Fleet& fleet, SameOrder same) {
  SameOrderReport report(static_cast<const Experiment&>(order));
  report.settings = settings;
  report.fleet = fleet;
  report.same = std::move(same);
  report.order.issued = order.order.issued;
  report.order.clients = order.order.clients;
  report.order.operations = order.order.operations;
  report.order.moves = report.same.moves;
  report.order.outcome = report.same.outcome;
  report.result = replay(settings, fleet, order.order.issued, report.same.moves);
  report.token = token_of(report);
  return report;
}

std::optional<SameOrderReport> same_order_under(const OrderReport& order,
                                                const Arguments& arguments, const Limits& limits) {
  if (arguments.strategies.empty() && arguments.settings.empty()) {
    return std::nullopt;
  }
  Scenario changed;
  changed.settings = order.settings;
  for (const auto& [key, value] : arguments.settings) {
    if (key != "isolation") {
      throw UsageError("a token has its settings in it: '--" + key + "' goes with a scenario");
    }
    if (const std::string problem = apply(changed, key, value); !problem.empty()) {
      throw UsageError(problem);
    }
  }
  const Settings& settings = changed.settings;
  const Fleet fleet = load_fleet(
      arguments.strategies.empty() ? name_of(order.fleet) : arguments.strategies.front(), settings);
  SameOrder same = same_order(settings, fleet, order.order.issued, order.order.moves, limits.steps);
  if (!same.ended) {
    throw UsageError("this order has more than " + std::to_string(limits.steps) + " steps there");
  }
  SameOrderReport report = same_order_report(order, settings, fleet, std::move(same));
  Limits bounded = limits;
  bounded.states = std::min(limits.states, states_max);
  report.order = walk_order(settings, fleet, order.order.issued, report.same.moves, bounded);
  return report;
}

const CommandSyntax& replay_syntax() { return syntax; }

CommandResult replay_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  if (arguments.names.empty()) {
    throw UsageError("which token? `racelab explore two-writers` prints one");
  }
  const TokenParts token = parts_of_token(arguments.names.front());
  if (is_script_token(token)) {
    return replay_script(token, arguments, environment);
  }
  refuse_files(arguments);
  Watch watch(arguments, environment);
  Limits limits;
  limits.go_on = watch.limits().go_on;
  ReplayReport report;
  report.order = read_order(arguments.names.front(), limits);
  report.other = same_order_under(report.order, arguments, limits);
  OutputFile file(arguments.output);
  const Verdict verdict = report.other ? report.other->result.verdict : report.order.result.verdict;
  std::string text = arguments.format == "json"
                         ? replay_json(report)
                         : replay_text(report, style_for(arguments, environment));
  return deliver(exit_for(verdict), std::move(text), file, arguments);
}

}  // namespace racelab
