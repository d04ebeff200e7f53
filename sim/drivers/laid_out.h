// What every driver needs of a scenario that is laid out on its server: what may change, what can be sent, which generator drew a
// number.
#pragma once

#include <functional>
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

/// Adds the tables that a statement may change by itself; and those that a foreign key takes along.
void mark_changed(const sql::Statement& statement, std::vector<bool>& changed);
void mark_cascades(const sql::Schema& schema, std::vector<bool>& changed);

/// Calls `visit` with the statements that the clients can send, once each.
void each_statement(const ScriptSetup& setup,
                    const std::function<void(const Script&, const Instruction&)>& visit);

/// The columns of its primary key; of a table without one, all.
std::vector<std::uint16_t> key_columns(const sql::Table& table);

/// CREATE INDEX for those of the setup that are not unique, by names of ours: the store has no use for them, but a server may lock
/// what it finds by them.
std::vector<std::string> plain_indexes(const std::string& setup_sql);

/// CREATE TABLE of what a protection keeps: its first column is its key.
std::string create_table(const sql::Table& table, const std::string& name);

/// A value that a server answered, with its generator where it lies among the numbers that one of them draws.
sql::Value marked(sql::Value value, const sql::Schema& schema, Numbers numbers);

/// As contents are compared.
void sort_rows(std::vector<sql::Values>& rows);

/// The types of what a statement answers, and of a table's columns.
std::vector<sql::Type> types_of(const std::vector<sql::Target>& targets);
std::vector<sql::Type> types_of(const sql::Table& table);

/// What the number is drawn from that a column is given by itself; nothing: it is given none.
std::optional<std::uint16_t> sequence_of(const sql::Column& column);
/// What such a column was given last, before the first order.
std::int64_t last_number(const ScriptSetup& setup, std::uint16_t table, std::uint16_t column,
                         Numbers numbers);

}  // namespace racelab::drivers
