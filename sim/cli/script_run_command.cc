// racelab run, for endpoints in SQL.
#include <algorithm>

#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/explore/script_runner.h"
#include "sim/kernel/stop.h"
#include "sim/report/script_run_report.h"
#include "sim/report/timeline.h"

namespace racelab {

namespace {

// Every event is kept up to so many operations.
constexpr std::uint64_t kept_operations_max = 5'000;

// Every order, where that takes no time that anybody would notice; and of a violation what holds instead.
void prove(ScriptRunReport& report, const ScriptFiles& files, const Arguments& arguments,
           Watch& watch) {
  try {
    const LoadedScripts scripts = load_scripts(files, script_flags(arguments));
    ScriptReport explored;
    static_cast<ScriptExperiment&>(explored) = experiment_of(scripts, report.strategy);
    ExploreOptions options;
    options.limits = watch.limits();
    options.limits.states = 10'000;
    options.examples = report.run.result.verdict == Verdict::violated;
    ScriptExploration all = explore(*explored.setup, options);
    if (!all.complete()) {
      return;
    }
    if (all.counterexample) {
      report.smallest = "racelab explain " +
                        token_of(scripts, report.strategy, all.counterexample->issued,
                                 all.counterexample->word()) +
                        explored.where;
    }
    if (all.verdict == Verdict::violated) {
      explored.exploration.verdict = Verdict::violated;
      find_that_hold(explored, scripts, watch);
      report.that_hold = explored.that_hold;
    }
    report.proof = std::move(all);
  } catch (const UsageError&) {
    // It may be too large to be explored: then there is no proof.
  }
}

}  // namespace

CommandResult run_scripts(const Arguments& arguments, const Environment& environment) {
  const ScriptFiles files = load_script_files(arguments);
  const LoadedScripts scripts =
      load_scripts(files, script_flags(arguments), parse::Purpose::timed_runs);
  if (arguments.strategies.size() > 1) {
    throw UsageError("a run is of one --strategy; `racelab compare` takes several");
  }
  const std::string& strategy = arguments.strategies.empty() ? scripts.scenario.strategies.front()
                                                             : arguments.strategies.front();
  ScriptRunReport report;
  static_cast<ScriptExperiment&>(report) = experiment_of(scripts, strategy);
  report.first_of = arguments.strategies.empty() ? scripts.scenario.strategies.size() : 0;
  OutputFile file(arguments.output);
  Watch watch(arguments, environment);
  std::uint64_t operations = 0;
  std::uint32_t most = 0;
  for (const auto& plan : report.setup->plan) {
    operations += plan.size();
    most = std::max(most, static_cast<std::uint32_t>(plan.size()));
  }
  report.run.settings = report.setup->settings;
  report.run.settings.clients = static_cast<std::uint32_t>(report.setup->plan.size());
  report.run.settings.operations = most;
  ScriptRunner runner(report.setup);
  report.run.result = runner.run(arguments.seed, operations <= kept_operations_max, true);
  const bool stopped = report.run.result.end == World::End::gave_up && stop_asked();
  if (!stopped && arguments.format == "text") {
    prove(report, files, arguments, watch);
  }
  EventTeller events;
  if (arguments.trace) {
    events = [&](TraceReader& reader) {
      return !stopped && runner.tell_events(arguments.seed, reader);
    };
  }
  const auto tell = [&](const Sink& sink) {
    bool all = true;
    if (arguments.format == "json") {
      all = write_run_json(report, events, sink);
    } else if (arguments.format == "csv") {
      sink(script_run_csv(report));
    } else {
      sink(page_text(script_run_page(report), style_for(arguments, environment)));
      all = !events || write_trace(report.run, events, sink);
    }
    return exit_of_traced(report.run.result.verdict, all);
  };
  return deliver(tell, file, arguments, environment);
}

}  // namespace racelab
