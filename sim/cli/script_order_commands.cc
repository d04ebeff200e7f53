// One order of endpoints in SQL: drawn again, or explained.
#include <algorithm>

#include "sim/cli/result_page.h"
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

std::string page_of(const LoadedScripts& scripts, const ScriptExplanation& report,
                    const Arguments& arguments, const std::string& built) {
  const ScriptOrderReport& order = report.order;
  const std::unique_ptr<SteppedWorld> world =
      world_of(scripts, order.strategy, order.order.issued, page_states_max);
  return result_page(built, arguments,
                     {.result = script_explain_json(report),
                      .text = page_text(script_explain_page(report), {}),
                      .shown = shown_json(scripts.files.texts, scripts.scenario, order.scenario),
                      .commands = {order.command_for("replay"), order.command_for("step"),
                                   order.command("step", order.strategy)},
                      .way = way_of(*world, order.order.word())});
}

CommandResult deliver_explanation(const LoadedScripts& scripts, const ScriptExplanation& report,
                                  const Arguments& arguments, ResultFile& result,
                                  const Environment& environment) {
  std::string text =
      arguments.format == "mermaid" ? script_explain_mermaid(report)
      : arguments.format == "json"  ? script_explain_json(report)
      : arguments.format == "html"
          ? page_of(scripts, report, arguments, result.built)
          : page_text(script_explain_page(report), style_for(arguments, environment));
  return deliver(report.order.order.outcome.violated() ? Exit::violated : Exit::as_expected,
                 std::move(text), result.file, arguments);
}

// Nothing to explain: what exploring says of all that was looked at.
CommandResult deliver_nothing(const LoadedScripts& scripts,
                              const std::vector<ScriptReport>& reports, const Arguments& arguments,
                              ResultFile& result, const Environment& environment) {
  std::string text =
      arguments.format == "mermaid"
          ? mermaid_of_nothing(reports.front().scenario, page_text(script_page(reports), {}))
      : arguments.format == "json" ? script_json(reports)
      : arguments.format == "html"
          ? explored_page(scripts, reports, arguments, result.built)
          : page_text(script_page(reports), style_for(arguments, environment));
  return deliver(exit_for(worst_of(reports)), std::move(text), result.file, arguments);
}

}  // namespace

std::string explored_page(const LoadedScripts& scripts, const std::vector<ScriptReport>& reports,
                          const Arguments& arguments, const std::string& built) {
  const ScriptReport& first = reports.front();
  PageContents contents{.result = script_json(reports),
                        .text = page_text(script_page(reports), {}),
                        .shown = shown_json(scripts.files.texts, scripts.scenario, first.scenario)};
  if (reports.size() == 1) {
    if (first.exploration.counterexample && first.on.empty()) {
      const ScriptOrderReport order{first, {}, first.token};
      contents.commands = {order.command_for("explain"), order.command_for("step")};
    }
    contents.commands.push_back(first.command("step", first.strategy));
  }
  if (reports.size() == 1 && first.on.empty()) {  // what a server took is not walked through here
    contents.start = start_of(*world_of(scripts, first.strategy, {}, page_states_max));
    if (const std::optional<ScriptOrder>& order = first.exploration.counterexample) {
      contents.way =
          way_of(*world_of(scripts, first.strategy, order->issued, page_states_max), order->word());
    }
  }
  return result_page(built, arguments, contents);
}

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
  ResultFile result(arguments);
  LoadedScripts scripts = contents.scripts;
  if (other) {
    Flags flags = scripts.flags;
    const Flags given = script_flags(arguments);
    flags.insert(flags.end(), given.begin(), given.end());
    scripts = load_scripts(scripts.files, flags);
  }
  const ScriptExplanation explanation =
      explanation_of(scripts, other ? *other : contents.order, watch.limits());
  return deliver_explanation(scripts, explanation, arguments, result, environment);
}

CommandResult explain_script(const Arguments& arguments, const Environment& environment) {
  const LoadedScripts scripts = load_scripts(load_script_files(arguments), script_flags(arguments));
  const std::vector<std::string>& strategies =
      arguments.strategies.empty() ? scripts.scenario.strategies : arguments.strategies;
  ResultFile result(arguments);
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
      return deliver_explanation(scripts, explanation, arguments, result, environment);
    }
  }
  return deliver_nothing(scripts, reports, arguments, result, environment);
}

}  // namespace racelab
