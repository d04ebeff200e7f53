// What JSON reports on endpoints in SQL have in common.
#pragma once

#include <boost/json.hpp>
#include <string_view>

#include "sim/explore/order_count.h"
#include "sim/report/script_order_report.h"

namespace racelab {

std::string_view told_name(ScriptTold told);

/// By table: its rows.
boost::json::object final_json(const ScriptSetup& setup, const ScriptEnding& ending);
/// What the scenario asks of the tables in the end, and whether it holds.
boost::json::array checks_json(const ScriptSetup& setup, const ScriptEnding& ending);
/// What each operation was told, with its reply.
boost::json::array operations_json(const ScriptEnding& ending);
/// One way in which orders end, and in how many they do.
boost::json::object outcome_json(const ScriptSetup& setup, const ScriptOutcome& outcome,
                                 const OrderCount& orders);
/// A row, value by value.
boost::json::array row_json(const sql::Values& row);
/// One object for everything that happened, step by step.
boost::json::array steps_json(const ScriptOrder& order);
/// Every setting that was made, as text.
boost::json::object options_json(const ScriptExperiment& experiment);

}  // namespace racelab
