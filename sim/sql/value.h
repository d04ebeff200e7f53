// Values of the relational store: what a column holds, a parameter is bound to, an expression gives.
//
// A value that a generator drew (serial, identity, gen_random_uuid) remembers which: two executions that drew other numbers may be
// the same but for their names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace racelab::sql {

/// What the store models. `unknown`: a parameter or a quoted constant whose place has not told its type yet; `nothing`: what a
/// function answers that answers nothing (pg_advisory_lock).
enum class Type : std::uint8_t {
  unknown,
  boolean,
  smallint,
  integer,
  bigint,
  text,
  timestamptz,
  interval,
  uuid,
  nothing
};

/// As PostgreSQL spells it.
std::string name_of(Type type);
/// Whether its values are kept as numbers.
constexpr bool is_number(Type type) { return type >= Type::smallint && type <= Type::bigint; }

/// Whether a number is one of its type.
constexpr bool fits(Type type, std::int64_t number) {
  return type == Type::smallint  ? number >= INT16_MIN && number <= INT16_MAX
         : type == Type::integer ? number >= INT32_MIN && number <= INT32_MAX
                                 : true;
}

struct Value {
  Type type = Type::unknown;
  bool is_null = true;
  std::uint16_t generator = 0;  // 0: none; else 1 + its number in the schema
  std::int32_t days = 0;        // of an interval's number: PostgreSQL keeps days apart from hours
  std::int64_t number = 0;      // boolean, numbers; microseconds of timestamptz, interval
  std::string text;             // text, uuid, unknown

  static Value null(Type type = Type::unknown) {
    Value value;
    value.type = type;
    return value;
  }
  static Value of(Type type, std::int64_t number) {
    Value value;
    value.type = type;
    value.is_null = false;
    value.number = number;
    return value;
  }
  static Value of(Type type, std::string text) {
    Value value;
    value.type = type;
    value.is_null = false;
    value.text = std::move(text);
    return value;
  }
  static Value boolean(bool truth) { return of(Type::boolean, truth ? 1 : 0); }
  static Value bigint(std::int64_t number) { return of(Type::bigint, number); }

  /// Whether a condition is met: NULL is not.
  [[nodiscard]] bool is_true() const { return !is_null && number != 0; }
  /// The same contents; NULL is the same as NULL, and a type's width does not matter.
  friend bool operator==(const Value& a, const Value& b) {
    return a.is_null == b.is_null &&
           (a.is_null || (a.number == b.number && a.days == b.days && a.text == b.text &&
                          a.generator == b.generator));
  }
};

using Values = std::vector<Value>;
/// A row never changes: an UPDATE makes another one.
using Row = std::shared_ptr<const Values>;

/// -1, 0, 1 of two values that are not NULL and of one kind; text by its bytes (collation C).
int compare(const Value& a, const Value& b);

/// A total order over whatever values, NULL last: for printing and for sets, not for SQL.
bool printed_before(const Value& a, const Value& b);

/// As psql prints it; NULL as "NULL".
std::string to_text(const Value& value);
/// The same on one line: a line feed within is shown as \n, a carriage return as \r, a tab as \t.
std::string to_line(const Value& value);
/// As it stands in a statement: text in quotes.
std::string to_literal(const Value& value);

/// What the text means as a value of the type; nothing: it does not (22P02, 22003).
std::optional<Value> from_text(Type type, std::string_view text);

/// As words that are the same for the same values: a part of a state's name.
void describe(const Value& value, std::vector<std::uint64_t>& words);
void describe(const Values& values, std::vector<std::uint64_t>& words);

/// An interval's text ("30 seconds", "1 day 5 min", "25:00"); nothing: not understood. Months and years are not modelled.
std::optional<Value> interval_of(std::string_view text);

constexpr std::int64_t micros_per_day = 86'400'000'000;

}  // namespace racelab::sql
