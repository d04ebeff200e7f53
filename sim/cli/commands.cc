// What the commands have in common: loading what they are about, and handing out what they found.
#include "sim/cli/commands.h"

#include <algorithm>

#include "sim/cli/client_flag.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/scenario/checked_workload.h"
#include "sim/scenario/conflicts.h"
#include "sim/scenario/options.h"

namespace racelab {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands{
      {"agree", agree_command, agree_syntax},
      {"compare", compare_command, compare_syntax},
      {"completion", completion_command, completion_syntax},
      {"explain", explain_command, explain_syntax},
      {"explore", explore_command, explore_syntax},
      {"host", host_command, host_syntax},
      {"learn", learn_command, learn_syntax},
      {"list", list_command, list_syntax},
      {"manual", manual_command, manual_syntax},
      {"merge", merge_command, merge_syntax},
      {"new", new_command, new_syntax},
      {"replay", replay_command, replay_syntax},
      {"run", run_command, run_syntax},
      {"show", show_command, show_syntax},
      {"step", step_command, step_syntax},
      {"verify", verify_command, verify_syntax},
  };
  return commands;
}

const Command* find_command(const std::string& name) {
  const auto found = std::find_if(all_commands().begin(), all_commands().end(),
                                  [&name](const Command& it) { return it.name == name; });
  return found == all_commands().end() ? nullptr : &*found;
}

Fleet load_fleet(const std::string& name, const Settings& settings) {
  ParsedFleet parsed = parse_fleet(name);
  if (!parsed.problem.empty()) {
    throw UsageError(parsed.problem);
  }
  for (const Combination& combination : parsed.fleet) {
    if (const std::string problem = problem_with(combination, settings); !problem.empty()) {
      throw UsageError(problem);
    }
  }
  if (parsed.fleet.size() > settings.clients) {
    throw UsageError("the fleet '" + name + "' has " + std::to_string(parsed.fleet.size()) +
                     " strategies for " + std::to_string(settings.clients) + " clients");
  }
  return parsed.fleet;
}

namespace {

// Flags that mean nothing in a timed run nor in what is explored instead of it.
void refuse_idle_flags(const Arguments& arguments, const Settings& timed,
                       const Settings& explored) {
  const std::vector<Conflict> idle_there = idle_in(explored);
  for (const Conflict& idle : idle_in(timed)) {
    const auto& key = idle.keys.front();
    const bool there = std::any_of(idle_there.begin(), idle_there.end(),
                                   [&key](const auto& other) { return other.keys.front() == key; });
    const bool given = std::any_of(arguments.settings.begin(), arguments.settings.end(),
                                   [&key](const auto& setting) { return setting.first == key; });
    if (there && given) {
      throw UsageError(idle.problem);
    }
  }
}

}  // namespace

Experiment load_experiment(const CommandSyntax& syntax, const Arguments& arguments, For what) {
  return load_experiment(syntax, arguments, arguments.strategies_or_default().front(), what);
}

Experiment load_experiment(const CommandSyntax& syntax, const Arguments& arguments,
                           const std::string& strategy, For what) {
  if (arguments.names.empty()) {
    throw UsageError("which scenario? for example `racelab " + syntax.name +
                     " two-writers`; `racelab list scenarios` shows them");
  }
  Experiment experiment;
  experiment.scenario = arguments.names.front();
  Scenario scenario = load_scenario(experiment.scenario);
  Scenario timed = scenario;
  if (what == For::exploration) {
    scenario.settings = twin_settings(scenario);
  }
  experiment.flags = flags_over(scenario.settings, arguments);
  if (const std::string problem = apply_over(scenario.settings, experiment.flags);
      !problem.empty()) {
    throw UsageError(problem);
  }
  apply_over(timed.settings, experiment.flags);
  if (const std::string problem = problem_with(scenario.settings); !problem.empty()) {
    throw UsageError(problem);
  }
  refuse_idle_flags(arguments, timed.settings, scenario.settings);
  experiment.settings = scenario.settings;
  experiment.fleet = load_fleet(strategy, scenario.settings);
  if (what == For::exploration) {
    if (const std::string problem = problem_with_exploring(experiment.settings, experiment.fleet);
        !problem.empty()) {
      // A setting that cannot be followed is named already, with the value that can.
      const bool too_large = problem != problem_with_timed_settings(experiment.settings);
      throw UsageError(problem + (too_large ? "; smaller settings are given as flags, or in the "
                                              "file as explore.KEY lines"
                                            : ""));
    }
  }
  experiment.row_names = row_names_of(workloads()[scenario.settings.workload], scenario.settings);
  return experiment;
}

OrderReport order_report(const Experiment& experiment, const WalkedOrder& order) {
  OrderReport report(experiment);
  report.order = order;
  report.result = replay(report.settings, report.fleet, order.issued, order.moves);
  report.token = token_of(report);
  return report;
}

ExploreReport explore_report(Experiment experiment, const Arguments& arguments, Watch& watch) {
  ExploreReport report(std::move(experiment));
  report.of_twin = !load_scenario(report.scenario).twin.empty();
  report.by_orders = arguments.engine == "orders";
  const double start = watch.seconds();
  if (report.by_orders) {
    report.symmetry = false;
    report.exploration = explore_by_orders(report.settings, report.fleet, watch.order_limits());
  } else {
    ExploreOptions options;
    options.symmetry = report.symmetry = arguments.symmetry;
    options.odds = arguments.odds;
    options.apart = arguments.apart;
    options.limits = watch.limits();
    report.exploration = explore(report.settings, report.fleet, options);
  }
  report.seconds = watch.seconds() - start;
  report.stopped_by = watch.stopped_by();
  if (report.exploration.counterexample) {
    report.counterexample = order_report(report, *report.exploration.counterexample);
  }
  for (const NearMissOrders& near_miss : report.exploration.near_misses) {
    std::optional<OrderReport>& order = report.near_misses.emplace_back();
    if (near_miss.smallest) {
      order = order_report(report, *near_miss.smallest);
    }
  }
  return report;
}

TextStyle style_for(const Arguments& arguments, const Environment& environment) {
  return {.color =
              arguments.color == "always" || (arguments.color == "auto" && environment.terminal &&
                                              !environment.no_color && arguments.output.empty())};
}

CommandResult deliver(Exit exit, std::string text, OutputFile& file, const Arguments& arguments) {
  if (arguments.output.empty()) {
    return {exit, std::move(text), ""};
  }
  file.write(text);
  return {exit, "", ""};
}

CommandResult deliver(const std::function<Exit(const Sink&)>& tell, OutputFile& file,
                      const Arguments& arguments, const Environment& environment) {
  CommandResult result;
  const auto& say = environment.conversation.say;
  if (!arguments.output.empty()) {
    file.write([&](const Sink& sink) { result.exit = tell(sink); });
  } else if (say && environment.rows == 0) {
    constexpr std::size_t piece_bytes = 65'536;
    std::string piece;
    result.exit = tell([&](std::string_view text) {
      piece += text;
      if (piece.size() >= piece_bytes) {
        say(std::exchange(piece, {}));
      }
    });
    say(piece);
  } else {
    result.exit = tell([&result](std::string_view text) { result.output += text; });
  }
  return result;
}

Exit exit_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::violated:
      return Exit::violated;
    case Verdict::gave_up:
    case Verdict::idle:
      return Exit::gave_up;
    case Verdict::holds:
      break;
  }
  return Exit::as_expected;
}

Exit exit_of_traced(Verdict verdict, bool all_told) {
  return verdict == Verdict::violated || all_told ? exit_for(verdict) : Exit::gave_up;
}

}  // namespace racelab
