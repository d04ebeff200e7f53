// racelab agree: the same orders on the store and on a real server.
#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/agree_servers.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/server_flags.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"
#include "sim/report/agree_report.h"

namespace racelab {

namespace {

const CommandSyntax syntax{
    .name = "agree",
    .sentence = "the same orders on the store and on a real server, compared",
    .usage =
        "usage: racelab agree [SCENARIO...] --on DATABASE [option...]\n"
        "\n"
        "The same orders on the store and on a real server, statement by statement: rows,\n"
        "affected counts, errors, who waits, who goes on, what the tables hold in the end.\n"
        "Without a scenario, all that have endpoints in SQL; without --isolation, every level.\n"
        "Of more than --orders-max orders (default 200) so many are drawn, by --seed.\n"
        "The store does as PostgreSQL does: mariadb and sqlite differ, and the first order in\n"
        "which they do is drawn.\n"
        "\n"
        "  racelab agree --on postgresql\n"
        "  racelab agree on-call-doctors --on postgresql --clients 3 --orders-max 5000\n",
    .exits =
        "0 all agreed, 1 some order differs, 2 bad usage, 3 too little of it was taken by the "
        "server, or it was stopped",
    .flags = {"on",          "shared-database", "as-superuser",   "clean",
              "strategy",    "setup",           "endpoint",       "check",
              "param",       "time-passes.max", "time-passes.by", "orders-max",
              "seed",        "states-max",      "steps-max",      "memory-max",
              "seconds-max", "format",          "output",         "color"},
    .takes_settings = true,
    .several_strategies = true,
    .names_max = 1'000,
    .words = {{"strategy", "a strategy to look at; may be given again (default: all)"},
              {"seed", "which orders are drawn, where there are too many (default 1)"},
              {"orders-max", "of more orders so many are drawn (default 200)"}},
};

constexpr std::uint64_t orders_max_standard = 200;

struct Work {
  LoadedScripts scripts;
  std::string strategy;
  std::string isolation;
};

bool given(const Arguments& arguments, std::string_view key) {
  return std::any_of(arguments.settings.begin(), arguments.settings.end(),
                     [key](const auto& it) { return it.first == key; });
}

// Every strategy of every scenario at every level: all is read and checked before a server is started.
std::vector<Work> work_of(const Arguments& arguments) {
  std::vector<Arguments> of_scenario;
  if (!arguments.setup.empty() || !arguments.endpoints.empty()) {
    of_scenario.push_back(arguments);
  } else {
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
      of_scenario.push_back(arguments);
      of_scenario.back().names = {name};
    }
  }
  std::vector<std::string> levels{"autocommit", "read-committed", "repeatable-read",
                                  "serializable"};
  if (given(arguments, "isolation")) {
    levels.clear();
  }
  std::vector<Work> all;
  for (const Arguments& one : of_scenario) {
    const Flags flags = script_flags(one);
    std::vector<Flags> variants;
    for (const std::string& level : levels) {
      variants.push_back(flags);
      variants.back().emplace_back("isolation", level);
    }
    if (levels.empty()) {
      variants.push_back(flags);
    }
    const LoadedScripts first = load_scripts(load_script_files(one), variants.front());
    const std::vector<std::string> strategies =
        one.strategies.empty() ? first.scenario.strategies : one.strategies;
    for (const std::string& strategy : strategies) {
      for (const Flags& variant : variants) {
        LoadedScripts scripts = load_scripts(load_script_files(one), variant);
        (void)experiment_of(scripts, strategy);
        const auto level = std::find_if(variant.rbegin(), variant.rend(),
                                        [](const auto& it) { return it.first == "isolation"; });
        all.push_back({std::move(scripts), strategy, level == variant.rend() ? "" : level->second});
      }
    }
  }
  return all;
}

// What killed runs left on a server of the user's.
CommandResult clean_up(const Arguments& arguments, const Environment& environment) {
  if (!arguments.names.empty() || !arguments.setup.empty()) {
    throw UsageError("--clean runs no scenario");
  }
  OutputFile file(arguments.output);
  const std::vector<std::string> dropped =
      drivers::clean_up(arguments.on.front(), {.as_superuser = arguments.as_superuser});
  if (arguments.format == "json") {
    return deliver(Exit::as_expected, clean_json(dropped), file, arguments);
  }
  return deliver(Exit::as_expected,
                 page_text(clean_page(dropped), style_for(arguments, environment)), file,
                 arguments);
}

Exit exit_of(Agreed what) {
  return what == Agreed::yes  ? Exit::as_expected
         : what == Agreed::no ? Exit::violated
                              : Exit::gave_up;
}

}  // namespace

const CommandSyntax& agree_syntax() { return syntax; }

CommandResult agree_command(const std::vector<std::string>& rest, const Environment& environment) {
  const Arguments arguments = parse_arguments(syntax, rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(syntax), ""};
  }
  if (arguments.on.size() != 1) {
    throw UsageError("on which database? for example `racelab agree --on postgresql`");
  }
  check_server_flags(arguments);
  if (arguments.clean) {
    return clean_up(arguments, environment);
  }
  std::vector<Work> work = work_of(arguments);
  for (const Work& it : work) {
    check_settings_for_server(it.scripts.scenario.settings);
    if (drivers::names_their_server(arguments.on.front())) {
      drivers::check_files(it.scripts.files.texts, it.scripts.scenario);
    }
  }
  OutputFile file(arguments.output);
  Watch watch(arguments, environment);
  watch.now_at("starting a server");
  AgreeServers servers(arguments, environment, watch);
  AgreeReport report;
  report.orders_max = arguments.orders_max > 0 ? arguments.orders_max : orders_max_standard;
  report.seed = arguments.seed;
  report.on = arguments.on.front();
  if (!servers.note().empty()) {
    report.notes.push_back(servers.note());
  }
  for (const Work& it : work) {
    // Whoever is stopped before the first one still begins it, and says that it was stopped.
    if (!watch.stopped_by().empty() && !report.cells.empty()) {
      report.cells.back().found.stopped = true;
      break;
    }
    const ScriptExperiment experiment = experiment_of(it.scripts, it.strategy);
    AgreeOptions options;
    options.orders_max = report.orders_max;
    options.seed = report.seed;
    options.limits = watch.limits();
    watch.now_at(fmt::format("{} {}, {}", experiment.scenario, it.strategy, it.isolation));
    AgreeCell& cell = report.cells.emplace_back();
    cell.scenario = experiment.scenario;
    cell.strategy = it.strategy;
    cell.isolation = it.isolation;
    cell.command = experiment.command("agree", it.strategy) + server_flags(arguments);
    try {
      cell.found = servers.compare(*experiment.setup, it.scripts.files.texts.setup.text, options);
      report.on = servers.version();
    } catch (const drivers::NotInThisDatabase& problem) {
      cell.not_there = problem.what();
    }
  }
  report.stopped_by = watch.stopped_by();
  report.seconds = watch.seconds();
  const std::string text = arguments.format == "json"
                               ? agree_json(report)
                               : page_text(agree_page(report), style_for(arguments, environment));
  return deliver(exit_of(agreed(report)), text, file, arguments);
}

}  // namespace racelab
