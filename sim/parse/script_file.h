// Endpoint files: pgbench's script language with racelab's directives in comments (docs/sql.md).
#pragma once

#include <string>
#include <vector>

#include "sim/handler/script.h"
#include "sim/parse/binder.h"

namespace racelab::parse {

/// A variable that a script reads although it never sets it: something must give it (a parameter, what a client remembers).
struct ReadBefore {
  VariableId variable = 0;
  std::size_t offset = 0;
};

struct ReadScript {
  Script script;
  std::vector<ReadBefore> reads_before;  // each variable once
};

/// `parameters`: names that the scenario gives to every script. Throws Problem.
ReadScript read_script(const Source& source, const sql::Schema& schema, const std::string& name,
                       const std::vector<std::string>& parameters);

}  // namespace racelab::parse
