// Looks at every place where a drawn number could be read: whatever may name its column counts.
#include "sim/explore/unread_generators.h"

#include <algorithm>
#include <functional>

namespace racelab {

namespace {

using sql::Expression;

// Whether some part of an expression, itself included, is such.
bool any_part(const Expression& expression, const std::function<bool(const Expression&)>& is_such) {
  return is_such(expression) ||
         std::any_of(expression.arguments.begin(), expression.arguments.end(),
                     [&is_such](const Expression& part) { return any_part(part, is_such); });
}

bool calls(const Expression& expression, sql::Function function, std::int64_t generator) {
  return expression.kind == Expression::Kind::call && expression.function == function &&
         expression.index == generator;
}

bool contains(const std::vector<std::uint16_t>& columns, std::uint16_t column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

bool sets(const std::vector<sql::Assignment>& set, std::uint16_t column) {
  return std::any_of(set.begin(), set.end(),
                     [column](const sql::Assignment& it) { return it.column == column; });
}

bool gives(const sql::Statement& statement, std::uint16_t column) {
  return contains(statement.insert.columns, column) || sets(statement.insert.set, column) ||
         sets(statement.update.set, column) ||
         std::any_of(statement.with.begin(), statement.with.end(), [column](const auto& with) {
           return with->statement && gives(*with->statement, column);
         });
}

bool names(const sql::Statement& statement, std::uint16_t table, std::uint16_t column) {
  if (!contains(sql::tables_of(statement), table)) {
    return false;
  }
  bool named = gives(statement, column);
  sql::each_part(
      statement, [](const sql::Select& /*select*/) {},
      [&named, column](const Expression& expression) {
        named =
            named || (expression.kind == Expression::Kind::column && expression.index == column);
      });
  return named;
}

bool depends_on(const sql::Schema& schema, std::uint16_t number, std::uint16_t column) {
  const auto is_it = [column](const Expression& expression) {
    return expression.kind == Expression::Kind::column && expression.index == column;
  };
  const sql::Table& table = schema.tables[number];
  return std::any_of(table.checks.begin(), table.checks.end(),
                     [&](const sql::Check& check) { return any_part(check.condition, is_it); }) ||
         std::any_of(
             table.keys.begin(), table.keys.end(),
             [&](const sql::UniqueKey& key) { return key.where && any_part(*key.where, is_it); }) ||
         std::any_of(table.references.begin(), table.references.end(),
                     [column](const sql::Reference& it) { return contains(it.columns, column); }) ||
         std::any_of(schema.tables.begin(), schema.tables.end(), [&](const sql::Table& other) {
           return std::any_of(other.references.begin(), other.references.end(),
                              [&](const sql::Reference& it) {
                                return it.table == number && contains(it.to, column);
                              });
         });
}

bool asks_for(const sql::Statement& statement, std::int64_t generator) {
  bool asks = false;
  sql::each_part(
      statement, [](const sql::Select& /*select*/) {},
      [&asks, generator](const Expression& expression) {
        asks = asks || calls(expression, sql::Function::nextval, generator) ||
               calls(expression, sql::Function::currval, generator);
      });
  return asks;
}

bool is_read(const ScriptSetup& setup, std::int64_t generator) {
  const auto some_statement = [&setup](const std::function<bool(const sql::Statement&)>& is_such) {
    return std::any_of(setup.scripts.begin(), setup.scripts.end(), [&](const auto& script) {
      return std::any_of(script->instructions.begin(), script->instructions.end(),
                         [&](const Instruction& it) { return is_such(it.statement); });
    });
  };
  if (some_statement([&](const sql::Statement& it) { return asks_for(it, generator); })) {
    return true;
  }
  const sql::Schema& schema = *setup.schema;
  for (std::uint16_t table = 0; table < schema.table_count(); ++table) {
    const std::vector<sql::Column>& columns = schema.tables[table].columns;
    for (std::uint16_t column = 0; column < columns.size(); ++column) {
      const bool fills = columns[column].standard &&
                         any_part(*columns[column].standard, [&](const Expression& part) {
                           return calls(part, sql::Function::nextval, generator);
                         });
      if (fills &&
          (depends_on(schema, table, column) ||
           some_statement([&](const sql::Statement& it) { return names(it, table, column); }))) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::set<std::int64_t> unread_generators(const ScriptSetup& setup) {
  std::set<std::int64_t> unread;
  for (std::size_t number = 0; number < setup.schema->sequences.size(); ++number) {
    const auto generator = static_cast<std::int64_t>(number);
    if (!is_read(setup, generator)) {
      unread.insert(generator);
    }
  }
  return unread;
}

}  // namespace racelab
