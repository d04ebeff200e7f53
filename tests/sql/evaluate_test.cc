// Expressions give what PostgreSQL 15 gives: each row was asked of a server (`SELECT …`), but for the errors' texts, which are its
// own too.
#include "tests/sql/lab.h"

namespace racelab::sql::evaluate_test {
namespace {

struct Asked {
  std::string expression;
  std::string answer;
};

void expect_answers(const std::vector<Asked>& table) {
  Lab lab("create table three (b boolean); insert into three values (true), (false), (null)");
  for (const Asked& it : table) {
    std::string got;
    try {
      got = lab.start(1, "select " + it.expression);
      const Result& result = lab.database().result(1);
      got += result.error.failed() ? ": " + result.message : "";
    } catch (const parse::Problem& problem) {
      got = problem.what();
    }
    EXPECT_EQ(got, it.answer) << it.expression;
  }
}

// All nine pairs, in the order true, false, NULL.
TEST(Evaluate, logic_has_three_values) {
  const std::string nine = " from three a join three c on true";
  Lab lab("create table three (b boolean); insert into three values (true), (false), (null)");
  const std::vector<Asked> table{
      {"a.b and c.b", "true; false; NULL; false; false; false; NULL; false; NULL"},
      {"a.b or c.b", "true; true; true; true; false; NULL; true; NULL; NULL"},
      {"a.b = c.b", "true; false; NULL; false; true; NULL; NULL; NULL; NULL"},
      {"a.b <> c.b", "false; true; NULL; true; false; NULL; NULL; NULL; NULL"},
      {"a.b < c.b", "false; false; NULL; true; false; NULL; NULL; NULL; NULL"},
      {"a.b is distinct from c.b", "false; true; true; true; false; true; true; true; false"},
      {"a.b is not distinct from c.b",
       "true; false; false; false; true; false; false; false; true"}};
  for (const Asked& it : table) {
    EXPECT_EQ(lab.start(1, "select " + it.expression + nine), it.answer) << it.expression;
  }
  EXPECT_EQ(lab.start(1,
                      "select not b, b is null, b is not null, b is true, b is not true, "
                      "b is false, b is not false, b is unknown, b is not unknown from three"),
            "false, false, true, true, false, false, true, false, true; "
            "true, false, true, false, true, true, false, false, true; "
            "NULL, true, false, false, true, false, true, true, false");
}

TEST(Evaluate, null_is_not_known) {
  expect_answers({
      {"null + 1", "NULL"},
      {"1 = null", "NULL"},
      {"null || 'a'", "NULL"},
      {"null is null", "true"},
      {"2 in (1, null)", "NULL"},
      {"1 in (1, null)", "true"},
      {"2 not in (1, null)", "NULL"},
      {"1 not in (1, null)", "false"},
      {"null in (1, 2)", "NULL"},
      {"true in (select b from three)", "true"},
      {"null in (select b from three)", "NULL"},
      {"null in (select b from three where false)", "false"},
      {"1 between null and 0", "false"},
      {"1 between 0 and null", "NULL"},
      {"1 not between 2 and 3", "true"},
      {"exists (select null from three where b is null)", "true"},
      {"(select b from three where b)", "true"},
      {"(select b from three where false)", "NULL"},
      {"(select b from three)",
       "21000: more than one row returned by a subquery used as an expression"},
  });
}

TEST(Evaluate, numbers_end_where_those_of_postgresql_end) {
  expect_answers({
      {"2147483646 + 1", "2147483647"},
      {"2147483647 + 1", "22003: integer out of range"},
      {"-2147483647 - 2", "22003: integer out of range"},
      {"-2147483648", "-2147483648"},
      {"65536 * 65536", "22003: integer out of range"},
      {"65536::bigint * 65536", "4294967296"},
      {"2147483648 + 1", "2147483649"},  // a number that is no integer is a bigint
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775807 + 1", "22003: bigint out of range"},
      {"-9223372036854775807 - 2", "22003: bigint out of range"},
      {"(-9223372036854775807 - 1) / -1", "22003: bigint out of range"},
      {"(-9223372036854775807 - 1) % -1", "0"},
      {"abs(-9223372036854775807 - 1)", "22003: bigint out of range"},
      {"(-2147483647 - 1) / (-1)", "22003: integer out of range"},
      {"-(-2147483647 - 1)", "22003: integer out of range"},
      {"abs(-2147483647 - 1)", "22003: integer out of range"},
      {"2147483648::integer", "22003: integer out of range"},
      {"7 / 2", "3"},
      {"-7 / 2", "-3"},
      {"-7 % 2", "-1"},
      {"7 % -2", "1"},
      {"7 / 0", "22012: division by zero"},
      {"7 % 0", "22012: division by zero"},
      {"null / 0", "NULL"},
      {"abs(-5)", "5"},
      {"+5", "5"},
      {"1 - -1", "2"},
      {"2 + 3 * 4", "14"},
      {"greatest(1, null, 3)", "3"},
      {"least(1, null, 3)", "1"},
      {"nullif(1, 1)", "NULL"},
      {"nullif(1, 2)", "1"},
  });
}

TEST(Evaluate, case_and_coalesce_look_no_further_than_they_must) {
  expect_answers({
      {"case when false then 1 when null then 2 end", "NULL"},
      {"case when null then 1 else 2 end", "2"},
      {"case 2 when 1 then 'one' when 2 then 'two' else 'many' end", "two"},
      {"case null when null then 1 else 2 end", "2"},
      {"case when (select count(*) from three) = 3 then 1 else 1 / (select 0) end", "1"},
      {"coalesce(null, 2, 3)", "2"},
      {"coalesce(null, null)", "NULL"},
      {"coalesce((select 1), 1 / (select 0))", "1"},
      {"coalesce(1, 5000000000) + 2147483647", "2147483648"},  // one type for all: bigint
  });
}

TEST(Evaluate, text_is_compared_byte_by_byte) {
  expect_answers({
      {"'a' < 'b'", "true"},
      {"'B' < 'a'", "true"},  // as with COLLATE "C"
      {"'a' < 'ab'", "true"},
      {"'z' < 'ä'", "true"},
      {"'10' < '9'", "true"},
      {"'a' || 'b' || 1", "ab1"},
      {"'a' || true", "atrue"},
      {"'it''s'", "it's"},
      {"lower('ABC'), upper('abc'), length('abc')", "abc, ABC, 3"},
      {"length('Größe'), char_length('')", "5, 0"},
      {"'abc' like 'a%'", "true"},
      {"'abc' like '_b_'", "true"},
      {"'abc' like 'b'", "false"},
      {"'abc' not like '%c'", "false"},
      {"'' like '%'", "true"},
      {"'a%c' like 'a\\%c', 'abc' like 'a\\%c'", "true, false"},
      {"'ä' like '_'", "true"},
      {"'Größe' like 'Gr__e'", "true"},
      {"null like 'a'", "NULL"},
      {"'abc' like 'a%%c', 'abc' like '%_c', 'abc' like '%____', 'ä' like '%_'",
       "true, true, false, true"},
      {"upper('größe'), lower('GRÖSSE')", "GRößE, grÖsse"},  // as with COLLATE "C"
  });
}

// A pattern that ends in the middle of an escape is found out only where the text gets so far.
TEST(Evaluate, a_pattern_ends_in_no_escape) {
  const char* message = "22025: LIKE pattern must not end with escape character";
  expect_answers({
      {R"('a' like 'a\')", "false"},
      {R"('ab' like 'a\')", message},
      {R"('ab' not like 'a\')", message},
      {R"('' like '\')", "false"},
      {R"('x' like '\')", message},
      {R"('abc' like '%\')", message},
      {R"('' like '%\')", "false"},
  });
}

// 30 letters and 11 times %: a search that tried every way would look at 30! / (19! 11!) = 54,627,300 of them.
TEST(Evaluate, no_pattern_takes_for_ever) {
  expect_answers({
      {"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' like '%a%a%a%a%a%a%a%a%a%a%b'", "false"},
      {"'" + std::string(2'000, 'a') + "' like '" +
           [] {
             std::string pattern;
             for (int i = 0; i < 500; ++i) {
               pattern += "%a";
             }
             return pattern;
           }() +
           "b'",
       "false"},
  });
}

// Days are kept apart from hours, and compared as if they had 24 of them.
TEST(Evaluate, an_interval_has_days_and_hours) {
  expect_answers({
      {"interval '25 hours', interval '1 day 01:00', interval '24 hours', interval '-25 hours'",
       "25:00:00, 1 day 01:00:00, 24:00:00, -25:00:00"},
      {"interval '1 day -1 hour', interval '-1 day +2 hours', interval '1.5 days'",
       "1 day -01:00:00, -1 days +02:00:00, 1 day 12:00:00"},
      {"interval '1 week', interval '1.5 hours', interval '100:30', interval '12345678 hours'",
       "7 days, 01:30:00, 100:30:00, 12345678:00:00"},
      {"interval '1 day' = interval '24 hours', interval '25 hours' > interval '1 day'",
       "true, true"},
      {"interval '36 hours' / 2, interval '1 day' / 2, interval '3 days' / 2",
       "18:00:00, 12:00:00, 1 day 12:00:00"},
      {"interval '1 day' * 2, 3 * interval '1 day 12 hours'", "2 days, 3 days 36:00:00"},
      {"interval '1 day' - interval '1 hour', - interval '1 day 2 hours'",
       "1 day -01:00:00, -1 days -02:00:00"},
      {"interval '1 day' + interval '23 hours' + interval '2 hours'", "1 day 25:00:00"},
      {"interval '3 us' / 2, interval '1 us' / 2, interval '-3 us' / 2",
       "00:00:00.000002, 00:00:00, -00:00:00.000002"},
      {"'2025-01-03 10:00+00'::timestamptz - '2025-01-01 12:00+00'::timestamptz", "1 day 22:00:00"},
      {"'2025-01-01 10:00+00'::timestamptz - '2025-01-03 12:00+00'::timestamptz",
       "-2 days -02:00:00"},
      {"'2025-01-01 10:00+00'::timestamptz + interval '1 day 25 hours'", "2025-01-03 11:00:00+00"},
      // A server goes on to 2,147,483,647 days.
      {"interval '100000000 days' * 2", "22008: interval out of range"},
      {"interval '1 day' / 0", "22012: division by zero"},
  });
}

TEST(Evaluate, a_smallint_ends_where_that_of_postgresql_ends) {
  expect_answers({
      {"40000::smallint", "22003: smallint out of range"},
      {"('40000' || '')::smallint", "22003: value \"40000\" is out of range for type smallint"},
      {"32767::smallint + 1::smallint", "22003: smallint out of range"},
      {"32767::smallint + 1", "32768"},  // of the wider type
      {"32767::smallint * 2::smallint", "22003: smallint out of range"},
      {"-(-32768)::smallint", "22003: smallint out of range"},
      {"coalesce(32767::smallint, 1) + 1", "32768"},
      {"abs(-5::smallint), greatest(1::smallint, 70000)", "5, 70000"},
  });
}

TEST(Evaluate, a_cast_to_varchar_cuts) {
  expect_answers({
      {"'abcd'::varchar(3), 'äöüx'::varchar(2), 'ab'::varchar(3)", "abc, äö, ab"},
      {"cast('abc' as varchar), ('ab' || 'cd')::varchar(3)", "abc, abc"},
      {"12345::varchar(2), null::varchar(2)", "12, NULL"},
  });
}

TEST(Evaluate, types_are_cast) {
  expect_answers({
      {"'12'::integer + 1", "13"},
      {"' -12 '::integer", "-12"},
      {"cast('yes' as boolean), 'f'::boolean", "true, false"},
      {"2::boolean, 0::boolean, true::integer", "true, false, 1"},
      {"12::text || 'x'", "12x"},
      {"true::text", "true"},
      {"null::integer + 1", "NULL"},
      {"('x' || '1')::integer", "22P02: invalid input syntax for type integer: \"x1\""},
      {"('99999999999' || '')::integer",
       "22003: value \"99999999999\" is out of range for type integer"},
      {"('99999999999999999999' || '')::bigint",
       "22003: value \"99999999999999999999\" is out of range for type bigint"},
      {"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
  });
}

TEST(Evaluate, time_is_added_and_compared) {
  expect_answers({
      {"timestamptz '2025-01-01 12:00:00+00'", "2025-01-01 12:00:00+00"},
      {"timestamptz '2025-01-01'", "2025-01-01 00:00:00+00"},
      {"timestamptz '2025-01-01 12:00:00+00' + interval '1 day 30 seconds'",
       "2025-01-02 12:00:30+00"},
      {"timestamptz '2025-01-01 12:00:00+00' - '1 hour'::interval", "2025-01-01 11:00:00+00"},
      {"interval '2 min' + timestamptz '2024-02-28 23:59:00+00'", "2024-02-29 00:01:00+00"},
      {"timestamptz '2025-01-02 12:00:00+00' - timestamptz '2025-01-01 11:59:58+00'",
       "1 day 00:00:02"},
      {"interval '90 seconds'", "00:01:30"},
      {"interval '1 hour' * 3", "03:00:00"},
      {"interval '1 hour' / 4", "00:15:00"},
      {"-interval '1 hour'", "-01:00:00"},
      {"interval '1 ms'", "00:00:00.001"},
      {"interval '1 day' = interval '24 hours'", "true"},
      {"timestamptz '2025-01-01 12:00:00+00' < timestamptz '2025-01-01 12:00:01+00'", "true"},
      {"now() = current_timestamp, now() <= clock_timestamp()", "true, true"},
  });
}

TEST(Evaluate, selects_are_grouped_by_more_than_columns) {
  Lab lab(
      "create table sale (id integer primary key, buyer text, n integer);"
      "insert into sale values (1, 'a', 10), (2, 'b', 20), (3, 'a', 30), (4, null, 40)");
  expect_history(lab, R"(
      1: select buyer, sum(n) from sale group by 1 order by 1          -> a, 40; b, 20; NULL, 40
      1: select buyer || '!' as who, count(*) from sale group by who order by 2, 1 -> b!, 1; NULL, 1; a!, 2
      1: select n % 20, max(id) from sale group by n % 20 order by 1   -> 0, 4; 10, 3
      1: select id, buyer, count(*) from sale where n > 20 group by id order by id -> 3, a, 1; 4, NULL, 1
      1: select distinct buyer from sale order by buyer desc           -> NULL; b; a
      1: select distinct buyer from sale order by buyer limit 1 offset 1 -> b
      1: select distinct count(*) from sale group by id                -> 1
      1: select count(distinct buyer), count(buyer), sum(distinct n % 20) from sale -> 2, 3, 10
  )");
  for (const auto& [sql, message] : std::vector<std::pair<std::string, std::string>>{
           {"select n from sale group by buyer",
            "column \"n\" must appear in the GROUP BY clause or be used in an aggregate function"},
           {"select n + 1 from sale group by n % 20",
            "column \"n\" must appear in the GROUP BY clause or be used in an aggregate function"},
           {"select (select sale.n) from sale group by buyer",
            "subquery uses ungrouped column \"n\" from outer query"},
           {"select count(*) from sale group by 2", "GROUP BY position 2 is not in select list"},
           {"select count(*) from sale group by 1",
            "aggregate functions are not allowed in GROUP BY"},
           {"select distinct buyer from sale order by n",
            "for SELECT DISTINCT, ORDER BY expressions must appear in select list"},
           {"select distinct buyer from sale for update",
            "FOR UPDATE is not allowed with DISTINCT clause"}}) {
    try {
      lab.bind(sql);
      ADD_FAILURE() << sql;
    } catch (const parse::Problem& problem) {
      EXPECT_NE(std::string(problem.what()).find(message), std::string::npos) << problem.what();
    }
  }
}

TEST(Evaluate, selects_are_grouped_sorted_and_limited) {
  expect_history(
      "create table sale (id integer primary key, buyer text, n integer);"
      "insert into sale values (1, 'ann', 5), (2, 'bob', null), (3, 'ann', 7), (4, 'cy', 7)",
      R"(
      1: select count(*), count(n), sum(n), min(n), max(n) from sale    -> 4, 3, 19, 5, 7
      1: select count(*), sum(n), max(n), bool_or(n > 5) from sale where false -> 0, NULL, NULL, NULL
      1: select count(distinct buyer), bool_and(n > 5) from sale        -> 3, false
      1: select buyer, count(*) from sale group by buyer order by buyer -> ann, 2; bob, 1; cy, 1
      1: select buyer from sale group by buyer having sum(n) > 6 order by 1 desc -> cy; ann
      1: select buyer, sum(n) as s from sale group by buyer order by s desc -> bob, NULL; ann, 12; cy, 7
      1: select id from sale order by n desc, id desc                   -> 2; 4; 3; 1
      1: select id from sale order by n nulls first, id                 -> 2; 1; 3; 4
      1: select id from sale order by n, buyer desc                     -> 1; 4; 3; 2
      1: select id from sale order by id limit 2 offset 1               -> 2; 3
      1: select id from sale order by id limit 0                        -> nothing
      1: select id from sale order by id limit null offset 3            -> 4
      1: select * from sale where n = 5                                 -> 1, ann, 5
      1: select a.id, b.id from sale a join sale b on b.n = a.n and b.id > a.id -> 3, 4
      1: select a.id, b.id from sale a left join sale b on b.id = a.n order by 1 -> 1, NULL; 2, NULL; 3, NULL; 4, NULL
      1: select a.id from sale a, sale b where b.id = a.n - 4 order by 1 -> 1; 3; 4
      1: select id, (select count(*) from sale b where b.buyer = a.buyer) from sale a where id < 3 -> 1, 2; 2, 1
      1: select id from sale a where exists (select 1 from sale b where b.n = a.n and b.id <> a.id) -> 3; 4
      1: select id from sale where n = (select max(n) from sale)        -> 3; 4
      1: select sum(n + 2147483647) from sale where id = 1              -> 22003
      1: update sale set n = n + 1 where id = 1 returning id, n         -> 1, 6
      1: select id from sale                                            -> 2; 3; 4; 1
  )");
}

}  // namespace
}  // namespace racelab::sql::evaluate_test
