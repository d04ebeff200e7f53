// What goes to and fro between racelab and a driver of the user's (docs/drivers.md), as values.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "sim/sql/sqlstate.h"
#include "sim/sql/value.h"

namespace racelab::drivers {

/// Throws NotInThisDatabase where SQL asks for what a driver cannot have from us: our clock, ids that are drawn again.
void refuse_unsteady(const std::string& sql, const std::string& name);

/// A value as JSON: null, a number, true or false, else its text.
boost::json::value json_of(const sql::Value& value);
/// JSON as a value of that type. Throws DriverError.
sql::Value value_in(const boost::json::value& value, sql::Type type);

/// $2 … $1 as ? … ?, with the parameters in that order.
std::pair<std::string, boost::json::array> with_marks(const std::string& sql,
                                                      const boost::json::array& given);

/// The text of that name; empty: there is none.
std::string text_in(const boost::json::object& object, std::string_view name);

/// The driver does not keep to the protocol. Throws DriverError.
[[noreturn]] void nonsense(const std::string& what);

/// The SQLSTATE of an error. Throws DriverError.
sql::SqlState state_in(const boost::json::object& error);

/// Whether the error says that the database does not have this SQL.
bool is_unknown_sql(const sql::SqlState& state);

}  // namespace racelab::drivers
