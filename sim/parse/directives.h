// What stands in the comments of an endpoint file (docs/sql.md). Each item is a view of the file's text, so that a mistake has its
// place. All throw Problem.
#pragma once

#include <string_view>
#include <vector>

#include "sim/handler/script.h"
#include "sim/parse/problem.h"

namespace racelab::parse {

/// The words that stand before the colon: in the head of the file, before a statement.
const std::vector<std::string>& head_directives();
const std::vector<std::string>& statement_directives();

/// "23505".
sql::SqlState sql_state(const Source& source, std::string_view item);
/// "423": of a refusal.
std::int64_t refusal_status(const Source& source, std::string_view item);
/// "race from repeatable-read".
Script::Withstood withstood(const Source& source, std::string_view item);

}  // namespace racelab::parse
