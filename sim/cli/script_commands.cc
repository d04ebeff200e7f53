// The commands for scenarios with endpoints in SQL.
#include "sim/cli/script_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "sim/cli/databases_command.h"
#include "sim/cli/result_page.h"
#include "sim/cli/server_flags.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"
#include "sim/explore/explore_on.h"

namespace racelab {

namespace {

// The order of a word, with what is unfinished behind it.
CommandResult explore_one_order(const LoadedScripts& scripts, const Arguments& arguments,
                                const Environment& environment, const Limits& limits,
                                OutputFile& file) {
  const std::string& strategy = arguments.strategies.empty() ? scripts.scenario.strategies.front()
                                                             : arguments.strategies.front();
  const ScriptExperiment experiment = experiment_of(scripts, strategy);
  const ScriptSetup& setup = *experiment.setup;
  OneAtATime rule(setup);
  const FollowedScript followed =
      follow(setup, rule, all_issued(setup), arguments.order, Behind::the_rest);
  if (!followed.problem.empty()) {
    throw UsageError(followed.problem);
  }
  const ScriptOrderReport report =
      order_report(scripts, experiment,
                   drawn_with_chances(setup, rule, all_issued(setup), followed.moves, limits));
  return deliver(report.order.outcome.violated() ? Exit::violated : Exit::as_expected,
                 page_text(script_order_page(report), style_for(arguments, environment)), file,
                 arguments);
}

}  // namespace

void find_that_hold(ScriptReport& report, const LoadedScripts& scripts, Watch& watch) {
  constexpr std::size_t shown_max = 3;
  if (report.exploration.verdict != Verdict::violated) {
    return;
  }
  for (const std::string& other : scripts.scenario.strategies) {
    if (other == report.strategy || report.that_hold.size() == shown_max ||
        !watch.stopped_by().empty()) {
      continue;
    }
    ExploreOptions options;
    options.limits = watch.limits();
    options.limits.states = std::min<std::uint64_t>(options.limits.states, 200'000);
    options.examples = false;
    if (explore(parse::setup_of(scripts.scenario, other), options).verdict == Verdict::holds) {
      report.that_hold.push_back(other);
    }
  }
}

Verdict worst_of(const std::vector<ScriptReport>& reports) {
  const auto is_there = [](const ScriptReport& report) { return report.not_there.empty(); };
  if (std::none_of(reports.begin(), reports.end(), is_there)) {
    return Verdict::gave_up;
  }
  Verdict worst = Verdict::holds;
  for (const ScriptReport& report : reports) {
    if (!is_there(report)) {
      continue;
    }
    const Verdict one = report.exploration.verdict;
    if (one == Verdict::violated || worst == Verdict::holds) {
      worst = worst == Verdict::violated ? worst : one;
    }
  }
  return worst;
}

// Every order of a report's experiment on a real server, which the scenario is laid out on. `alone`: there is no other strategy.
static void explore_on_into(ScriptReport& report, const LoadedScripts& scripts, drivers::Host& host,
                            const Arguments& arguments, Watch& watch, bool alone) {
  const double start = watch.seconds();
  ExploreOnOptions options;
  options.orders_max = arguments.orders_max > 0 ? arguments.orders_max : options.orders_max;
  options.steps_max = static_cast<std::uint32_t>(arguments.steps_max);
  options.go_on = [&watch](std::uint64_t done) { return watch.go_on("order", done); };
  try {
    const std::unique_ptr<RealServer> server = host.server_for(
        *report.setup, scripts.files.texts.setup.text, drivers::Numbers::in_millions);
    report.on = server->version();
    report.exploration = explore_on(*report.setup, *server, options);
  } catch (const drivers::NotInThisDatabase& problem) {
    if (alone) {
      throw;
    }
    report.not_there = problem.what();
    return;
  }
  if (!host.note().empty()) {
    report.notes.push_back(host.note());
  }
  report.seconds = watch.seconds() - start;
  report.stopped_by = watch.stopped_by();
  if (report.exploration.counterexample) {
    const ScriptOrder& order = *report.exploration.counterexample;
    report.token = token_of(scripts, report.strategy, order.issued, order.word());
  }
}

void explore_into(ScriptReport& report, const LoadedScripts& scripts, Watch& watch,
                  ExploreOptions options) {
  const double start = watch.seconds();
  options.limits = watch.limits();
  report.exploration = explore(*report.setup, options);
  report.seconds = watch.seconds() - start;
  report.stopped_by = watch.stopped_by();
  if (report.exploration.counterexample) {
    const ScriptOrder& order = *report.exploration.counterexample;
    report.token = token_of(scripts, report.strategy, order.issued, order.word());
  }
}

CommandResult explore_scripts(const Arguments& arguments, const Environment& environment) {
  if (arguments.engine != "graph") {
    throw UsageError("endpoints in SQL are explored by states; --engine orders is for the others");
  }
  if (!arguments.odds) {
    throw UsageError(
        "endpoints in SQL are explored with their odds; --odds none is for the others");
  }
  if (!arguments.symmetry) {
    throw UsageError(
        "'--no-symmetry' means nothing for endpoints in SQL: their clients are always told apart");
  }
  const LoadedScripts scripts = load_scripts(load_script_files(arguments), script_flags(arguments));
  if (!arguments.on.empty()) {
    check_settings_for_server(scripts.scenario.settings);
  }
  const std::vector<std::string>& strategies =
      arguments.strategies.empty() ? scripts.scenario.strategies : arguments.strategies;
  std::vector<ScriptReport> reports;
  for (const std::string& strategy : strategies) {
    static_cast<ScriptExperiment&>(reports.emplace_back()) = experiment_of(scripts, strategy);
  }
  if (!arguments.order.empty() && !arguments.on.empty()) {
    throw UsageError("--order draws one order of the store; --on runs all of them on a server");
  }
  if (arguments.orders_max > 0 && arguments.on.empty()) {
    throw UsageError("--orders-max is for --on: the store is explored by states");
  }
  if (!arguments.order.empty() && (reports.size() != 1 || arguments.format != "text")) {
    throw UsageError("--order wants one --strategy, and is drawn as text");
  }
  check_server_flags(arguments);
  if (std::any_of(arguments.on.begin(), arguments.on.end(), drivers::names_their_server)) {
    drivers::check_files(scripts.files.texts, scripts.scenario);
  }
  if (arguments.on.size() > 1) {
    if (arguments.format == "html") {
      throw UsageError("several databases are compared as text or json: there is no page of it");
    }
    return explore_on_several(scripts, arguments, environment);
  }
  ResultFile result(arguments);
  Watch watch(arguments, environment);
  if (!arguments.order.empty()) {
    return explore_one_order(scripts, arguments, environment, watch.limits(), result.file);
  }
  std::unique_ptr<drivers::Host> host;
  if (!arguments.on.empty()) {
    watch.now_at("starting a server");
    host = start_server(arguments, environment);
  }
  for (ScriptReport& report : reports) {
    watch.now_at(report.strategy);
    if (host) {
      explore_on_into(report, scripts, *host, arguments, watch, reports.size() == 1);
    } else {
      ExploreOptions options;
      options.apart = arguments.apart;
      options.examples = reports.size() == 1;
      explore_into(report, scripts, watch, options);
    }
  }
  if (reports.size() == 1 && !host) {
    find_that_hold(reports.front(), scripts, watch);
  }
  std::string text = arguments.format == "json" ? script_json(reports)
                     : arguments.format == "html"
                         ? explored_page(scripts, reports, arguments, result.built)
                         : page_text(script_page(reports), style_for(arguments, environment));
  return deliver(exit_for(worst_of(reports)), std::move(text), result.file, arguments);
}

}  // namespace racelab
