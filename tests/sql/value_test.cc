// Values as text: written and read as PostgreSQL 15 does it, and back again.
#include "sim/sql/value.h"

#include <gtest/gtest.h>

namespace racelab::sql::value_test {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;

struct Written {
  Type type;
  std::int64_t number;
  const char* text;
};

TEST(Value, is_written_as_postgresql_writes_it) {
  // 2025-01-01 is 20,089 days after 1970-01-01: 55 years of 365 days and 14 leap days.
  for (const Written& it : std::vector<Written>{
           {Type::integer, -5, "-5"},
           {Type::bigint, INT64_MIN, "-9223372036854775808"},
           {Type::boolean, 1, "true"},
           {Type::timestamptz, 0, "1970-01-01 00:00:00+00"},
           {Type::timestamptz, 20'089 * day, "2025-01-01 00:00:00+00"},
           {Type::timestamptz, -second, "1969-12-31 23:59:59+00"},
           {Type::timestamptz, 951'782'400 * second, "2000-02-29 00:00:00+00"},
           {Type::timestamptz, 1'500'000, "1970-01-01 00:00:01.5+00"},
           {Type::interval, 0, "00:00:00"},
           {Type::interval, 90 * second, "00:01:30"},
           {Type::interval, day, "24:00:00"},
           {Type::interval, -second, "-00:00:01"},
           {Type::interval, -25 * 3'600 * second, "-25:00:00"},
           {Type::smallint, -32'768, "-32768"},
           {Type::interval, 1, "00:00:00.000001"},
           {Type::interval, 250'000, "00:00:00.25"},
       }) {
    const Value value = Value::of(it.type, it.number);
    EXPECT_EQ(to_text(value), it.text);
    const std::optional<Value> read = from_text(it.type, it.text);
    EXPECT_TRUE(read && *read == value) << it.text;
  }
  EXPECT_EQ(to_text(Value::null(Type::integer)), "NULL");
  EXPECT_EQ(to_literal(Value::of(Type::text, "it's")), "'it''s'");
  EXPECT_EQ(to_line(Value::of(Type::text, "two\nlines\tand\r")), "two\\nlines\\tand\\r");
  EXPECT_EQ(to_literal(Value::of(Type::integer, 7)), "7");
  EXPECT_EQ(to_literal(Value::of(Type::timestamptz, 0)), "'1970-01-01 00:00:00+00'");
  EXPECT_EQ(to_literal(Value::null()), "NULL");
}

TEST(Value, is_read_where_postgresql_reads_it) {
  struct Read {
    Type type;
    const char* text;
    const char* value;  // as it is written; nullptr: it is refused
  };
  for (const Read& it : std::vector<Read>{
           {Type::integer, " 42 ", "42"},
           {Type::integer, "+42", "42"},
           {Type::integer, "-0", "0"},
           {Type::integer, "", nullptr},
           {Type::integer, "4 2", nullptr},
           {Type::integer, "+-4", nullptr},
           {Type::integer, "1.0", nullptr},
           {Type::integer, "2147483648", nullptr},
           {Type::bigint, "9223372036854775807", "9223372036854775807"},
           {Type::bigint, "9223372036854775808", nullptr},
           {Type::boolean, "TRUE", "true"},
           {Type::boolean, " off ", "false"},
           {Type::boolean, "1", "true"},
           {Type::boolean, "2", nullptr},
           {Type::timestamptz, "2025-01-01T10:30:00Z", "2025-01-01 10:30:00+00"},
           {Type::timestamptz, "2025-01-01 10:30", "2025-01-01 10:30:00+00"},
           {Type::timestamptz, "2025-01-01 10:30:00.25+00", "2025-01-01 10:30:00.25+00"},
           {Type::timestamptz, "2025-13-01", nullptr},
           {Type::timestamptz, "2025-02-29", nullptr},
           {Type::timestamptz, "2024-02-29", "2024-02-29 00:00:00+00"},
           {Type::timestamptz, "2025-01-01 25:00:00", nullptr},
           {Type::timestamptz, "2025-01-01 10:30 tomorrow", nullptr},
           {Type::timestamptz, "now", nullptr},
           {Type::interval, "1 hour 5 min", "01:05:00"},
           {Type::interval, "-30 seconds", "-00:00:30"},
           {Type::interval, "250 ms", "00:00:00.25"},
           {Type::interval, "2 days 1 second", "2 days 00:00:01"},
           {Type::interval, "01:30:00", "01:30:00"},
           {Type::interval, "soon", nullptr},
           {Type::interval, "", nullptr},
           {Type::uuid, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
           {Type::uuid, "a0eebc99", nullptr},
           {Type::uuid, "not-a-uuid-but-thirty-six-letters---", nullptr},
       }) {
    const std::optional<Value> read = from_text(it.type, it.text);
    EXPECT_EQ(read ? to_text(*read) : "refused", it.value != nullptr ? it.value : "refused")
        << name_of(it.type) << " '" << it.text << '\'';
  }
}

// Every day of 800 years: as many as the calendar has, each written and read as itself.
TEST(Value, every_day_has_a_name_of_its_own) {
  std::string before;
  std::int64_t wrong = 0;
  for (std::int64_t number = -146'097; number < 146'097; ++number) {
    const Value value = Value::of(Type::timestamptz, number * day);
    const std::string text = to_text(value);
    const std::optional<Value> read = from_text(Type::timestamptz, text);
    wrong += (read && *read == value && before < text) ? 0 : 1;
    before = text;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(before, "2369-12-31 00:00:00+00");  // 400 years of 146,097 days in all
}

TEST(Value, is_the_same_whatever_its_types_width_and_not_whatever_its_generator) {
  EXPECT_EQ(Value::of(Type::integer, 5), Value::bigint(5));
  EXPECT_EQ(Value::null(Type::integer), Value::null(Type::text));
  EXPECT_FALSE(Value::bigint(0) == Value::null());
  Value drawn = Value::bigint(5);
  drawn.generator = 1;
  EXPECT_FALSE(drawn == Value::bigint(5));
  EXPECT_EQ(compare(drawn, Value::bigint(5)), 0);
  EXPECT_EQ(compare(Value::of(Type::text, "B"), Value::of(Type::text, "a")), -1);
  EXPECT_TRUE(printed_before(Value::bigint(9), Value::null()));
}

}  // namespace
}  // namespace racelab::sql::value_test
