// The words that reports are made of: times, numbers, names of operations, lines that fit 80 columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/report/report.h"
#include "sim/store/sql.h"

namespace racelab {

/// Milliseconds with one digit: "1.2".
std::string milliseconds_text(Instant at);
/// "1.2 ms", or "3.4 s" from ten seconds on.
std::string time_text(Instant at);
/// "1.234 ms".
std::string microsecond_text(Instant at);
/// "1,234,567".
std::string grouped(std::uint64_t number);
/// "1 lost update", "2 lost updates".
std::string counted(std::uint64_t count, std::string_view noun);
/// The same of any number of orders.
std::string grouped(const OrderCount& number);
/// "the only order", "both orders", "all 6 orders".
std::string every_order(const OrderCount& orders);

/// "ok", "failed", "unknown".
std::string_view told_name(Told told);
/// "ok", "conflict", "refused", "unavailable".
std::string_view reply_name(Reply::Kind kind);
/// What became of a request that met one of the faults that end a call.
std::string_view call_ended_words(Fault fault);
/// "lost update".
std::string_view anomaly_noun(Anomaly anomaly);
/// "n = 2, m = 0": of every row a value, `&HistoryRow::initial` or `&HistoryRow::final`.
std::string values_text(const ExperimentRun& run, std::int64_t HistoryRow::*value);
/// Adds to "a, b", or to "this; that".
void add_item(std::string& list, std::string_view item);
void add_clause(std::string& sentence, std::string_view clause);

/// A setting as a flag, with a space before it: " --clients 3", " --layer 2=nginx".
std::string flag_text(const std::string& key, const std::string& value);

/// The command that shows an experiment under a fleet with a verb ("run", "explore"): "racelab run two-writers --seed 7".
std::string experiment_command(const char* verb, const Experiment& experiment,
                               const std::string& strategy,
                               std::optional<std::uint64_t> seed = std::nullopt);

/// How many orders go wrong, and how: "4 of 6 orders lose an update", "all 6 orders hold".
std::string orders_text(const Exploration& exploration);
/// "2 clients, 2 operations, 1 fault, 4 steps".
std::string size_text(const WalkedOrder& order);
/// "a stale write was refused".
std::string_view near_miss_text(NearMiss kind);
/// Every setting that shaped a result, as the lines "with".
enum class Shaped : std::uint8_t { timed_run, exploration };
Labelled settings_block(const Experiment& experiment, Shaped what);
std::string settings_lines(const Experiment& experiment, Shaped what);
/// The same as words, "key=value", without the strategy and some keys.
std::string shaping_settings(const Experiment& experiment, Shaped what,
                             const std::vector<std::string>& without = {});

/// Adds the names of the settings that two runs do not share, those of layers, too.
void add_differing(std::vector<std::string>& names, const Settings& one, const Settings& other);
/// "+1", "-30".
std::string signed_text(std::int64_t amount);

/// "50.0 %"; 0 and 100 only when it is exactly that.
std::string percent(double share);

/// How likely a violation is by the steps: "50.0 % when every next step is as likely as the others"; or that it is not known.
std::string scheduler_text(const Odds& odds);

/// "A", or "A7" when the clients have several operations.
std::string operation_text(OperationName operation, const Settings& settings);

/// A call as the attempts that lead to it, the client's first: "2", or, one level further in (level 2), "2.3": the third
/// attempt that the first service made for the client's second.
std::string attempt_text(std::uint32_t attempt, std::uint32_t level, const Settings& settings);
/// The attempt, one level further out, that an attempt of a level was made for.
std::uint32_t outer_attempt(std::uint32_t attempt, std::uint32_t level, const Settings& settings);

/// Text in a color when the style wants it: 31 red, 32 green, 33 yellow, 1 bold.
std::string colored(std::string_view text, int color, const TextStyle& style);

/// The statement of a trace event, as SQL, and what it answered: "  -> 0", "  -> 0 rows", "  -> 40001".
std::string statement_text(const TraceEvent& event, const ExperimentRun& report);
std::string answer_text(const TraceEvent& event, const ExperimentRun& report);

/// The text with U+FFFD in place of each byte that is not UTF-8: a file may be called anything, JSON is UTF-8.
std::string utf8_text(std::string_view text);

/// A word in a shell command: quoted when it needs to be.
std::string shell_word(std::string_view word);

/// "first" to "fifth", then "6th", "21st", "112th".
std::string ordinal(std::size_t n);

}  // namespace racelab
