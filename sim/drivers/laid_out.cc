// Read from the compiled scripts and the schema.
#include "sim/drivers/laid_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "sim/parse/tree.h"

namespace racelab::drivers {

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

void mark_cascades(const sql::Schema& schema, std::vector<bool>& changed) {
  for (bool more = true; more;) {
    more = false;
    for (std::size_t table = 0; table < changed.size(); ++table) {
      for (const sql::Reference& reference : schema.tables[table].references) {
        if (changed[reference.table] && !changed[table]) {
          changed[table] = true;
          more = true;
        }
      }
    }
  }
}

std::vector<bool> changed_tables(const ScriptSetup& setup) {
  std::vector<bool> changed(setup.schema->tables.size());
  for (const auto& script : setup.scripts) {
    for (const Instruction& it : script->instructions) {
      if (it.kind == Instruction::Kind::send) {
        mark_changed(it.statement, changed);
      }
    }
  }
  mark_cascades(*setup.schema, changed);
  return changed;
}

void each_statement(const ScriptSetup& setup,
                    const std::function<void(const Script&, const Instruction&)>& visit) {
  std::set<std::size_t> sent;
  for (const std::vector<std::size_t>& plan : setup.plan) {
    sent.insert(plan.begin(), plan.end());
  }
  for (const std::size_t script : sent) {
    for (const Instruction& it : setup.scripts[script]->instructions) {
      if (it.kind == Instruction::Kind::send) {
        visit(*setup.scripts[script], it);
      }
    }
  }
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

std::vector<std::string> plain_indexes(const std::string& setup_sql) {
  std::vector<std::string> made;
  for (const parse::ParsedStatement& it : parse::parse_sql(setup_sql)) {
    if (parse::kind_of(it.tree) != "IndexStmt") {
      continue;
    }
    const parse::Object& body = parse::body_of(it.tree);
    const parse::Json* unique = parse::member(body, "unique");
    const parse::Json* relation = parse::member(body, "relation");
    const parse::Json* parts = parse::member(body, "indexParams");
    if (unique != nullptr || relation == nullptr || parts == nullptr) {
      continue;
    }
    std::string columns;
    for (const parse::Json& part : parts->as_array()) {
      columns += fmt::format("{}\"{}\"", columns.empty() ? "" : ", ",
                             parse::text_of(parse::body_of(part), "name"));
    }
    const std::string schema = parse::text_of(relation->as_object(), "schemaname");
    made.push_back(fmt::format("create index racelab_index_{} on {}\"{}\" ({})", made.size() + 1,
                               schema.empty() ? "" : fmt::format("\"{}\".", schema),
                               parse::text_of(relation->as_object(), "relname"), columns));
  }
  return made;
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

std::vector<sql::Type> types_of(const std::vector<sql::Target>& targets) {
  std::vector<sql::Type> types;
  types.reserve(targets.size());
  for (const sql::Target& target : targets) {
    types.push_back(target.expression.type);
  }
  return types;
}

std::vector<sql::Type> types_of(const sql::Table& table) {
  std::vector<sql::Type> types;
  types.reserve(table.columns.size());
  for (const sql::Column& column : table.columns) {
    types.push_back(column.type);
  }
  return types;
}

std::optional<std::uint16_t> sequence_of(const sql::Column& column) {
  const bool draws = column.standard && column.standard->kind == sql::Expression::Kind::call &&
                     column.standard->function == sql::Function::nextval;
  return draws ? std::optional(column.standard->index) : std::nullopt;
}

std::int64_t last_number(const ScriptSetup& setup, std::uint16_t table, std::uint16_t column,
                         Numbers numbers) {
  const std::uint16_t sequence = *sequence_of(setup.schema->tables[table].columns[column]);
  if (numbers == Numbers::in_millions) {
    return ((sequence + 1) * million) - 1;
  }
  std::int64_t last = setup.schema->sequences[sequence].start - 1;
  for (const sql::Values& row : setup.start->contents(table)) {
    last = std::max(last, row[column].number);
  }
  return last;
}

}  // namespace racelab::drivers
