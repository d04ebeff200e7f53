// Experiments with endpoints in SQL, and tokens of their orders.
//
// A token cannot carry files: of a scenario that is not built in it holds a checksum of setup.sql, scenario.ini and the endpoints
// that its fleet runs, and it is given together with them. In the fleet a dot stands for the colon between operations in turn;
// what a shell minds is written as %XX.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/script_scenario.h"
#include "sim/cli/token_text.h"
#include "sim/report/script_order_report.h"

namespace racelab {

/// Files with settings: everything but the strategy.
struct LoadedScripts {
  ScriptFiles files;
  Flags flags;
  parse::Purpose purpose = parse::Purpose::exploration;
  parse::ScriptScenario scenario;
  parse::ScriptScenario base;  // without flags
};
/// Throws UsageError or parse::Problem.
LoadedScripts load_scripts(ScriptFiles files, Flags flags,
                           parse::Purpose purpose = parse::Purpose::exploration);

/// One fleet of them; refused when it is to be explored and cannot be. Throws UsageError or parse::Problem.
ScriptExperiment experiment_of(const LoadedScripts& scripts, const std::string& strategy);

std::string token_of(const LoadedScripts& scripts, const std::string& strategy,
                     const std::vector<std::uint32_t>& issued, const std::string& word);
/// The order was drawn with the experiment's own setup: it names scripts there.
ScriptOrderReport order_report(const LoadedScripts& scripts, ScriptExperiment experiment,
                               ScriptOrder order);

/// Whether a token is of endpoints in SQL; whether something else is wrong with it shows later. Throws UsageError when it is damaged.
bool is_script_token(const TokenParts& parts);

/// What a token names: the order run again, with its chances where the limits allow.
struct ScriptTokenContents {
  LoadedScripts scripts;
  ScriptOrderReport order;
};
/// `arguments`: the token, then what names its files. Throws UsageError or parse::Problem.
ScriptTokenContents read_script_token(const TokenParts& parts, const Arguments& arguments,
                                      const Limits& limits);

/// The same order under another strategy or with other flags. Throws UsageError when it is longer than the limits.
ScriptSameReport same_order_report(const LoadedScripts& scripts, const ScriptOrderReport& order,
                                   const std::string& strategy, const Limits& limits);
/// … under the strategy and the level that the arguments give; nothing when they give none.
std::optional<ScriptSameReport> same_order_under(const ScriptTokenContents& contents,
                                                 const Arguments& arguments, const Limits& limits);

}  // namespace racelab
