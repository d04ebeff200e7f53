// racelab explore --on A --on B: the same endpoints on several databases, in one table.
#include "sim/cli/databases_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "sim/cli/server_flags.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"
#include "sim/explore/store_server.h"
#include "sim/report/databases_report.h"

namespace racelab {

namespace {

constexpr const char* the_store = "store";

struct NamedHost {
  Arguments alone;                      // as if it were the only one
  std::unique_ptr<drivers::Host> host;  // nullptr: the store
  std::string name;                     // with its version, once it has run something
};

std::unique_ptr<RealServer> server_of(const NamedHost& it, const ScriptExperiment& experiment,
                                      const LoadedScripts& scripts) {
  if (it.host == nullptr) {
    return std::make_unique<StoreServer>(*experiment.setup->start);
  }
  return it.host->server_for(*experiment.setup, scripts.files.texts.setup.text,
                             drivers::Numbers::in_millions);
}

DatabaseCell explored(NamedHost& host, const LoadedScripts& scripts, const std::string& strategy,
                      const ExploreOnOptions& options) {
  const ScriptExperiment experiment = experiment_of(scripts, strategy);
  DatabaseCell cell;
  cell.strategy = strategy;
  cell.command = experiment.command("explore", strategy);
  if (host.host != nullptr) {
    cell.command += server_flags(host.alone);
  }
  try {
    const std::unique_ptr<RealServer> server = server_of(host, experiment, scripts);
    host.name = server->version();
    cell.found = explore_on(*experiment.setup, *server, options);
  } catch (const drivers::NotInThisDatabase& problem) {
    cell.not_there = problem.what();
  }
  return cell;
}

std::string isolation_asked(const Arguments& arguments) {
  const auto found = std::find_if(arguments.settings.begin(), arguments.settings.end(),
                                  [](const auto& it) { return it.first == "isolation"; });
  return found == arguments.settings.end() ? "" : found->second;
}

}  // namespace

CommandResult explore_on_several(const LoadedScripts& scripts, const Arguments& arguments,
                                 const Environment& environment) {
  for (std::size_t i = 1; i < arguments.on.size(); ++i) {
    const auto begin = arguments.on.begin();
    const auto at = begin + static_cast<std::ptrdiff_t>(i);
    if (std::find(begin, at, *at) != at) {
      throw UsageError(fmt::format("--on {} stands there twice", *at));
    }
  }
  OutputFile file(arguments.output);
  Watch watch(arguments, environment);
  DatabasesReport report;
  std::vector<NamedHost> hosts;
  for (const std::string& on : arguments.on) {
    watch.now_at("starting a server");
    NamedHost& it = hosts.emplace_back();
    it.name = drivers::names_driver(on) ? std::string(drivers::exec) + "…" : on;
    it.alone = arguments;
    it.alone.on = {on};
    if (on == the_store) {
      continue;
    }
    it.host = start_server(it.alone, environment);
    const std::string note = it.host->note();
    if (!note.empty() &&
        std::find(report.notes.begin(), report.notes.end(), note) == report.notes.end()) {
      report.notes.push_back(note);
    }
  }
  const std::vector<std::string>& strategies =
      arguments.strategies.empty() ? scripts.scenario.strategies : arguments.strategies;
  ExploreOnOptions options;
  options.orders_max = arguments.orders_max > 0 ? arguments.orders_max : options.orders_max;
  options.steps_max = static_cast<std::uint32_t>(arguments.steps_max);
  options.go_on = [&watch](std::uint64_t done) { return watch.go_on("order", done); };
  for (const std::string& strategy : strategies) {
    for (NamedHost& host : hosts) {
      if (watch.stopped_by().empty()) {
        watch.now_at(fmt::format("{} on {}", strategy, host.name));
        report.cells.push_back(explored(host, scripts, strategy, options));
      }
    }
  }
  report.scenario = experiment_of(scripts, strategies.front()).scenario;
  report.isolation = isolation_asked(arguments);
  report.stopped_by = watch.stopped_by();
  report.seconds = watch.seconds();
  for (std::size_t i = 0; i < report.cells.size(); ++i) {
    report.cells[i].database = hosts[i % hosts.size()].name;
  }
  const std::string text =
      arguments.format == "json"
          ? databases_json(report)
          : page_text(databases_page(report), style_for(arguments, environment));
  return deliver(exit_for(verdict_of(report)), text, file, arguments);
}

}  // namespace racelab
