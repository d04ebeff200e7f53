// PostgreSQL's SQL as SQLite and MariaDB spell it, where they have a plain equal. What they have none for stays as it is, and they
// say themselves that they do not know it.
//
// Times and intervals are whole microseconds there: both databases add and compare whole numbers as PostgreSQL does times.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/drivers/driver_error.h"
#include "sim/sql/schema.h"

namespace racelab::drivers {

enum class Dialect : std::uint8_t { sqlite, mariadb };

/// A statement of an endpoint. `parameter`: what stands for its i-th one, from 0.
std::string spelled(const std::string& text, Dialect dialect, const sql::Schema& schema,
                    const std::function<std::string(std::size_t)>& parameter);

/// A value as it stands in a statement.
std::string spelled(const sql::Value& value);

/// Schemas of other systems that hold tables.
std::vector<std::string> other_schemas(const sql::Schema& schema);

/// "schema"."table", or "table" of the application's own; what a protection keeps is among them, as "racelab_table".
std::string spelled_name(const sql::Table& table);

/// CREATE TABLE with its keys, and the CREATE INDEX of those that cannot stand in it. Throws NotInThisDatabase.
std::vector<std::string> created(const sql::Schema& schema, std::uint16_t table, Dialect dialect);

}  // namespace racelab::drivers
