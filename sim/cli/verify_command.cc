// racelab verify: every strategy in every scenario, the derived verdict against the explored one.
#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/server_flags.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/verify_claims.h"
#include "sim/cli/watch.h"
#include "sim/drivers/host.h"
#include "sim/explore/explore_on.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "verify",
    .sentence = "every claim against every order",
    .usage =
        "usage: racelab verify [SCENARIO...] [option...]\n"
        "\n"
        "Every strategy, bare and with each protection, in every scenario: what follows from\n"
        "what the scenario threatens and the strategy claims to withstand, against what\n"
        "exploring every order finds.\n"
        "\n"
        "With --on, endpoints in SQL alone, in every order on a real server.\n"
        "\n"
        "  racelab verify\n"
        "  racelab verify two-writers ./mine.ini\n"
        "  racelab verify on-call-doctors --on postgresql\n"
        "  racelab verify ./shop --format junit --output racelab.xml\n"
        "\n"
        "--format junit and github are for pipelines: a test case, or an annotation at the\n"
        "endpoint's line, for each claim.\n",
    .exits = "0 every verdict is as derived, 1 some is not, 2 bad usage, 3 gave up",
    .flags = {"strategy", "on", "shared-database", "as-superuser", "orders-max", "states-max",
              "steps-max", "memory-max", "seconds-max", "watch", "format", "output", "color"},
    .several_strategies = true,
    .names_max = 1'000,
    .formats = {"text", "markdown", "json", "junit", "github"},
    .words = {{"strategy", "a strategy to verify; may be given again (default: all)"}},
};

struct Counted {
  std::size_t refuted = 0;
  std::size_t open = 0;
};

Exit exit_for(Counted all, const std::vector<ScriptVerification>& scripts) {
  for (const ScriptVerification& it : scripts) {
    for (const ScriptCell& cell : it.cells) {
      all.refuted += cell.problem.empty() ? 0 : 1;
      all.open += cell.explored == Verdict::gave_up ? 1 : 0;
    }
  }
  return all.refuted > 0 ? Exit::violated : all.open > 0 ? Exit::gave_up : Exit::as_expected;
}

// Those that have endpoints in SQL; every file is read, and checked, before a server is asked.
std::vector<std::string> names_for_server(const Arguments& arguments) {
  if (arguments.on.size() > 1) {
    throw UsageError("verify runs on one database: --on is given once");
  }
  if (!arguments.strategies.empty() || (arguments.format != "text" && arguments.format != "json")) {
    throw UsageError(
        "what has endpoints in SQL is verified with all of them, as text or JSON, and nothing else "
        "runs on a server");
  }
  check_server_flags(arguments);
  std::vector<std::string> names = arguments.names;
  if (names.empty()) {
    for (const ListedScenario& it : listed_script_scenarios()) {
      names.push_back(it.name);
    }
  }
  for (const std::string& name : names) {
    if (!names_script_scenario(name)) {
      throw UsageError(fmt::format(
          "'{}' has no endpoints in SQL; `racelab list scenarios` shows those that have", name));
    }
    const parse::FolderTexts texts = load_folder(name);
    const parse::ScriptScenario scenario = parse::compile(texts, {});
    if (drivers::names_their_server(arguments.on.front())) {
      drivers::check_files(texts, scenario);
    }
  }
  return names;
}

CommandResult verify_on_server(const Arguments& arguments, const Environment& environment) {
  const std::vector<std::string> names = names_for_server(arguments);
  OutputFile file(arguments.output);
  Watch watch(arguments, environment);
  watch.now_at("starting a server");
  const std::unique_ptr<drivers::Host> host = start_server(arguments, environment);
  const VerifyOn on{host.get(),
                    arguments.orders_max > 0 ? arguments.orders_max : ExploreOnOptions{}.orders_max,
                    arguments.steps_max};
  std::vector<ScriptVerification> scripts;
  std::vector<double> seconds;
  for (const std::string& name : names) {
    if (watch.stopped_by().empty()) {
      watch.now_at(name);
      scripts.push_back(verify_scripts(name, watch, on, seconds));
    }
  }
  const std::size_t left_out = names.size() - scripts.size();
  const std::string text =
      arguments.format == "json"
          ? verify_json({}, scripts)
          : page_text(script_verify_page(scripts, left_out), style_for(arguments, environment));
  return deliver(exit_for({0, left_out}, scripts), text, file, arguments);
}

// Of the scenarios that are to be verified: those of strategies, and those with endpoints in SQL.
struct Chosen {
  std::vector<std::string> of_strategies;
  std::vector<std::string> of_scripts;
};

Chosen chosen_scenarios(const Arguments& arguments) {
  const bool markdown = arguments.format == "markdown";
  Chosen chosen;
  if (arguments.names.empty()) {
    for (const ListedScenario& scenario : listed_scenarios()) {
      chosen.of_strategies.push_back(scenario.name);
    }
    for (const ListedScenario& scenario : listed_script_scenarios()) {
      if (arguments.strategies.empty() && !markdown) {
        chosen.of_scripts.push_back(scenario.name);
      }
    }
  }
  for (const std::string& name : arguments.names) {
    const bool scripts = names_script_scenario(name);
    if (scripts && !arguments.strategies.empty()) {
      throw UsageError(fmt::format(
          "'{}' has endpoints in SQL, and is verified with all of them: leave --strategy out",
          name));
    }
    if (scripts && markdown) {
      throw UsageError(
          fmt::format("'{}' has endpoints in SQL, and --format markdown is a table of strategies: "
                      "text, json, junit and github show endpoints, too",
                      name));
    }
    (scripts ? chosen.of_scripts : chosen.of_strategies).push_back(name);
  }
  return chosen;
}

// What is to be explored of them; nothing is explored yet.
VerifyReport planned(const std::vector<std::string>& names, const Arguments& arguments) {
  VerifyReport report;
  const Fleet any = parse_fleet("read-modify-write").fleet;
  for (const std::string& name : names) {
    const Settings settings = twin_settings(load_scenario(name));
    if (const std::string problem = problem_with(settings); !problem.empty()) {
      throw UsageError(problem);
    }
    const std::string problem = problem_with_exploring(settings, any);
    if (problem.empty()) {
      report.scenarios.push_back({name, settings});
    } else if (arguments.names.empty()) {  // nobody asked for this one
      report.timed_only.push_back(name);
    } else {
      throw UsageError(
          fmt::format("{}: {}; give it a small twin in explore.KEY lines", name, problem));
    }
  }
  for (const std::string& name : arguments.strategies) {
    const ParsedFleet parsed = parse_fleet(name);
    if (!parsed.problem.empty()) {
      throw UsageError(parsed.problem);
    }
    if (parsed.fleet.size() != 1) {
      throw UsageError("`racelab verify` takes strategies one by one, not the fleet '" + name +
                       "': --strategy may be given several times");
    }
    report.combinations.push_back(parsed.fleet.front());
  }
  if (report.combinations.empty()) {
    report.combinations = every_combination();
  }
  return report;
}

// Every strategy in every scenario, as far as time allows.
void explore_cells(Verified& verified, Watch& watch) {
  VerifyReport& report = verified.report;
  for (std::size_t row = 0; row < report.combinations.size(); ++row) {
    for (const VerifyReport::Column& scenario : report.scenarios) {
      watch.now_at(fmt::format("{} of {} strategies, {}", row + 1, report.combinations.size(),
                               scenario.scenario));
      const double start = watch.seconds();
      report.cells.push_back(verify(scenario.settings, report.combinations[row], watch.limits()));
      verified.seconds.push_back(watch.seconds() - start);
    }
    if (!watch.stopped_by().empty()) {  // somewhere in this row
      report.left_out = report.combinations.size() - row;
      report.combinations.resize(row);
      report.cells.resize(row * report.scenarios.size());
      return;
    }
  }
}

std::string text_of(const Verified& verified, std::size_t scripts_left_out,
                    const Arguments& arguments, const Environment& environment) {
  const VerifyReport& report = verified.report;
  if (arguments.format == "json") {
    return verify_json(report, verified.scripts);
  }
  if (arguments.format == "markdown") {
    return verify_markdown(report);
  }
  if (arguments.format == "junit") {
    return junit_xml(claims_of(verified));
  }
  if (arguments.format == "github") {
    return github_commands(claims_of(verified));
  }
  const TextStyle style = style_for(arguments, environment);
  const bool strategies = !report.scenarios.empty() || !report.timed_only.empty();
  std::string text = strategies ? verify_text(report, style) : "";
  const bool scripts = !verified.scripts.empty() || scripts_left_out > 0;
  text += strategies && scripts ? "\n" : "";
  return text += page_text(script_verify_page(verified.scripts, scripts_left_out), style);
}

}  // namespace

const CommandSyntax& verify_syntax() { return syntax; }

CommandResult verify_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  if (!arguments.on.empty()) {
    return verify_on_server(arguments, environment);
  }
  const Chosen chosen = chosen_scenarios(arguments);
  Verified verified{.report = planned(chosen.of_strategies, arguments)};
  OutputFile file(arguments.output);
  Watch watch(arguments, environment);
  explore_cells(verified, watch);
  for (const std::string& name : chosen.of_scripts) {
    if (watch.stopped_by().empty()) {
      watch.now_at(name);
      verified.scripts.push_back(verify_scripts(name, watch, {}, verified.script_seconds));
    }
  }
  const std::size_t scripts_left_out = chosen.of_scripts.size() - verified.scripts.size();
  verified.stopped = verified.report.left_out > 0 || scripts_left_out > 0;
  const Exit exit = exit_for({verified.report.refuted(),
                              verified.report.open() + verified.report.left_out + scripts_left_out},
                             verified.scripts);
  return deliver(exit, text_of(verified, scripts_left_out, arguments, environment), file,
                 arguments);
}

}  // namespace racelab
