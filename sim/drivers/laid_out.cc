// Read from the compiled scripts and the schema.
#include "sim/drivers/laid_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace racelab::drivers {

namespace {

void mark_changed(const sql::Statement& statement, std::vector<bool>& changed) {
  switch (statement.kind) {
    case sql::Statement::Kind::insert:
      changed[statement.insert.table] = true;
      break;
    case sql::Statement::Kind::update:
      changed[statement.update.table] = true;
      break;
    case sql::Statement::Kind::remove:
      changed[statement.remove.table] = true;
      break;
    default:
      break;
  }
  for (const auto& one : statement.with) {
    mark_changed(*one->statement, changed);
  }
}

}  // namespace

std::vector<bool> changed_tables(const ScriptSetup& setup) {
  std::vector<bool> changed(setup.schema->tables.size());
  for (const auto& script : setup.scripts) {
    for (const Instruction& it : script->instructions) {
      if (it.kind == Instruction::Kind::send) {
        mark_changed(it.statement, changed);
      }
    }
  }
  for (bool more = true; more;) {
    more = false;
    for (std::size_t table = 0; table < changed.size(); ++table) {
      for (const sql::Reference& reference : setup.schema->tables[table].references) {
        if (changed[reference.table] && !changed[table]) {
          changed[table] = true;
          more = true;
        }
      }
    }
  }
  return changed;
}

std::vector<std::uint16_t> key_columns(const sql::Table& table) {
  for (const sql::UniqueKey& key : table.keys) {
    if (key.primary) {
      return key.columns;
    }
  }
  std::vector<std::uint16_t> all(table.columns.size());
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  return all;
}

std::string create_table(const sql::Table& table, const std::string& name) {
  std::string columns;
  for (const sql::Column& column : table.columns) {
    columns += fmt::format("{}\"{}\" {}", columns.empty() ? "" : ", ", column.name,
                           sql::name_of(column.type));
  }
  return fmt::format("create table {} ({}, primary key (\"{}\"))", name, columns,
                     table.columns.front().name);
}

sql::Value marked(sql::Value value, const sql::Schema& schema, Numbers numbers) {
  if (numbers == Numbers::as_the_store || value.is_null) {
    return value;
  }
  if (sql::is_number(value.type)) {
    const std::int64_t generator = value.number / million;
    const auto count = static_cast<std::int64_t>(schema.sequences.size());
    value.generator =
        generator >= 1 && generator <= count ? static_cast<std::uint16_t>(generator) : 0;
  } else if (value.type == sql::Type::uuid && value.text.starts_with(uuid_begin)) {
    value.generator = schema.uuid_generator();
  }
  return value;
}

void sort_rows(std::vector<sql::Values>& rows) {
  std::sort(rows.begin(), rows.end(), [](const sql::Values& a, const sql::Values& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        sql::printed_before);
  });
}

}  // namespace racelab::drivers
