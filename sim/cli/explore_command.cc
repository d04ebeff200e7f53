// racelab explore: every order.
#include "sim/cli/commands.h"
#include "sim/cli/result_page.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "explore",
    .sentence = "every order: a verdict that is a proof, exact odds, the smallest counterexample",
    .usage =
        "usage: racelab explore SCENARIO [--strategy S] [option...]\n"
        "\n"
        "Every order of the statements, and every place for each fault that has a budget:\n"
        "a verdict that is a proof, exact odds, every outcome, the smallest counterexample.\n"
        "A fault's budget is its .max (or no limit, when it has only a .rate).\n"
        "\n"
        "  racelab explore two-writers\n"
        "  racelab explore two-writers --strategy optimistic-version --clients 3\n"
        "  racelab explore two-writers --strategy atomic-increment --lose-reply.max 1\n"
        "  racelab explore two-writers --clients 12 --rows 12 --odds none\n"
        "  racelab explore two-writers --format html --output orders.html\n"
        "\n"
        "With several --strategy a table compares them. A scenario with endpoints in SQL\n"
        "(a folder) is explored alike; without --strategy, all its endpoints in a table.\n"
        "\n"
        "  racelab explore on-call-doctors\n"
        "  racelab explore --setup schema.sql --endpoint buy.sql --param item=1\n"
        "  racelab explore on-call-doctors --on postgresql --on mariadb --on sqlite\n"
        "\n"
        "A spec file of PostgreSQL's isolation tester is explored as it stands: the\n"
        "permutations that it lists, or all; --format isolation prints them as the tester\n"
        "does.\n"
        "\n"
        "  racelab explore simple-write-skew.spec --on postgresql --format isolation\n",
    .exits = "0 holds, 1 a violation was found, 2 bad usage, 3 gave up",
    .flags = {"client",          "strategy",     "setup",           "endpoint",       "check",
              "param",           "order",        "time-passes.max", "time-passes.by", "on",
              "shared-database", "as-superuser", "orders-max",      "engine",         "odds",
              "no-symmetry",     "no-parts",     "states-max",      "steps-max",      "memory-max",
              "seconds-max",     "watch",        "format",          "output",         "color"},
    .takes_settings = true,
    .several_strategies = true,
    .formats = {"text", "json", "html", "isolation"},
    .words =
        {{"strategy",
          "how the service writes; may be given again (default read-modify-write; of endpoints "
          "in SQL all)"},
         {"order", "this order alone (endpoints in SQL)"}},
};

// The worst of several: a violation is certain, whatever else was given up.
Verdict verdict_of(const std::vector<ExploreReport>& reports) {
  Verdict verdict = Verdict::holds;
  for (const ExploreReport& report : reports) {
    const Verdict one = report.exploration.verdict;
    if (one == Verdict::violated || verdict == Verdict::holds) {
      verdict = verdict == Verdict::violated ? verdict : one;
    }
  }
  return verdict;
}

}  // namespace

const CommandSyntax& explore_syntax() { return syntax; }

CommandResult explore_command(const std::vector<std::string>& rest,
                              const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  if (asks_for_spec(arguments)) {
    return explore_spec_file(arguments, environment);
  }
  if (arguments.format == "isolation") {
    throw UsageError(
        "--format isolation is for spec files of PostgreSQL's isolation tester: FILE.spec");
  }
  if (asks_for_scripts(arguments)) {
    return explore_scripts(arguments, environment);
  }
  refuse_flags_of_scripts(arguments);
  std::vector<Experiment> experiments;
  for (const std::string& strategy : arguments.strategies_or_default()) {
    experiments.push_back(load_experiment(syntax, arguments, strategy, For::exploration));
  }
  ResultFile result(arguments);
  Watch watch(arguments, environment);
  std::vector<ExploreReport> reports;
  for (Experiment& experiment : experiments) {
    watch.now_at(name_of(experiment.fleet));
    reports.push_back(explore_report(std::move(experiment), arguments, watch));
  }
  std::string text = arguments.format == "json" ? explore_json(reports)
                     : arguments.format == "html"
                         ? explored_page(reports, arguments, result.built)
                         : explore_text(reports, style_for(arguments, environment));
  return deliver(exit_for(verdict_of(reports)), std::move(text), result.file, arguments);
}

}  // namespace racelab
