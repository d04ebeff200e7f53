// What differs from the files' own settings goes into a token, so that the shortest token is that of a plain command.
#include "sim/cli/script_token.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/usage_error.h"
#include "sim/explore/script_explore.h"
#include "sim/parse/idempotency_key.h"
#include "sim/report/words.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

// Beyond this an order is drawn without chances: they need all of its graph.
constexpr std::uint64_t states_max = 200'000;

constexpr std::string_view files_key = "files";

std::string setting_of(const parse::ScriptScenario& scenario, const std::string& key) {
  if (key == "time-passes.max") {
    return std::to_string(scenario.time_passes_max);
  }
  if (key == "time-passes.by") {
    return format_duration(scenario.time_passes_by);
  }
  if (key == "deadlock-timeout") {
    return format_duration(scenario.deadlock_timeout);
  }
  if (key == "isolation" && scenario.serializable) {
    return "serializable";
  }
  if (key == "operations" && !scenario.operations_given) {
    return "";  // as many as the fleet names
  }
  return value_of(*find_option(key), scenario.settings);
}

Flags differing_settings(const LoadedScripts& scripts) {
  Flags differing;
  for (const std::string& key : parse::script_settings()) {
    const std::string value = setting_of(scripts.scenario, key);
    // Hazards make verdicts, not orders.
    if (key != "hazards" && value != setting_of(scripts.base, key)) {
      differing.emplace_back(key, value);
    }
  }
  for (const auto& parameter : scripts.scenario.parameters) {
    const auto& known = scripts.base.parameters;
    if (std::find(known.begin(), known.end(), parameter) == known.end()) {
      differing.emplace_back("param." + parameter.first, parameter.second);
    }
  }
  return differing;
}

// Their files' names: without what protects them.
std::vector<std::string> endpoints_of(std::string fleet) {
  std::replace(fleet.begin(), fleet.end(), ',', ':');
  std::vector<std::string> names;
  for (std::size_t from = 0; from <= fleet.size();) {
    const std::size_t end = std::min(fleet.find(':', from), fleet.size());
    std::string name = fleet.substr(from, end - from);
    const std::string protection = '+' + std::string(parse::idempotency_key);
    names.push_back(name.ends_with(protection) ? name.substr(0, name.size() - protection.size())
                                               : name);
    from = end + 1;
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// Of what an order depends on: setup.sql, scenario.ini, the endpoints of the fleet.
std::string checksum_of_files(const ScriptFiles& files, const std::string& fleet) {
  std::vector<std::string_view> texts{files.texts.setup.text, files.texts.settings.text};
  for (const std::string& name : endpoints_of(fleet)) {
    for (const auto& [other, source] : files.texts.endpoints) {
      if (other == name) {
        texts.emplace_back(source.text);
      }
    }
  }
  return checksum_of(texts, 8);
}

std::string fleet_part(const std::string& strategy) {
  std::string part;
  for (const char c : strategy) {
    part += c == ':' ? "." : c == '.' ? "%2E" : escaped_part(std::string_view(&c, 1));
  }
  return part;
}

std::string strategy_of(std::string part) {
  std::replace(part.begin(), part.end(), '.', ':');
  return unescaped_part(part);
}

// Reads the files that a token goes with.
ScriptFiles files_for(const TokenParts& parts, const Arguments& arguments,
                      const std::string& strategy) {
  Arguments named = arguments;
  named.names.erase(named.names.begin());
  const bool any = !named.names.empty() || !named.setup.empty() || !named.endpoints.empty() ||
                   !named.check.empty();
  if (parts.scenario != not_built_in) {
    if (any) {
      throw UsageError("the token names its scenario, " + parts.scenario +
                       ": it goes with no other files");
    }
    named.names = {parts.scenario};
    return load_script_files(named);
  }
  if (!any) {
    throw UsageError(
        "this token is of SQL files of yours, which it cannot carry: give them, too, as in "
        "`racelab "
        "replay TOKEN ./shop` or with --setup and --endpoint");
  }
  if (!named.names.empty() && !names_script_scenario(named.names.front())) {
    throw UsageError("'" + named.names.front() +
                     "' is no folder with SQL files, which the token is to be run with");
  }
  ScriptFiles files = load_script_files(named);
  for (const std::string& name : endpoints_of(strategy)) {
    if (std::none_of(files.texts.endpoints.begin(), files.texts.endpoints.end(),
                     [&name](const auto& it) { return it.first == name; })) {
      throw UsageError("the token's order runs the endpoint '" + name +
                       "', and it is not among these files");
    }
  }
  const auto sum = std::find_if(parts.settings.begin(), parts.settings.end(),
                                [](const auto& it) { return it.first == files_key; });
  if (sum->second != checksum_of_files(files, strategy)) {
    throw UsageError(
        "the files have changed since the token was made (the setup, the settings or an endpoint "
        "of its order), so its steps may mean something else; `racelab explore` makes a new token");
  }
  return files;
}

}  // namespace

LoadedScripts load_scripts(ScriptFiles files, Flags flags, parse::Purpose purpose) {
  LoadedScripts scripts;
  scripts.purpose = purpose;
  for (auto flag = flags.begin(); flag != flags.end();) {  // of two, the later wins
    const bool again = std::any_of(
        flag + 1, flags.end(), [&flag](const auto& later) { return later.first == flag->first; });
    flag = again ? flags.erase(flag) : flag + 1;
  }
  scripts.scenario = compiled(files, flags, purpose);
  try {
    scripts.base = compiled(files, {}, purpose);
  } catch (const parse::Problem&) {  // some variable has its value from a flag
    Flags parameters;
    std::copy_if(flags.begin(), flags.end(), std::back_inserter(parameters),
                 [](const auto& flag) { return flag.first.starts_with("param."); });
    scripts.base = compiled(files, parameters, purpose);
    scripts.base.parameters.clear();
  }
  scripts.files = std::move(files);
  scripts.flags = std::move(flags);
  return scripts;
}

ScriptExperiment experiment_of(const LoadedScripts& scripts, const std::string& strategy) {
  ScriptExperiment experiment;
  experiment.scenario = scripts.scenario.name;
  experiment.strategy = strategy;
  experiment.setup =
      std::make_shared<const ScriptSetup>(parse::setup_of(scripts.scenario, strategy));
  experiment.shaped = scripts.scenario.shaped;
  if (const std::string problem = scripts.purpose == parse::Purpose::exploration
                                      ? problem_with_exploring(*experiment.setup)
                                      : "";
      !problem.empty()) {
    throw UsageError(problem);
  }
  experiment.what = scripts.files.where;
  for (const auto& [key, value] : scripts.flags) {
    experiment.what += key.starts_with("param.")
                           ? " --param " + shell_word(key.substr(6) + '=' + value)
                           : " --" + key + ' ' + shell_word(value);
  }
  experiment.where = scripts.files.built_in ? "" : scripts.files.where;
  return experiment;
}

std::string token_of(const LoadedScripts& scripts, const std::string& strategy,
                     const std::vector<std::uint32_t>& issued, const std::string& word) {
  TokenParts parts;
  parts.scenario = scripts.files.built_in ? scripts.files.texts.name : std::string(not_built_in);
  parts.fleet = fleet_part(strategy);
  parts.word = word;
  if (!scripts.files.built_in) {
    parts.settings.emplace_back(files_key, checksum_of_files(scripts.files, strategy));
  }
  for (const auto& [key, value] : differing_settings(scripts)) {
    parts.settings.emplace_back(escaped_part(key), escaped_part(value));
  }
  if (issued != all_issued(parse::setup_of(scripts.scenario, strategy))) {
    parts.issued = issued;
  }
  return text_of(parts);
}

ScriptOrderReport order_report(const LoadedScripts& scripts, ScriptExperiment experiment,
                               ScriptOrder order) {
  ScriptOrderReport report{std::move(experiment), std::move(order), {}};
  report.token = token_of(scripts, report.strategy, report.order.issued, report.order.word());
  return report;
}

bool is_script_token(const TokenParts& parts) {
  return parts.scenario == not_built_in
             ? std::any_of(parts.settings.begin(), parts.settings.end(),
                           [](const auto& it) { return it.first == files_key; })
             : names_script_scenario(parts.scenario);
}

ScriptTokenContents read_script_token(const TokenParts& parts, const Arguments& arguments,
                                      const Limits& limits) {
  const std::string strategy = strategy_of(parts.fleet);
  ScriptFiles files = files_for(parts, arguments, strategy);
  Flags flags;
  for (const auto& [key, value] : parts.settings) {
    if (key != files_key) {
      flags.emplace_back(unescaped_part(key), unescaped_part(value));
    }
  }
  ScriptTokenContents contents;
  try {
    contents.scripts = load_scripts(std::move(files), std::move(flags));
    static_cast<ScriptExperiment&>(contents.order) = experiment_of(contents.scripts, strategy);
  } catch (const parse::Problem& problem) {
    throw UsageError(std::string("in the token: ") + problem.what());
  }
  const ScriptSetup& setup = *contents.order.setup;
  std::vector<std::uint32_t> issued = all_issued(setup);
  if (!parts.issued.empty()) {
    bool fits = parts.issued.size() == issued.size();
    for (std::size_t i = 0; fits && i < issued.size(); ++i) {
      fits = parts.issued[i] <= issued[i];
    }
    if (!fits) {
      throw UsageError(
          "in the token: 'issued' must have a number for each client, at most that of its "
          "operations");
    }
    issued = parts.issued;
  }
  OneAtATime rule(setup);
  const FollowedScript followed = follow(setup, rule, issued, parts.word, Behind::nothing);
  if (!followed.problem.empty()) {
    throw UsageError("in the token: " + followed.problem);
  }
  if (!followed.ended) {
    throw UsageError("in the token: the order '" + parts.word +
                     "' stops too early: after it something can still happen");
  }
  Limits bounded = limits;
  bounded.states = std::min(limits.states, states_max);
  contents.order.order = drawn_with_chances(setup, rule, issued, followed.moves, bounded);
  contents.order.token = token_of(contents.scripts, strategy, issued, parts.word);
  return contents;
}

ScriptSameReport same_order_report(const LoadedScripts& scripts, const ScriptOrderReport& order,
                                   const std::string& strategy, const Limits& limits) {
  const ScriptExperiment experiment = experiment_of(scripts, strategy);
  const ScriptSetup& setup = *experiment.setup;
  std::vector<std::uint32_t> issued = all_issued(setup);
  for (std::size_t client = 0; client < std::min(issued.size(), order.order.issued.size());
       ++client) {
    issued[client] = std::min(issued[client], order.order.issued[client]);
  }
  OneAtATime rule(setup);
  ScriptSameOrder same = same_order(setup, rule, issued, order.order.moves(), limits.steps);
  if (!same.ended) {
    throw UsageError("this order has more than " + std::to_string(limits.steps) + " steps there");
  }
  Limits bounded = limits;
  bounded.states = std::min(limits.states, states_max);
  ScriptSameReport report{
      order_report(scripts, experiment,
                   drawn_with_chances(setup, rule, issued, same.moves, bounded)),
      {}};
  report.same = std::move(same);
  return report;
}

std::optional<ScriptSameReport> same_order_under(const ScriptTokenContents& contents,
                                                 const Arguments& arguments, const Limits& limits) {
  const Flags given = script_flags(arguments);
  if (arguments.strategies.empty() && given.empty()) {
    return std::nullopt;
  }
  for (const auto& [key, value] : given) {
    if (key != "isolation") {
      throw UsageError("a token has its settings in it: '--" +
                       (key.starts_with("param.") ? "param" : key) + "' goes with a scenario");
    }
  }
  Flags flags = contents.scripts.flags;
  flags.insert(flags.end(), given.begin(), given.end());
  return same_order_report(
      load_scripts(contents.scripts.files, flags), contents.order,
      arguments.strategies.empty() ? contents.order.strategy : arguments.strategies.front(),
      limits);
}

}  // namespace racelab
