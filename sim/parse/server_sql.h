// What of a file's SQL goes to a server, and under which names.
//
// A run works in schemas of its own: what the files call t is racelab_1a2b3c.t there, and shop.t is racelab_1a2b3c_shop.t. On a server
// that holds other data as well, nothing is sent but what stands on the lists in server_sql.cc: they are about the parsed tree, and
// what is not on them is refused, known to be harmful or not.
#pragma once

#include <string>
#include <string_view>

#include "sim/parse/problem.h"
#include "sim/sql/schema.h"

namespace racelab::parse {

/// A name between quotation marks, as statements take any.
std::string quoted_name(std::string_view name);

/// What a schema of the files ("" and "public": none) is called in a run.
std::string schema_on_server(std::string_view run, std::string_view schema);

/// Throws Problem at the first statement, function, type or relation that a server which holds other data is not asked for. A relation
/// must be one of `created`, also when no schema stands before it.
void check_for_server(const Source& source, const sql::Schema& created);

/// The text as it is sent in a run: schemas by their names there. CREATE SCHEMA is left out, as the run makes them. Throws Problem.
std::string on_server(const std::string& text, std::string_view run);

}  // namespace racelab::parse
