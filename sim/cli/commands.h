// The commands: each takes what follows its name, and gives an exit code and a result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/cli/cli.h"
#include "sim/cli/output_file.h"
#include "sim/report/explain.h"
#include "sim/report/report.h"

namespace racelab {

struct Command {
  std::string name;
  CommandResult (*run)(const std::vector<std::string>& rest, const Environment& environment);
  const CommandSyntax& (*syntax)();
};

/// Sorted by name.
const std::vector<Command>& all_commands();

/// The command of that name; nullptr when there is none.
const Command* find_command(const std::string& name);

CommandResult agree_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult compare_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult merge_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult run_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult explore_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult verify_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult explain_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult replay_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult host_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult list_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult learn_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult step_command(const std::vector<std::string>& rest, const Environment& environment);

CommandResult manual_command(const std::vector<std::string>& rest, const Environment& environment);
CommandResult completion_command(const std::vector<std::string>& rest,
                                 const Environment& environment);

const CommandSyntax& agree_syntax();
const CommandSyntax& compare_syntax();
const CommandSyntax& completion_syntax();
const CommandSyntax& explain_syntax();
const CommandSyntax& explore_syntax();
const CommandSyntax& host_syntax();
const CommandSyntax& learn_syntax();
const CommandSyntax& list_syntax();
const CommandSyntax& manual_syntax();
const CommandSyntax& merge_syntax();
const CommandSyntax& new_syntax();
const CommandSyntax& replay_syntax();
const CommandSyntax& run_syntax();
const CommandSyntax& show_syntax();
const CommandSyntax& step_syntax();
const CommandSyntax& verify_syntax();

/// The experiment that a command was given: scenario, settings, fleet. For exploration the scenario's twin, and flags win
/// over it. Throws UsageError.
enum class For : std::uint8_t { timed_runs, exploration };
Experiment load_experiment(const CommandSyntax& syntax, const Arguments& arguments,
                           const std::string& strategy, For what);
/// The same with the one strategy that was given, or the default.
Experiment load_experiment(const CommandSyntax& syntax, const Arguments& arguments, For what);

/// A fleet by its name, checked against settings. Throws UsageError.
Fleet load_fleet(const std::string& name, const Settings& settings);

/// Every order of an experiment, as the arguments want it (engine, symmetry, limits), and its examples run again.
class Watch;
ExploreReport explore_report(Experiment experiment, const Arguments& arguments, Watch& watch);

/// One order of an experiment, run again with every event kept, and its token.
OrderReport order_report(const Experiment& experiment, const WalkedOrder& order);

/// The name of an order everywhere: the version that made it, scenario, fleet, settings that differ from the scenario's own, the word, and
/// a checksum. Readable, and no character that a shell minds.
std::string token_of(const OrderReport& order);

/// What a token names; its moves are still a word. Throws UsageError when it is damaged, of another version, or means nothing here.
struct TokenContents {
  Experiment experiment;
  std::vector<std::uint32_t> issued;  // operations of each client
  std::string word;
};
TokenContents read_token(const std::string& token);

/// Whether a word is meant as a token, damaged or not, and not as a scenario.
bool is_token(const std::string& name);

/// Throws UsageError when files are given with a token that needs none.
void refuse_files(const Arguments& arguments);

/// The order that a token names, run again. Throws UsageError when the token is not right, or its order is impossible.
OrderReport read_order(const std::string& token, const Limits& limits);

/// The same order elsewhere, run; without chances.
SameOrderReport same_order_report(const OrderReport& order, const Settings& settings,
                                  const Fleet& fleet, SameOrder same);

/// The same order under the strategy and the isolation level that were given, with chances; nothing when neither was. Throws
/// UsageError when they are not right.
std::optional<SameOrderReport> same_order_under(const OrderReport& order,
                                                const Arguments& arguments, const Limits& limits);

/// How text is to look.
TextStyle style_for(const Arguments& arguments, const Environment& environment);

/// A result on its way out: to the file that was asked for, or to standard output.
CommandResult deliver(Exit exit, std::string text, OutputFile& file, const Arguments& arguments);
/// The same of a result that is told a piece at a time, and then how it ends: nobody holds it whole, unless it is for a terminal,
/// where its verdict is told again after it.
CommandResult deliver(const std::function<Exit(const Sink&)>& tell, OutputFile& file,
                      const Arguments& arguments, const Environment& environment);

Exit exit_for(Verdict verdict);
/// The same of a run whose events may not all have been told: what holds then is not all that was asked for.
Exit exit_of_traced(Verdict verdict, bool all_told);

}  // namespace racelab
