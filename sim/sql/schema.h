// Tables, their columns and what must be true of their rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/sql/expression.h"

namespace racelab::sql {

struct Column {
  std::string name;
  Type type = Type::integer;
  bool not_null = false;
  bool always = false;                 // GENERATED ALWAYS: cannot be given
  std::uint32_t letters_max = 0;       // varchar(n); 0: any number
  std::optional<Expression> standard;  // DEFAULT
};

struct UniqueKey {
  std::string name;
  std::vector<std::uint16_t> columns;
  std::optional<Expression> where;  // partial: of the rows for which this is true
  bool primary = false;
};

struct Check {
  std::string name;
  Expression condition;
};

/// What becomes of rows that refer to a key that goes. NO ACTION lets it go when another row of the statement has taken it over,
/// RESTRICT never; the others change the rows.
enum class OnChange : std::uint8_t { no_action, restricts, cascades, sets_null };

struct Reference {
  std::string name;
  std::vector<std::uint16_t> columns;
  std::uint16_t table = 0;
  std::vector<std::uint16_t> to;  // columns of a unique key there
  OnChange on_delete = OnChange::no_action;
  OnChange on_update = OnChange::no_action;
};

struct Table {
  std::string schema;  // empty: of the application's own database
  std::string name;
  std::vector<Column> columns;
  std::vector<UniqueKey> keys;
  std::vector<Check> checks;
  std::vector<Reference> references;
  bool bookkeeping = false;  // of a protection: what stands there is not among the contents
  [[nodiscard]] std::string full_name() const {
    return schema.empty() ? name : schema + '.' + name;
  }
};

/// A sequence, of a serial or identity column or by itself. Never rolled back.
struct Sequence {
  std::string name;
  std::int64_t start = 1;
  std::int64_t increment = 1;
};

struct Schema {
  std::vector<std::string> schemas;  // besides the application's own: other systems
  std::vector<Table> tables;
  std::vector<Sequence> sequences;

  [[nodiscard]] std::uint16_t table_count() const {
    return static_cast<std::uint16_t>(tables.size());
  }
  /// What gen_random_uuid() draws from, as a generator; sequences come before it.
  [[nodiscard]] std::uint16_t uuid_generator() const {
    return static_cast<std::uint16_t>(sequences.size() + 1);
  }
};

}  // namespace racelab::sql
