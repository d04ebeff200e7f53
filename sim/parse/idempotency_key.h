// The protection +idempotency-key of endpoints in SQL: the request's key is inserted right after the script's BEGIN (or the handler's),
// and the reply, as :status and the reply variables then stand, is saved in the same transaction, right before whichever COMMIT is
// reached. A call whose key is there already answers what was saved, and runs nothing of the script; while the first one is under way
// it waits on the key. A path that rolls back saves nothing.
//
// It is a script like any other, made of the bare one: whoever runs scripts knows nothing of it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/handler/script.h"
#include "sim/sql/schema.h"

namespace racelab::parse {

constexpr std::string_view idempotency_key = "idempotency-key";

/// The type that a variable has in the answer; `unknown`: nothing in the script tells it; `nothing`: now this, now that.
sql::Type type_in_answer(const Script& script, VariableId variable);

/// Why the script cannot be given a key; empty: it can.
std::string problem_with_key(const Script& script);

/// Whether all that the script does stands or falls with the key: nothing is sent to another system, nothing is changed or answered
/// outside the one transaction. Only then is a second call harmless. Expects that there is no problem.
bool key_covers(const Script& script);

/// The table racelab.idempotency_key: a column for each value that one of the scripts replies. `given`: types of variables that a script
/// does not set itself. Throws Problem.
sql::Table key_table(const std::vector<const Script*>& scripts,
                     const std::map<std::string, sql::Type>& given);

/// `schema`: with that table, its last one. Expects that there is no problem.
Script with_idempotency_key(const Script& script, const sql::Schema& schema);

}  // namespace racelab::parse
