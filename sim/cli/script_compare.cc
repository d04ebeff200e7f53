// racelab compare, for endpoints in SQL: their part of a plan.
#include "sim/cli/script_compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/explore/script_explore.h"
#include "sim/explore/script_runner.h"

namespace racelab {

namespace {

using Setting = std::pair<std::string, std::string>;

void check_strategies(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw UsageError("the strategy '" + names[i] + "' is given twice");
    }
  }
}

}  // namespace

Axis read_script_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError("vary must be KEY=A,B,C, such as clients=1,2,4, not '" + text + "'");
  }
  Axis axis{text.substr(0, equals), {}};
  for (std::size_t from = equals + 1; from <= text.size();) {
    const std::size_t end = std::min(text.find(',', from), text.size());
    std::string value = text.substr(from, end - from);
    if (value.empty()) {
      throw UsageError("there is a value missing in --vary " + text);
    }
    if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end()) {
      throw UsageError(fmt::format("'{}' stands twice in --vary {}", value, text));
    }
    axis.values.push_back(std::move(value));
    from = end + 1;
  }
  return axis;
}

void add_scripts(SweepPlan& plan, const Arguments& arguments, const std::string& name,
                 const std::vector<std::vector<Setting>>& grid) {
  Arguments one = arguments;
  one.names.clear();
  if (!name.empty()) {
    one.names.push_back(name);
  }
  const ScriptFiles files = load_script_files(one);
  for (const std::vector<Setting>& place : grid) {
    Flags flags = script_flags(arguments);
    flags.insert(flags.end(), place.begin(), place.end());
    const LoadedScripts scripts = load_scripts(files, flags, parse::Purpose::timed_runs);
    const std::vector<std::string>& names =
        arguments.strategies.empty() ? scripts.scenario.strategies : arguments.strategies;
    check_strategies(names);
    std::vector<SweepPlan::Scripts> strategies;
    SweepPoint point;
    point.scenario = scripts.scenario.name;
    point.varied = place;
    point.explorable = true;
    for (const std::string& strategy : names) {
      const ScriptExperiment experiment = experiment_of(scripts, strategy);
      point.files = experiment.what;
      point.shaped = experiment.shaped;
      point.settings = experiment.setup->settings;
      point.explorable = point.explorable && problem_with_exploring(*experiment.setup).empty();
      strategies.emplace_back(strategy, experiment.setup);
    }
    point.settings.faults = timed_faults(point.settings.faults);
    plan.add(std::move(point), strategies);
  }
}

}  // namespace racelab
