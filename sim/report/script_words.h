// The words that reports on endpoints in SQL are made of: how an execution ended, what went wrong in it, and why.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/script_order.h"

namespace racelab {

/// "(1, 'kim')".
std::string row_text(const sql::Values& row);

/// What became of the tables: rows that are new or changed, and how many are gone: "item (1, 0); sale (1, 1, 0)".
std::string contents_text(const ScriptSetup& setup, const ScriptEnding& ending);

/// "A", or "A2" where some client has several.
std::string operation_name(const ScriptEnding& ending, std::size_t operation);

/// "A 200 sale=1, B 409".
std::string told_text(const ScriptEnding& ending);
/// The same of one operation, without its name.
std::string told_text(const ScriptOperation& operation);

/// A dependency: "A read item (1, 1) before B changed it".
std::string dependency_text(const DependencyEdge& edge, const ScriptSetup& setup,
                            const ScriptEnding& ending);

/// The sentences of the checks that do not hold.
std::vector<std::string> broken_checks(const ScriptSetup& setup, const ScriptEnding& ending);

/// What went wrong, in a few words: "lost update; broken: "…"".
std::string harm_text(const ScriptSetup& setup, const ScriptOrder& order);

std::string harm_text(const ScriptSetup& setup, const ScriptEnding& ending, const Circle& circle,
                      const std::vector<std::size_t>& done_twice);

/// Why it ends as it does: what depended on what, and that no sequence explains it; or the sequence that does.
std::string why_text(const ScriptSetup& setup, const ScriptOrder& order);
std::string why_text(const ScriptSetup& setup, const ScriptEnding& ending, const Circle& circle,
                     const std::vector<std::size_t>& done_twice);

/// "A", "A'" for the second attempt, "A2" for the second operation where a client has several, "~" for the clock.
std::string who_text(const ScriptWho& who, bool several);
/// Whether some client has several.
bool several_operations(const std::vector<ScriptOperation>& operations);

/// A statement with single blanks between its words.
std::string in_one_line(std::string_view sql);

/// What happened, in one line: "begin; select n from t  -> 0".
std::string happened_text(const ScriptModel::Happened& happened);

/// "read-committed", "autocommit".
std::string_view isolation_text(const std::optional<sql::Isolation>& isolation);

/// "2 clients, 2 operations, 1 fault, 8 steps".
std::string size_text(const ScriptOrder& order);

}  // namespace racelab
