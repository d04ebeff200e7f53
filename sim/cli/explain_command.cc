// racelab explain: the smallest counterexample, or a given order, drawn and told.
#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/result_page.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/explore/order_fixes.h"
#include "sim/report/explain.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "explain",
    .sentence = "the smallest counterexample drawn, why it is wrong, and what helps",
    .usage =
        "usage: racelab explain SCENARIO|TOKEN [--strategy S] [option...]\n"
        "\n"
        "The smallest counterexample of a scenario, or the order that a token names, as a\n"
        "sequence diagram; why it is wrong; the swap of two steps that would have been right;\n"
        "and what to change: each fix holds in every order, and is shown in this one.\n"
        "\n"
        "  racelab explain two-writers\n"
        "  racelab explain retried-payment --strategy atomic-increment\n"
        "  racelab explain two-writers --format mermaid --output race.mmd\n"
        "  racelab explain two-writers --format html --output race.html\n"
        "\n"
        "Of a scenario with endpoints in SQL without --strategy, the first that fails. The token\n"
        "of an order of SQL files of yours goes with them.\n"
        "\n"
        "  racelab explain oversold-stock --strategy read-then-write\n"
        "  racelab explain TOKEN ./shop\n",
    .exits = "0 holds, 1 it violates, 2 bad usage, 3 gave up",
    .flags = {"client", "strategy", "setup", "endpoint", "check", "param", "time-passes.max",
              "time-passes.by", "states-max", "steps-max", "memory-max", "seconds-max", "format",
              "output", "color"},
    .takes_settings = true,
    .names_max = 2,
    .name_word = "scenario or token",
    .formats = {"text", "json", "html", "mermaid"},
    .words = {{"strategy",
               "how the service writes (default read-modify-write; of endpoints in SQL the first "
               "that fails)"}},
};

void find_words(ExplainReport& report, const Limits& limits) {
  const OrderReport& order = report.order;
  report.swap = find_swap(order.settings, order.fleet, order.order);
  if (report.swap) {
    report.swap_result =
        replay(order.settings, order.fleet, order.order.issued, report.swap->order.moves);
  }
  OrderFixes fixes = find_order_fixes(order.settings, order.fleet, order.order, limits);
  report.fixes_unexplored = fixes.unexplored;
  for (OrderFix& fix : fixes.fixes) {
    report.fixes.push_back(same_order_report(order, fix.settings, fix.fleet, std::move(fix.order)));
  }
}

std::string page_of(const ExplainReport& report, const Arguments& arguments,
                    const std::string& built) {
  const OrderReport& order = report.order;
  const std::unique_ptr<SteppedWorld> world = world_of(order, order.order.issued, page_states_max);
  return result_page(built, arguments,
                     {.result = explain_json(report),
                      .text = explain_text(report, {}),
                      .shown = shown_of(order.scenario),
                      .commands = {fmt::format("racelab replay {}", order.token),
                                   fmt::format("racelab step {}", order.token),
                                   experiment_command("step", order, name_of(order.fleet))},
                      .way = way_of(*world, word_of(order.order.moves))});
}

CommandResult explain(ExplainReport& report, const Arguments& arguments, const Limits& limits,
                      ResultFile& result, const Environment& environment) {
  if (report.order.result.verdict == Verdict::violated) {
    find_words(report, limits);
  }
  std::string text = arguments.format == "mermaid" ? explain_mermaid(report)
                     : arguments.format == "json"  ? explain_json(report)
                     : arguments.format == "html"
                         ? page_of(report, arguments, result.built)
                         : explain_text(report, style_for(arguments, environment));
  return deliver(exit_for(report.order.result.verdict), std::move(text), result.file, arguments);
}

// Nothing to explain: what exploring says.
CommandResult explain_nothing(const ExploreReport& explored, const Arguments& arguments,
                              ResultFile& result, const Environment& environment) {
  std::string text = arguments.format == "mermaid"
                         ? mermaid_of_nothing(explored.scenario, explore_text({explored}, {}))
                     : arguments.format == "json" ? explore_json({explored})
                     : arguments.format == "html"
                         ? explored_page({explored}, arguments, result.built)
                         : explore_text({explored}, style_for(arguments, environment));
  return deliver(exit_for(explored.exploration.verdict), std::move(text), result.file, arguments);
}

}  // namespace

const CommandSyntax& explain_syntax() { return syntax; }

CommandResult explain_command(const std::vector<std::string>& rest,
                              const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  const bool token = !arguments.names.empty() && is_token(arguments.names.front());
  if (!token && arguments.names.size() > 1) {
    throw UsageError("`racelab explain` takes one scenario or token: what is '" +
                     arguments.names[1] + "' after '" + arguments.names[0] + "'?");
  }
  if (token) {
    const TokenParts parts = parts_of_token(arguments.names.front());
    if (is_script_token(parts)) {
      return explain_script(parts, arguments, environment);
    }
    refuse_files(arguments);
  } else if (asks_for_scripts(arguments)) {
    return explain_script(arguments, environment);
  }
  refuse_flags_of_scripts(arguments);
  if (arguments.names.empty()) {
    throw UsageError(
        "which scenario or token? for example `racelab explain two-writers`; `racelab list "
        "scenarios` shows the scenarios, and `racelab explore` prints tokens");
  }
  ExplainReport report;
  const std::string& name = arguments.names.front();
  Experiment experiment =
      token ? Experiment{} : load_experiment(syntax, arguments, For::exploration);
  Watch watch(arguments, environment);  // once files are read: that can be interrupted, too
  const Limits limits = watch.limits();
  if (token) {
    report.order = read_order(name, limits);
    if (const std::optional<SameOrderReport> other =
            same_order_under(report.order, arguments, limits)) {
      report.order = *other;
    }
    ResultFile result(arguments);
    return explain(report, arguments, limits, result, environment);
  }
  ResultFile result(arguments);
  const ExploreReport explored = explore_report(std::move(experiment), arguments, watch);
  if (!explored.exploration.counterexample) {
    return explain_nothing(explored, arguments, result, environment);
  }
  report.smallest = true;
  report.order = *explored.counterexample;
  return explain(report, arguments, limits, result, environment);
}

}  // namespace racelab
