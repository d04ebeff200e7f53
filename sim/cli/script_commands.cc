// The commands for scenarios with endpoints in SQL.
#include "sim/cli/script_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "sim/cli/databases_command.h"
#include "sim/cli/server_flags.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/drivers/host.h"
#include "sim/explore/explore_on.h"
#include "sim/parse/idempotency_key.h"
#include "sim/report/script_words.h"

namespace racelab {

namespace {

// Whether it says that it withstands a hazard at a level.
bool withstands(const Script& script, std::string_view hazard, sql::Isolation level) {
  return std::any_of(
      script.withstands.begin(), script.withstands.end(),
      [&](const Script::Withstood& it) { return it.hazard == hazard && level >= it.from; });
}

// One hazard alone: without the faults of the others.
void leave_only(ScriptSetup& setup, Hazard hazard) {
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    if (hazard_of(static_cast<FaultKind>(kind)) != hazard) {
      setup.faults.settings[kind] = {};
      setup.faults.settings[kind].max = 0;
    }
  }
  if (hazard != Hazard::race) {
    setup.plan.resize(1);
    setup.parameters.resize(1);
  }
}

// Orders in which a check is broken, whatever else is wrong.
OrderCount orders_breaking_checks(const ScriptExploration& found) {
  OrderCount orders = 0;
  for (std::size_t i = 0; i < found.outcomes.size(); ++i) {
    if (!found.outcomes[i].ending->checks_hold()) {
      orders += found.odds.by_outcome[i];
    }
  }
  return orders;
}

ScriptCell verify_cell(const parse::ScriptScenario& scenario, ScriptSetup setup,
                       const std::string& strategy, sql::Isolation level, const Limits& limits) {
  setup.rules.isolation = level;
  if (const std::string problem = problem_with_exploring(setup); !problem.empty()) {
    throw UsageError(problem);
  }
  ScriptCell cell;
  cell.strategy = strategy;
  cell.isolation = isolation_text(level);
  std::vector<Hazard> open;  // that some endpoint of it does not withstand
  for (const HazardDescription& it : hazard_descriptions) {
    if (!scenario.settings.hazards.contain(it.hazard)) {
      continue;
    }
    bool all = true;
    for (const auto& plan : setup.plan) {
      for (const std::size_t script : plan) {
        all = all && withstands(*setup.scripts[script], it.name, level);
      }
    }
    if (!all) {
      open.push_back(it.hazard);
    }
  }
  cell.withstands = open.empty();
  ExploreOptions options;
  options.limits = limits;
  options.examples = false;
  ScriptExploration found = explore(setup, options);
  if (scenario.judged_by_checks && found.verdict != Verdict::gave_up) {
    found.odds.orders_violating = orders_breaking_checks(found);
    found.verdict = found.odds.orders_violating > 0 ? Verdict::violated : Verdict::holds;
  }
  cell.explored = found.verdict;
  cell.orders = found.odds.orders;
  cell.orders_violating = found.odds.orders_violating;
  if (found.verdict == Verdict::gave_up) {
    return cell;
  }
  if (cell.withstands && found.verdict != Verdict::holds) {
    cell.problem = "it says that it withstands " +
                   std::string(scenario.settings.hazards.empty() ? "everything" : "all of it") +
                   ", and " + found.odds.orders_violating.str() + " of " + found.odds.orders.str() +
                   " orders fail";
  }
  for (const Hazard hazard : open) {
    ScriptSetup alone = setup;
    leave_only(alone, hazard);
    const bool same = open.size() == 1 && hazard == Hazard::race;
    if ((same ? found.verdict : explore(alone, options).verdict) != Verdict::violated) {
      cell.problem = "it does not say that it withstands " +
                     std::string(hazard_descriptions[static_cast<std::size_t>(hazard)].name) +
                     ", and every order holds";
    }
  }
  return cell;
}

// Every strategy, and, where calls may be repeated, each endpoint with an idempotency key.
std::vector<std::string> strategies_to_verify(const parse::ScriptScenario& scenario) {
  const Hazards& hazards = scenario.settings.hazards;
  const bool may_repeat = hazards.contain(Hazard::repeat) || hazards.contain(Hazard::overlap) ||
                          hazards.contain(Hazard::crash);
  std::vector<std::string> all;
  const auto add = [&all](const std::string& strategy) {
    if (std::find(all.begin(), all.end(), strategy) == all.end()) {
      all.push_back(strategy);
    }
  };
  for (const std::string& strategy : scenario.strategies) {
    add(strategy);
    if (may_repeat && strategy.find_first_of(",:+") == std::string::npos) {
      add(strategy + '+' + std::string(parse::idempotency_key));
    }
  }
  return all;
}

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
  Verdict worst = Verdict::holds;
  for (const ScriptReport& report : reports) {
    const Verdict one = report.exploration.verdict;
    if (one == Verdict::violated || worst == Verdict::holds) {
      worst = worst == Verdict::violated ? worst : one;
    }
  }
  return worst;
}

// Every order of a report's experiment on a real server, which the scenario is laid out on.
static void explore_on_into(ScriptReport& report, const LoadedScripts& scripts, drivers::Host& host,
                            const Arguments& arguments, Watch& watch) {
  const std::unique_ptr<RealServer> server =
      host.server_for(*report.setup, scripts.files.texts.setup.text, drivers::Numbers::in_millions);
  const double start = watch.seconds();
  ExploreOnOptions options;
  options.orders_max = arguments.orders_max > 0 ? arguments.orders_max : options.orders_max;
  options.steps_max = static_cast<std::uint32_t>(arguments.steps_max);
  options.go_on = [&watch](std::uint64_t done) { return watch.go_on("order", done); };
  report.exploration = explore_on(*report.setup, *server, options);
  report.on = server->version();
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
    return explore_on_several(scripts, arguments, environment);
  }
  OutputFile file(arguments.output);
  Watch watch(arguments, environment);
  if (!arguments.order.empty()) {
    return explore_one_order(scripts, arguments, environment, watch.limits(), file);
  }
  std::unique_ptr<drivers::Host> host;
  if (!arguments.on.empty()) {
    watch.now_at("starting a server");
    host = start_server(arguments, environment);
  }
  for (ScriptReport& report : reports) {
    watch.now_at(report.strategy);
    if (host) {
      explore_on_into(report, scripts, *host, arguments, watch);
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
  const std::string text = arguments.format == "json"
                               ? script_json(reports)
                               : page_text(script_page(reports), style_for(arguments, environment));
  return deliver(exit_for(worst_of(reports)), text, file, arguments);
}

ScriptVerification verify_scripts(const std::string& name, const Limits& limits,
                                  std::vector<double>& seconds) {
  const parse::ScriptScenario scenario = parse::compile(load_folder(name), {});
  ScriptVerification made;
  made.scenario = name;
  for (const HazardDescription& it : hazard_descriptions) {
    if (scenario.settings.hazards.contain(it.hazard)) {
      made.hazards += (made.hazards.empty() ? "" : ", ") + std::string(it.name);
    }
  }
  for (const std::string& strategy : strategies_to_verify(scenario)) {
    std::optional<ScriptSetup> setup;
    std::string why_not;
    try {
      setup = parse::setup_of(scenario, strategy);
    } catch (const parse::Problem& problem) {  // it takes no protection
      why_not = problem.what();
    }
    for (const sql::Isolation level :
         {sql::Isolation::read_committed, sql::Isolation::repeatable_read,
          sql::Isolation::serializable}) {
      if (setup) {
        const auto start = std::chrono::steady_clock::now();
        made.cells.push_back(verify_cell(scenario, *setup, strategy, level, limits));
        seconds.push_back(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      } else {
        ScriptCell& cell = made.cells.emplace_back();
        cell.strategy = strategy;
        cell.isolation = isolation_text(level);
        cell.why_not = why_not;
        seconds.push_back(0);
      }
    }
  }
  return made;
}

}  // namespace racelab
