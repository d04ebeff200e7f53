// One order of endpoints in SQL: drawn again, or explained.
#include <algorithm>

#include "sim/cli/script_commands.h"
#include "sim/cli/script_fixes.h"
#include "sim/cli/watch.h"
#include "sim/report/script_explain.h"

namespace racelab {

namespace {

// Why an order is wrong, and what would have been right.
ScriptExplanation explanation_of(const LoadedScripts& scripts, const ScriptOrderReport& order,
                                 const Limits& limits) {
  constexpr std::size_t ways_max = 24;  // four operations of four clients, one at a time
  ScriptExplanation report;
  report.order = order;
  if (!order.order.outcome.violated()) {
    return report;
  }
  OneAtATime rule(*order.setup);
  if (!order.order.outcome.ending->right) {
    report.serial = serial_endings(*order.setup, rule, order.order.issued, ways_max);
  }
  report.swap = find_swap(*order.setup, rule, order.order);
  ScriptFixes fixes = find_fixes(scripts, order, limits);
  report.fixes = std::move(fixes.fixes);
  report.fixes_unexplored = fixes.unexplored;
  return report;
}

CommandResult deliver_explanation(const ScriptExplanation& report, const Arguments& arguments,
                                  OutputFile& file, const Environment& environment) {
  std::string text = arguments.format == "mermaid" ? script_explain_mermaid(report)
                                                   : page_text(script_explain_page(report),
                                                               style_for(arguments, environment));
  return deliver(report.order.order.outcome.violated() ? Exit::violated : Exit::as_expected,
                 std::move(text), file, arguments);
}

// Nothing to explain: what exploring says of all that was looked at.
CommandResult deliver_nothing(const std::vector<ScriptReport>& reports, const Arguments& arguments,
                              OutputFile& file, const Environment& environment) {
  const std::string all = page_text(script_page(reports), {});
  std::string text = arguments.format == "mermaid"
                         ? mermaid_of_nothing(reports.front().scenario, all)
                         : page_text(script_page(reports), style_for(arguments, environment));
  return deliver(exit_for(worst_of(reports)), std::move(text), file, arguments);
}

}  // namespace

CommandResult replay_script(const TokenParts& token, const Arguments& arguments,
                            const Environment& environment) {
  Watch watch(arguments, environment);
  Limits limits;
  limits.go_on = watch.limits().go_on;
  const ScriptTokenContents contents = read_script_token(token, arguments, limits);
  ScriptReplay report;
  report.order = contents.order;
  report.other = same_order_under(contents, arguments, limits);
  OutputFile file(arguments.output);
  const ScriptOrder& last = report.other ? report.other->order : report.order.order;
  std::string text = arguments.format == "json"
                         ? script_replay_json(report)
                         : page_text(script_replay_page(report), style_for(arguments, environment));
  return deliver(last.outcome.violated() ? Exit::violated : Exit::as_expected, std::move(text),
                 file, arguments);
}

CommandResult explain_script(const TokenParts& token, const Arguments& arguments,
                             const Environment& environment) {
  Watch watch(arguments, environment);
  const ScriptTokenContents contents = read_script_token(token, arguments, watch.limits());
  const std::optional<ScriptSameReport> other =
      same_order_under(contents, arguments, watch.limits());
  OutputFile file(arguments.output);
  LoadedScripts scripts = contents.scripts;
  if (other) {
    Flags flags = scripts.flags;
    const Flags given = script_flags(arguments);
    flags.insert(flags.end(), given.begin(), given.end());
    scripts = load_scripts(scripts.files, flags);
  }
  return deliver_explanation(
      explanation_of(scripts, other ? *other : contents.order, watch.limits()), arguments, file,
      environment);
}

CommandResult explain_script(const Arguments& arguments, const Environment& environment) {
  const LoadedScripts scripts = load_scripts(load_script_files(arguments), script_flags(arguments));
  const std::vector<std::string>& strategies =
      arguments.strategies.empty() ? scripts.scenario.strategies : arguments.strategies;
  OutputFile file(arguments.output);
  Watch watch(arguments, environment);
  std::vector<ScriptReport> reports;
  for (const std::string& strategy : strategies) {
    ScriptReport& report = reports.emplace_back();
    static_cast<ScriptExperiment&>(report) = experiment_of(scripts, strategy);
    watch.now_at(strategy);
    explore_into(report, scripts, watch, {});
    if (report.exploration.counterexample) {
      ScriptExplanation explanation =
          explanation_of(scripts, order_report(scripts, report, *report.exploration.counterexample),
                         watch.limits());
      explanation.smallest = true;
      return deliver_explanation(explanation, arguments, file, environment);
    }
  }
  return deliver_nothing(reports, arguments, file, environment);
}

}  // namespace racelab
