// Tables as SQLite and MariaDB create them: printed from what the setup made, not from its text.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "sim/drivers/dialect.h"
#include "sim/drivers/laid_out.h"

namespace racelab::drivers {

namespace {

std::string quoted(const std::string& name) { return '"' + name + '"'; }

std::string_view word_of(sql::Operator op) {
  switch (op) {
    case sql::Operator::add:
      return "+";
    case sql::Operator::subtract:
    case sql::Operator::negate:
      return "-";
    case sql::Operator::multiply:
      return "*";
    case sql::Operator::divide:
      return "/";
    case sql::Operator::remainder:
      return "%";
    case sql::Operator::concat:
      return "||";
    case sql::Operator::equal:
      return "=";
    case sql::Operator::not_equal:
      return "<>";
    case sql::Operator::less:
      return "<";
    case sql::Operator::less_equal:
      return "<=";
    case sql::Operator::greater:
      return ">";
    case sql::Operator::greater_equal:
      return ">=";
    case sql::Operator::like:
      return "like";
    case sql::Operator::not_like:
      return "not like";
    case sql::Operator::distinct:
    case sql::Operator::not_distinct:
      break;
  }
  return "";
}

// A DEFAULT, a CHECK, the condition of a partial key: about one row.
class RowExpression {
 public:
  RowExpression(const sql::Table& table, Dialect dialect) : table_(table), dialect_(dialect) {}

  [[nodiscard]] std::string text(const sql::Expression& it) const {
    using Kind = sql::Expression::Kind;
    switch (it.kind) {
      case Kind::constant:
        return spelled(it.constant);
      case Kind::column:
        return quoted(table_.columns[it.index].name);
      case Kind::both:
        return joined(it, " and ");
      case Kind::either:
        return joined(it, " or ");
      case Kind::negation:
        return fmt::format("(not {})", text(it.arguments[0]));
      case Kind::is_null:
        return fmt::format("({} is null)", text(it.arguments[0]));
      case Kind::is_not_null:
        return fmt::format("({} is not null)", text(it.arguments[0]));
      case Kind::coalesce:
        return "coalesce" + joined(it, ", ");
      case Kind::cast:
        return text(it.arguments[0]);
      case Kind::in_list: {
        sql::Expression list = it;
        list.arguments.erase(list.arguments.begin());
        return fmt::format("({} in {})", text(it.arguments[0]), joined(list, ", "));
      }
      case Kind::operation:
        return operation(it);
      case Kind::call:
        if (it.function == sql::Function::now && dialect_ == Dialect::sqlite) {
          return "now()";
        }
        break;
      default:
        break;
    }
    throw NotInThisDatabase(
        fmt::format("the table {} has a DEFAULT or CHECK that is not put into the words of {}",
                    table_.full_name(), dialect_ == Dialect::sqlite ? "SQLite" : "MariaDB"));
  }

 private:
  [[nodiscard]] std::string joined(const sql::Expression& it, const char* by) const {
    std::vector<std::string> parts;
    for (const sql::Expression& part : it.arguments) {
      parts.push_back(text(part));
    }
    return fmt::format("({})", fmt::join(parts, by));
  }
  [[nodiscard]] std::string operation(const sql::Expression& it) const {
    const std::string left = text(it.arguments[0]);
    if (it.op == sql::Operator::negate) {
      return fmt::format("(- {})", left);
    }
    const std::string right = text(it.arguments[1]);
    if (it.op == sql::Operator::distinct || it.op == sql::Operator::not_distinct) {
      return fmt::format("({}({} {} {}))", it.op == sql::Operator::distinct ? "not " : "", left,
                         dialect_ == Dialect::sqlite ? "is" : "<=>", right);
    }
    const bool whole = it.op == sql::Operator::divide && dialect_ == Dialect::mariadb;
    return fmt::format("({} {} {})", left, whole ? "div" : word_of(it.op), right);
  }

  const sql::Table& table_;
  Dialect dialect_;
};

std::string type_text(const sql::Column& column, Dialect dialect) {
  switch (column.type) {
    case sql::Type::boolean:
      return "boolean";
    case sql::Type::smallint:
      return "smallint";
    case sql::Type::integer:
      return "integer";
    case sql::Type::bigint:
    case sql::Type::timestamptz:
    case sql::Type::interval:
      return "bigint";
    default:
      break;
  }
  // MariaDB's TEXT cannot be a key.
  return dialect == Dialect::sqlite
             ? "text"
             : fmt::format("varchar({})",
                           column.letters_max > 0 ? column.letters_max : std::uint32_t{255});
}

const char* text_of(sql::OnChange change) {
  switch (change) {
    case sql::OnChange::no_action:
      return "no action";
    case sql::OnChange::restricts:
      return "restrict";
    case sql::OnChange::cascades:
      return "cascade";
    case sql::OnChange::sets_null:
      return "set null";
  }
  return "";
}

class TableText {
 public:
  TableText(const sql::Schema& schema, std::uint16_t table, Dialect dialect)
      : schema_(schema),
        table_(schema.tables[table]),
        dialect_(dialect),
        expression_(table_, dialect) {}

  std::vector<std::string> run() {
    for (std::uint16_t column = 0; column < static_cast<std::uint16_t>(table_.columns.size());
         ++column) {
      add_column(column);
    }
    for (const sql::UniqueKey& key : table_.keys) {
      add_key(key);
    }
    for (const sql::Check& check : table_.checks) {
      parts_.push_back(fmt::format("constraint {} check ({})", quoted(check.name),
                                   expression_.text(check.condition)));
    }
    for (const sql::Reference& reference : table_.references) {
      const sql::Table& other = schema_.tables[reference.table];
      parts_.push_back(fmt::format("foreign key ({}) references {} ({}) on delete {} on update {}",
                                   columns(table_, reference.columns), spelled_name(other),
                                   columns(other, reference.to), text_of(reference.on_delete),
                                   text_of(reference.on_update)));
    }
    std::vector<std::string> statements{
        fmt::format("create table {} ({})", spelled_name(table_), fmt::join(parts_, ", "))};
    statements.insert(statements.end(), indexes_.begin(), indexes_.end());
    return statements;
  }

 private:
  static std::string columns(const sql::Table& table, const std::vector<std::uint16_t>& numbers) {
    std::vector<std::string> names;
    names.reserve(numbers.size());
    for (const std::uint16_t number : numbers) {
      names.push_back(quoted(table.columns[number].name));
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }

  [[nodiscard]] bool is_primary_key(std::uint16_t column) const {
    return std::any_of(table_.keys.begin(), table_.keys.end(), [column](const auto& key) {
      return key.primary && key.columns == std::vector{column};
    });
  }

  void add_column(std::uint16_t number) {
    const sql::Column& column = table_.columns[number];
    std::string text = quoted(column.name) + ' ' + type_text(column, dialect_);
    if (sequence_of(column) && dialect_ == Dialect::sqlite) {
      if (!is_primary_key(number)) {
        throw NotInThisDatabase(
            fmt::format("SQLite gives numbers to primary keys only, and {}.{} is none", table_.name,
                        column.name));
      }
      parts_.push_back(quoted(column.name) + " integer primary key autoincrement");
      return;
    }
    if (column.not_null) {
      text += " not null";
    }
    if (sequence_of(column)) {
      text += " auto_increment";
      if (!is_primary_key(number)) {
        keys_.push_back(quoted(column.name));
      }
    } else if (column.standard) {
      text += fmt::format(" default ({})", expression_.text(*column.standard));
    }
    parts_.push_back(text);
    for (const std::string& key : keys_) {  // MariaDB counts in a key only
      parts_.push_back(fmt::format("key ({})", key));
    }
    keys_.clear();
  }

  void add_key(const sql::UniqueKey& key) {
    if (key.primary) {
      const bool is_drawn =
          key.columns.size() == 1 && sequence_of(table_.columns[key.columns.front()]);
      if (!is_drawn || dialect_ == Dialect::mariadb) {
        parts_.push_back(fmt::format("primary key ({})", columns(table_, key.columns)));
      }
      return;
    }
    if (!key.where) {
      parts_.push_back(
          fmt::format("constraint {} unique ({})", quoted(key.name), columns(table_, key.columns)));
      return;
    }
    if (dialect_ == Dialect::mariadb) {
      throw NotInThisDatabase(
          fmt::format("MariaDB has no unique key of some rows only, and {} is one", key.name));
    }
    const std::string schema = table_.schema.empty() ? "" : quoted(table_.schema) + '.';
    indexes_.push_back(fmt::format("create unique index {}{} on {} ({}) where {}", schema,
                                   quoted(key.name), quoted(table_.name),
                                   columns(table_, key.columns), expression_.text(*key.where)));
  }

  const sql::Schema& schema_;
  const sql::Table& table_;
  Dialect dialect_;
  RowExpression expression_;
  std::vector<std::string> parts_;
  std::vector<std::string> keys_;
  std::vector<std::string> indexes_;
};

}  // namespace

std::vector<std::string> other_schemas(const sql::Schema& schema) {
  std::set<std::string> names;
  for (const sql::Table& table : schema.tables) {
    if (!table.bookkeeping && !table.schema.empty()) {
      names.insert(table.schema);
    }
  }
  return {names.begin(), names.end()};
}

std::string spelled_name(const sql::Table& table) {
  if (table.bookkeeping) {
    return quoted("racelab_" + table.name);
  }
  return table.schema.empty() ? quoted(table.name)
                              : fmt::format("{}.{}", quoted(table.schema), quoted(table.name));
}

std::vector<std::string> created(const sql::Schema& schema, std::uint16_t table, Dialect dialect) {
  return TableText(schema, table, dialect).run();
}

}  // namespace racelab::drivers
