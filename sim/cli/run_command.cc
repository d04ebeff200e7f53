// racelab run: one timed run.
#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/report/timeline.h"
#include "sim/scenario/fix.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

// Up to so many operations every event is kept; beyond, those that explain the first finding.
constexpr std::uint64_t kept_operations_max = 5'000;

const CommandSyntax syntax{
    .name = "run",
    .sentence = "one timed run: verdict, timeline, ledger, and why",
    .usage =
        "usage: racelab run SCENARIO [option...]\n"
        "\n"
        "One run: verdict, timeline, ledger, why, and what to type next. SCENARIO is a\n"
        "name that `racelab list scenarios` shows, or a file (with / or ending in .ini).\n"
        "\n"
        "  racelab run two-writers --strategy pessimistic-lock\n"
        "  racelab run hot-counter --clients 8 --lose-reply.rate 5% --seed 7\n"
        "  racelab run two-writers --strategy optimistic-version+idempotency-key\n"
        "  racelab run two-writers --strategy read-modify-write,atomic-increment\n"
        "\n"
        "A + wraps a strategy in a protection; a comma makes a mixed fleet, client by\n"
        "client. `racelab list strategies` names them. Endpoints in SQL run alike:\n"
        "\n"
        "  racelab run oversold-stock --strategy read-then-write --clients 5\n"
        "  racelab run ./shop --strategy buy --seed 7\n",
    .exits = "0 holds, 1 a violation was found, 2 bad usage, 3 gave up",
    .flags = {"client", "strategy", "setup", "endpoint", "check", "param", "deadlock-timeout",
              "seed", "seconds-max", "watch", "format", "output", "color", "trace"},
    .takes_settings = true,
    .formats = {"text", "json", "csv"},
};

// Every order, where that takes no time that anybody would notice.
void prove(RunReport& report, const Arguments& arguments) {
  try {
    const Experiment twin = load_experiment(syntax, arguments, For::exploration);
    ExploreOptions options;
    options.examples = report.result.verdict == Verdict::violated;
    options.limits.states = 10'000;
    Exploration every_order = explore(twin.settings, twin.fleet, options);
    if (every_order.counterexample) {
      report.smallest = order_report(twin, *every_order.counterexample);
    }
    if (every_order.complete()) {
      report.proof = std::move(every_order);
      report.proof_of_twin = std::any_of(
          racelab::options().begin(), racelab::options().end(), [&](const Option& option) {
            return option.get(twin.settings) != option.get(report.settings);
          });
    }
  } catch (const UsageError&) {
    // The fleet may have more strategies than the twin has clients, or the twin may be too large: then there is no proof.
  }
}

}  // namespace

const CommandSyntax& run_syntax() { return syntax; }

CommandResult run_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  if (asks_for_scripts(arguments)) {
    return run_scripts(arguments, environment);
  }
  refuse_flags_of_scripts(arguments);
  if (arguments.trace && arguments.format == "csv") {
    throw UsageError("a trace has no place in CSV's one line; --format json has it");
  }
  RunReport report(load_experiment(syntax, arguments, For::timed_runs));
  OutputFile file(arguments.output);
  const std::uint64_t operations =
      std::uint64_t{report.settings.clients} * report.settings.operations;
  const Watch watch(arguments, environment);
  Runner runner(report.settings, report.fleet);
  report.result = runner.run_explained(arguments.seed, operations <= kept_operations_max);
  const bool stopped = report.result.end == World::End::gave_up && stop_asked();
  if (report.result.verdict == Verdict::violated && !stopped) {
    report.fix = find_fix(report.settings, report.fleet, arguments.seed, report.result.happenings);
  }
  if (!stopped) {
    prove(report, arguments);
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
      sink(run_csv(report));
    } else {
      sink(run_text(report, style_for(arguments, environment)));
      all = !events || write_trace(report, events, sink);
    }
    return exit_of_traced(report.result.verdict, all);
  };
  return deliver(tell, file, arguments, environment);
}

}  // namespace racelab
