// Statements as the SQL they stand for, in the short form that a room can read: rows go by their names.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/store/statement.h"

namespace racelab {

/// A, B, …, Z, AA, AB, …: how client 0, 1, … is called.
std::string client_name(std::uint32_t client);

/// A row's name; for an idempotency key "key-A1" (client A's first operation), with ".2" for a second attempt's own key.
std::string row_name(RowKey key, std::span<const std::string> names);

/// "UPDATE n = n + 1 WHERE version = 0".
std::string to_sql(const Statement& statement, std::span<const std::string> names);

/// PostgreSQL's code for an error: "40001".
std::string sqlstate(StatementError error);

}  // namespace racelab
