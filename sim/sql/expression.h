// Expressions and statements as trees: names are resolved, types are known. Plain data, made once (sim/parse), run many times.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/sql/value.h"

namespace racelab::sql {

struct Select;
struct Statement;

enum class Operator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  remainder,
  negate,
  concat,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  distinct,
  not_distinct,
  like,
  not_like
};

enum class Function : std::uint8_t {
  absolute,
  greatest,
  least,
  nullif,
  lower,
  upper,
  length,
  now,
  clock_timestamp,
  nextval,
  currval,
  random_uuid,
  advisory_lock,
  advisory_xact_lock,
  try_advisory_lock,
  try_advisory_xact_lock,
  advisory_unlock,
  random  // of pgbench: a whole number between two, both included
};

enum class Aggregate : std::uint8_t { count_rows, count, sum, min, max, bool_or, bool_and };

struct Expression {
  enum class Kind : std::uint8_t {
    constant,
    parameter,
    column,
    operation,
    both,
    either,
    negation,
    is_null,
    is_not_null,
    is_true,
    is_not_true,
    is_false,
    is_not_false,
    cast,
    coalesce,
    choice,
    call,
    aggregate,
    in_list,
    scalar,
    exists,
    in_select
  };
  Kind kind = Kind::constant;
  Type type = Type::unknown;
  Operator op = Operator::equal;
  Function function = Function::now;
  Aggregate aggregate = Aggregate::count;
  bool distinct = false;          // aggregate
  std::uint16_t depth = 0;        // column: how many selects further out
  std::uint16_t source = 0;       // column: which table of that select
  std::uint16_t index = 0;        // column, parameter, aggregate: its number; nextval: the sequence
  std::uint32_t letters_max = 0;  // cast to varchar(n): what is longer is cut off; 0: nothing
  Value constant;
  /// choice: condition, result, condition, result, …, and at last what else; in_list: the value, then the list; in_select: a value for
  /// each column.
  std::vector<Expression> arguments;
  std::shared_ptr<const Select> select;  // scalar, exists, in_select
};

/// FOR …, from weak to strong.
enum class LockMode : std::uint8_t { none, key_share, share, no_key_update, update };
enum class IfLocked : std::uint8_t { wait, fail, skip };

/// Which two of these locks cannot be held on one row by two transactions
/// (https://www.postgresql.org/docs/15/explicit-locking.html#LOCKING-ROWS).
constexpr bool conflict(LockMode a, LockMode b) {
  if (a == LockMode::none || b == LockMode::none) {
    return false;
  }
  const LockMode weak = a < b ? a : b;
  const LockMode strong = a < b ? b : a;
  switch (weak) {
    case LockMode::key_share:
      return strong == LockMode::update;
    case LockMode::share:
      return strong >= LockMode::no_key_update;
    default:
      return true;
  }
}

struct Target {
  Expression expression;
  std::string name;
};

struct Ordering {
  Expression expression;
  bool descending = false;
  bool nulls_first = false;
};

struct Derived;

/// One of the things that a statement reads rows from.
struct Source {
  std::uint16_t table = 0;
  std::shared_ptr<const Derived> derived;  // instead of a table: rows that are worked out
  bool left = false;                       // by a left join to what stands before it
  std::optional<Expression> on;            // names no source behind it
};

struct Select {
  bool distinct = false;
  std::vector<Target> targets;
  std::vector<Source> from;
  std::optional<Expression> where;
  std::vector<Expression> group_by;
  std::optional<Expression> having;
  bool grouped = false;                // there are aggregates, or GROUP BY
  std::vector<Expression> aggregates;  // by the index that `aggregate` expressions name
  std::vector<Ordering> order_by;
  std::optional<Expression> limit;
  std::optional<Expression> offset;
  LockMode lock = LockMode::none;
  IfLocked if_locked = IfLocked::wait;
  std::vector<bool> locks;  // which of `from`
  bool correlated = false;  // it names a column of an outer select
};

/// Rows that are worked out before they are read: of a sub-select in FROM, of UNION or VALUES, of a WITH.
struct Derived {
  struct Arm {
    Select select;
    bool all = true;  // UNION ALL; false: of what there is by then, rows that are the same are one
  };
  std::vector<Arm> arms;                       // one after another
  std::shared_ptr<const Statement> statement;  // instead: what changes rows, and returns them
  bool of_with = false;                        // worked out once, whoever reads it
};

struct Assignment {
  std::uint16_t column = 0;
  Expression expression;
};

struct Insert {
  enum class OnConflict : std::uint8_t { fail, nothing, update };
  std::uint16_t table = 0;
  std::vector<std::uint16_t> columns;
  /// Each as many as `columns`; nothing: the column's default.
  std::vector<std::vector<std::optional<Expression>>> rows;
  std::shared_ptr<const Select> select;  // instead of rows
  OnConflict on_conflict = OnConflict::fail;
  std::optional<std::uint16_t> conflict_key;  // of the table's unique keys; nothing: any
  std::vector<Assignment> set;                // source 0: the row there; source 1: excluded
  std::optional<Expression> where;
};

struct Update {
  std::uint16_t table = 0;
  std::vector<Assignment> set;
  std::vector<Source> from;  // the table itself, then what FROM names
  std::optional<Expression> where;
};

struct Delete {
  std::uint16_t table = 0;
  std::vector<Source> from;  // the table itself, then what USING names
  std::optional<Expression> where;
};

enum class Isolation : std::uint8_t { read_committed, repeatable_read, serializable };

struct Statement {
  enum class Kind : std::uint8_t {
    select,
    insert,
    update,
    remove,
    begin,
    commit,
    rollback,
    savepoint,
    release,
    rollback_to
  };
  Kind kind = Kind::select;
  Select select;
  Insert insert;
  Update update;
  Delete remove;
  std::vector<Target> returning;                     // of insert, update, remove
  std::vector<std::shared_ptr<const Derived>> with;  // those that change rows, read or not
  std::optional<Isolation> isolation;                // begin
  std::string savepoint;                             // savepoint, release, rollback_to
  std::vector<Type> parameters;                      // by number, from 0
  std::string text;                                  // as it was written, parameters as $1, $2, …
  std::uint32_t line = 0;                            // in its file
  [[nodiscard]] const std::vector<Target>& answers() const {
    return kind == Kind::select ? select.targets : returning;
  }
  /// Whether it makes, changes or deletes rows, or may.
  [[nodiscard]] bool changes_rows() const {
    return kind == Kind::insert || kind == Kind::update || kind == Kind::remove || !with.empty();
  }
};

/// As it was written, with the values of its parameters in their places.
std::string with_values(const Statement& statement, const Values& parameters);

/// Calls `visit` with every select of a statement, sub-selects included, and with every expression, parts included.
void each_part(const Statement& statement, const std::function<void(const Select&)>& select,
               const std::function<void(const Expression&)>& expression);

/// Calls `visit` with the expressions of a select, whole ones, and not with those of its sub-selects.
void each_expression(const Select& select, const std::function<void(const Expression&)>& visit);

/// Whether two expressions are written alike; no sub-select is like another.
bool same(const Expression& a, const Expression& b);

/// Whether it finds things locked without waiting for them: NOWAIT, SKIP LOCKED, try-locks.
bool asks_without_waiting(const Statement& statement);

/// The tables that it names.
std::vector<std::uint16_t> tables_of(const Statement& statement);

/// Whether a condition can be looked at with one row of its source 0 alone: it names no other row and asks for no other select.
bool about_one_row(const Expression& expression);

}  // namespace racelab::sql
