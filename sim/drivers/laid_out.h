// What every driver needs of a scenario that is laid out on its server: what may change, what can be sent, which generator drew a
// number.
#pragma once

#include <string>
#include <vector>

#include "sim/drivers/host.h"

namespace racelab::drivers {

/// How far apart generators start, where numbers are in_millions.
constexpr std::int64_t million = 1'000'000;

/// What gen_random_uuid() draws begins so.
constexpr std::string_view uuid_begin = "00000000-0000-4000-8000-";

/// Tables that the scripts may change, directly or by a foreign key that cascades.
std::vector<bool> changed_tables(const ScriptSetup& setup);

/// The columns of its primary key; of a table without one, all.
std::vector<std::uint16_t> key_columns(const sql::Table& table);

/// CREATE TABLE of what a protection keeps: its first column is its key.
std::string create_table(const sql::Table& table, const std::string& name);

/// A value that a server answered, with its generator where it lies among the numbers that one of them draws.
sql::Value marked(sql::Value value, const sql::Schema& schema, Numbers numbers);

/// As contents are compared.
void sort_rows(std::vector<sql::Values>& rows);

}  // namespace racelab::drivers
