// MariaDB's errors by PostgreSQL's names.
#pragma once

#include <string>

#include "sim/sql/sqlstate.h"

namespace racelab::drivers {

/// 1213: 40P01. XX000 for one that PostgreSQL has no name for.
sql::SqlState state_of(unsigned error);

/// A syntax error's message without the advice to read the manual.
std::string without_advice(const std::string& message);

}  // namespace racelab::drivers
