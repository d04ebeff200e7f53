// SQL texts and what becomes of them: parameters take PostgreSQL's types, mistakes get PostgreSQL's own sentence and their place, and
// what the store does not model says so.
#include "tests/sql/lab.h"

namespace racelab::sql::statement_test {
namespace {

const char* setup =
    "create schema mailer;"
    "create table item (id integer primary key, name text not null unique, n integer default 5,"
    " big bigint, done boolean default false, due timestamptz, code uuid, unique (n, big));"
    "create table sale (id serial primary key, item integer references item, buyer text);"
    "create table fixed (id integer generated always as identity, n integer);"
    "create table mailer.sent (id serial, body text)";

struct Bad {
  const char* sql;
  const char* message;
};

// The first line of what is said, without the file's name.
std::string said(const parse::Problem& problem) {
  const std::string all = problem.what();
  const std::string first = all.substr(0, all.find('\n'));
  return first.substr(first.find(':') + 1);
}

std::string problem_with(Lab& lab, const std::string& sql) {
  try {
    lab.bind(sql);
  } catch (const parse::Problem& problem) {
    return said(problem);
  }
  return "nothing wrong";
}

void expect_problems(const std::vector<Bad>& table) {
  Lab lab(setup);
  for (const Bad& it : table) {
    EXPECT_EQ(problem_with(lab, it.sql), it.message) << it.sql;
  }
}

TEST(Statement, a_parameter_has_the_type_of_its_place) {
  Lab lab(setup);
  const auto types = [&lab](const std::string& sql) {
    std::string names;
    try {
      for (const Type type : lab.bind(sql).parameters) {
        names += (names.empty() ? "" : ", ") + name_of(type);
      }
    } catch (const parse::Problem& problem) {
      names = problem.what();
    }
    return names;
  };
  for (const Bad& it : std::vector<Bad>{
           {"select $1", "text"},
           {"select $1 + 1, $2 + 5000000000, $3::boolean", "integer, bigint, boolean"},
           {"select 1 from item where id = $1 and name = $2 and done = $3",
            "integer, text, boolean"},
           {"select 1 from item where big in ($1, $2) and due < $3",
            "bigint, bigint, timestamp with time zone"},
           {"select now() - $1, now() + $2", "timestamp with time zone, interval"},
           {"select 1 from item where due + $1 > now()", "interval"},
           {"select 1 from item where n between $1 and $2", "integer, integer"},
           {"select 1 from item where $1 between n and big", "integer"},
           {"select 1 from item where done or $1", "boolean"},
           {"select 1 from item where code = $1 and name like $2", "uuid, text"},
           {"select coalesce(n, $1), nullif($2, big), greatest($3, 1) from item",
            "integer, bigint, integer"},
           {"select case when $1 then n else $2 end from item", "boolean, integer"},
           {"select 1 from item limit $1 offset $2", "bigint, bigint"},
           {"insert into item (id, name, big, due) values ($1, $2, $3, $4)",
            "integer, text, bigint, timestamp with time zone"},
           {"insert into item (id, name) select $1, $2", "integer, text"},
           {"update item set n = $1, done = $2 where id = $3", "integer, boolean, integer"},
           {"update item set n = n - $1, name = name || $2", "integer, text"},
           {"delete from item where id = $1", "integer"},
           {"select pg_advisory_xact_lock($1), lower($2), abs($3)", "bigint, text, integer"},
           {"select $1::integer + $1", "integer"},
       }) {
    EXPECT_EQ(types(it.sql), it.message) << it.sql;
  }
}

TEST(Statement, names_that_are_not_there) {
  expect_problems({
      {"select stok from item", "1:8: column \"stok\" does not exist"},
      {"select nam from item", "1:8: column \"nam\" does not exist; did you mean name?"},
      {"select 1\n  from itm", "2:8: relation \"itm\" does not exist; did you mean item?"},
      {"select 1 from warehouse", "1:15: relation \"warehouse\" does not exist"},
      {"select 1 from sent", "1:15: relation \"sent\" does not exist; did you mean mailer.sent?"},
      {"select 1 from mailer.item", "1:15: relation \"mailer.item\" does not exist"},
      {"select item.n from item i", "1:8: column \"item.n\" does not exist"},
      {"select id as x from item where x = 1", "1:32: column \"x\" does not exist"},
      {"select id from item, sale", "1:8: column reference \"id\" is ambiguous"},
      {"select 1 from item, item", "1:21: table name \"item\" specified more than once"},
      {"update item set nn = 1", "1:17: column \"nn\" of relation \"item\" does not exist"},
      {"insert into item (id, nam) values (1, 'a')",
       "1:23: column \"nam\" of relation \"item\" does not exist; did you mean name?"},
      {"update item set n = 1 where exists (select 1 from sale where item = idd)",
       "1:69: column \"idd\" does not exist; did you mean id?"},
      {"select id from item for update of itm",
       "1:35: relation \"itm\" in FOR UPDATE clause not found in FROM clause"},
      {"insert into item values (1, 'a') on conflict (id, foo) do nothing",
       "1:46: column \"foo\" does not exist"},
      {"select nextval('sale_seq')", "1:8: relation \"sale_seq\" does not exist"},
      {"delete from item where excluded.id = 1", "1:24: column \"excluded.id\" does not exist"},
  });
}

TEST(Statement, types_that_do_not_match) {
  expect_problems({
      {"select 1 from item where n",
       "1:26: argument of WHERE must be type boolean, not type integer"},
      {"select 1 from item where not n",
       "1:30: argument of NOT must be type boolean, not type integer"},
      {"select 1 from item where done and 1",
       "1:35: argument of AND must be type boolean, not type integer"},
      {"select n is true from item",
       "1:8: argument of IS TRUE must be type boolean, not type integer"},
      {"select case when 1 then 2 end",
       "1:18: argument of CASE/WHEN must be type boolean, not type integer"},
      {"select 1 from item where n = name", "1:28: operator does not exist: integer = text"},
      {"select 1 from item where n = 'x'", "1:28: invalid input syntax for type integer: \"x\""},
      {"select n + name from item", "1:10: operator does not exist: integer + text"},
      {"select n + true from item", "1:10: operator does not exist: integer + boolean"},
      {"select n || n from item", "1:10: operator does not exist: integer || integer"},
      {"select -name from item", "1:8: operator does not exist: - text"},
      {"select due + due from item",
       "1:12: operator does not exist: timestamp with time zone + timestamp with time zone"},
      {"select due + 1 from item",
       "1:12: operator does not exist: timestamp with time zone + integer"},
      {"select $1 + $2",
       "1:11: operator is not unique: unknown + unknown; write a type: (:name)::integer"},
      {"select n like name from item", "1:10: operator does not exist: integer ~~ text"},
      {"select coalesce(n, name) from item",
       "1:8: COALESCE types integer and text cannot be matched"},
      {"select case when done then n else name end from item",
       "1:8: CASE types integer and text cannot be matched"},
      {"select 1 from item where n in (1, name)",
       "1:28: IN types integer and text cannot be matched"},
      {"select 1 from item where n in (select name from item)",
       "1:28: IN types integer and text cannot be matched"},
      {"select (select id, n from item)", "1:8: subquery must return only one column"},
      {"select lower(1)", "1:8: function lower(integer) does not exist"},
      {"select sum(name) from item", "1:8: function sum(text) does not exist"},
      {"select bool_or(n) from item", "1:8: function bool_or(integer) does not exist"},
      {"select done::bigint from item", "1:12: cannot cast type boolean to bigint"},
      {"insert into item (id, name) values ('x', 1)",
       "1:37: invalid input syntax for type integer: \"x\""},
      {"insert into item (id, done) values (1, 1)",
       "1:40: column \"done\" is of type boolean but expression is of type integer"},
      {"update item set n = name",
       "1:21: column \"n\" is of type integer but expression is of type text"},
      {"select 1 from item limit true",
       "1:26: a value of type bigint is wanted here, not of type boolean"},
  });
}

TEST(Statement, rules_of_the_language) {
  expect_problems({
      {"selct 1", "1:1: syntax error at or near \"selct\""},
      {"select 1 from", "1:14: syntax error at end of input"},
      {"select name, count(*) from item",
       "1:8: column \"name\" must appear in the GROUP BY clause or be used in an aggregate "
       "function"},
      {"select n, count(*) from item group by n order by name",
       "1:8: column \"name\" must appear in the GROUP BY clause or be used in an aggregate "
       "function"},
      {"select count(*) from item having n > 1",
       "1:8: column \"n\" must appear in the GROUP BY clause or be used in an aggregate function"},
      {"select 1 from item where sum(n) > 1", "1:26: aggregate functions are not allowed here"},
      {"select sum(count(*)) from item", "1:12: aggregate functions are not allowed here"},
      {"update item set n = max(n)", "1:21: aggregate functions are not allowed here"},
      {"select count(*) from item for update",
       "1:1: FOR UPDATE is not allowed with aggregate functions or GROUP BY"},
      {"select 1 from item i left join sale s on s.item = i.id for update",
       "1:1: FOR UPDATE cannot be applied to the nullable side of an outer join"},
      {"insert into item (id) values (1, 2)",
       "1:13: INSERT has more expressions than target columns"},
      {"insert into item (id, name) values (1)",
       "1:13: INSERT has more target columns than expressions"},
      {"insert into fixed values (1, 2)",
       "1:13: cannot insert a non-DEFAULT value into column \"id\" (GENERATED ALWAYS)"},
      {"insert into item (id, name) values (1, 'a') on conflict (big) do nothing",
       "1:57: there is no unique or exclusion constraint matching the ON CONFLICT specification"},
      {"insert into item (id, name) values (1, 'a') on conflict do update set n = 1",
       "1:45: ON CONFLICT DO UPDATE requires inference specification or constraint name"},
      {"insert into item (id, name) values (1, 'a') on conflict (id) do update set n = n + 1",
       "1:80: column reference \"n\" is ambiguous"},
      {"select id from item order by 3",
       "1:30: ORDER BY wants a column, or a column's place in the list"},
      {"select id from item limit n", "1:27: argument of LIMIT must not contain variables"},
      {"select (select 1 from sale limit n) from item",
       "1:34: argument of LIMIT must not contain variables"},
      {"update item set n = 1, n = 2", "1:24: multiple assignments to same column \"n\""},
      {"insert into item (id, id) values (1, 2)", "1:23: column \"id\" specified more than once"},
  });
}

TEST(Statement, what_is_not_modelled_says_so) {
  Lab lab(setup);
  for (const Bad& it : std::vector<Bad>{
           {"select 1 except select 2", "1:8: EXCEPT (WHERE NOT EXISTS is)"},
           {"select 1 intersect select 2", "1:8: INTERSECT (WHERE EXISTS is)"},
           {"select distinct on (n) n from item", "1:21: DISTINCT ON"},
           {"select (select count(item.n) from sale) from item",
            "1:16: an aggregate of an outer select's columns"},
           {"select n from item group by rollup (n)", "1:29: GROUPING SETS, ROLLUP or CUBE"},
           {"with recursive a as (select 1) select 1", "1:1: WITH RECURSIVE"},
           {"select (with a as (select item.n) select 1) from item",
            "1:14: a WITH that names a column further out"},
           {"select 1 from item, lateral (select 1) x", "1:37: LATERAL"},
           {"select 1 from generate_series(1, 2)", "1:15: a function in FROM"},
           {"select 1 from item a right join item b on true",
            "1:33: RIGHT JOIN (LEFT JOIN is, the other way round)"},
           {"select 1 from item a full join item b on true", "1:32: FULL JOIN"},
           {"select 1 from item a natural join item b", "1:35: NATURAL JOIN (write ON or USING)"},
           {"select 1 from item a join (item b join sale on true) on true",
            "1:28: a join in parentheses on the right side (put it first)"},
           {"select id from (select id from item for update) x limit 1",
            "1:8: LIMIT above rows that are locked further in (put it there)"},
           {"select x.id from (select id from item) x for update",
            "1:8: FOR UPDATE of what is worked out (lock inside the sub-select)"},
           {"select avg(n) from item", "1:8: the function avg"},
           {"select uper(name) from item", "1:8: the function uper (did you mean upper?)"},
           {"select count(*) over () from item", "1:8: a window function"},
           {"select count(*) filter (where done) from item",
            "1:8: FILTER or ORDER BY inside count"},
           {"select 1.5", "1:8: the number 1.5 (type numeric)"},
           {"select 99999999999999999999", "1:8: the number 99999999999999999999 (type numeric)"},
           {"select n::numeric from item",
            "1:11: the type numeric (count in whole units: cents, as bigint)"},
           {"select name::char(3) from item",
            "1:14: the type char, which pads with blanks (varchar and text do not)"},
           {"select due::timestamptz(3) from item", "1:13: a precision of timestamptz"},
           {"select array[1]", "1:8: an array as one value (of = ANY (ARRAY[…]) it is)"},
           {"select (id, n) from item",
            "1:8: a row of values as one value (comparing two rows is)"},
           {"select n from item where n = any ($1)",
            "1:28: an array as one value (ANY (ARRAY[:a, :b]) is, and IN (:a, :b))"},
           {"select name collate \"C\" from item",
            "1:13: COLLATE (text is compared byte by byte, as with COLLATE \"C\")"},
           {"select current_date", "1:8: CURRENT_DATE (now() is, a timestamptz)"},
           {"select current_user", "1:8: CURRENT_USER (pass it as a :parameter)"},
           {"select name similar to 'a' from item", "1:13: SIMILAR TO (LIKE is)"},
           {"select n ~ 'a' from item", "1:10: the operator ~"},
           {"select n ^ 2 from item", "1:10: the operator ^"},
           {"select id from item where n > all (select 1)",
            "1:29: ANY or ALL of a sub-select with this operator (= ANY and <> ALL are, as IN and "
            "NOT IN)"},
           {"update item set (n, big) = (select 1, 2)", "1:18: SET (a, b) = (SELECT …)"},
           {"truncate item", "1:1: TRUNCATE (DELETE without WHERE does the same)"},
           {"lock table item", "1:1: LOCK TABLE (rows can be locked, with SELECT … FOR UPDATE)"},
           {"begin read only",
            "1:7: READ ONLY (leave it out: a transaction that only reads is one)"},
           {"begin deferrable", "1:7: DEFERRABLE in BEGIN (leave it out)"},
           {"commit and chain", "1:1: AND CHAIN"},
           {"prepare transaction 'x'", "1:1: this transaction statement"},
       }) {
    EXPECT_EQ(problem_with(lab, it.sql),
              std::string(it.message) + " is not modelled; `racelab list sql` shows what is")
        << it.sql;
  }
}

TEST(Statement, what_is_read_from_is_checked_as_the_server_does) {
  expect_problems({
      {"select 1 from item a, item a", "1:23: table name \"a\" specified more than once"},
      {"select b.id from item a", "1:8: column \"b.id\" does not exist"},
      {"select 1 union select 1, 2",
       "1:8: each UNION query, and each list of VALUES, must have the same number of columns"},
      {"select 1 union select true", "1:8: UNION types integer and boolean cannot be matched"},
      {"select id from item union select id from sale order by id + 1",
       "1:59: invalid UNION ORDER BY clause: only result column names can be used"},
      {"select id from item union select id from sale for update",
       "1:8: FOR UPDATE is not allowed with UNION or VALUES"},
      {"with a as (select 1 as x), a as (select 2 as y) select 1",
       "1:28: WITH query name \"a\" specified more than once"},
      {"with a (x, y) as (select 1) select 1",
       "1:6: WITH query \"a\" has 1 columns available but 2 columns specified"},
      {"select (with a as (delete from sale returning id) select id from a) from item",
       "1:14: WITH clause containing a data-modifying statement must be at the top level"},
      {"select 1 from item where (id, n) = (1, 2, 3)",
       "1:34: unequal number of entries in row expressions"},
      {"select 1 from item where (id, n) in (select id from sale)",
       "1:34: subquery has too few columns"},
      {"select 1 from item join sale using (name)",
       "1:25: column \"name\" specified in USING clause does not exist on both sides"},
      {"update item set (n, big) = (1, 2, 3)",
       "1:18: number of columns does not match number of values"},
      {"update item set n = 1 from item", "1:28: table name \"item\" specified more than once"},
  });
}

TEST(Statement, a_setup_is_read_with_its_mistakes) {
  for (const Bad& it : std::vector<Bad>{
           {"create table a (n integr)", "1:19: the type integr is not modelled"},
           {"create table a (n numeric)",
            "1:19: the type numeric (count in whole units: cents, as bigint) is not modelled"},
           {"create table a (n timestamp)",
            "1:19: a timestamp without time zone (timestamptz has one) is not modelled"},
           {"create table a (n varchar(0))", "1:19: length for type varchar must be at least 1"},
           {"create table a (n integer check (n in (select 1)))",
            "1:36: cannot use subquery in check constraint"},
           {"create table a (n integer default (select 1))",
            "1:35: cannot use subquery in DEFAULT expression"},
           {"create table a (n integer); create unique index i on a (n) where n = (select 1)",
            "1:70: cannot use subquery in index predicate"},
           {"create table a (n integer check (n >= $1))",
            "1:39: there is no parameter in a check constraint"},
           {"create table a (n integer default $1)",
            "1:35: there is no parameter in a DEFAULT expression"},
           {"create table a (n integer check (count(n) > 0))",
            "1:34: aggregate functions are not allowed here"},
           {"create sequence s start with 0",
            "1:1: a sequence that counts up starts at 1 or above, one that counts down at -1 or "
            "below"},
           {"create sequence s start with 99999999999999999999",
            "1:19: a sequence counts in bigint, and not to 99999999999999999999"},
           {"create table a (n integer[])", "1:19: an array is not modelled"},
           {"create table a (n integer); create table a (m integer)",
            "1:42: relation \"a\" already exists"},
           {"create table a (n integer references b)", "1:38: relation \"b\" does not exist"},
           {"create table a (n integer); create table b (m integer references a (n))",
            "1:55: there is no unique constraint matching given keys for referenced table \"a\""},
           {"create table a (n integer, check (m > 0))", "1:35: column \"m\" does not exist"},
           {"create table a (n integer check (n))",
            "1:34: argument of a condition must be type boolean, not type integer"},
           {"create table a (n integer, unique (m))", "1:28: column \"m\" does not exist"},
           {"create table a (n integer unique nulls not distinct)",
            "1:27: NULLS NOT DISTINCT is not modelled"},
           {"create table a (n integer primary key deferrable)",
            "1:39: DEFERRABLE (leave it out: keys are checked row by row, references at the "
            "statement's end) is not modelled"},
           {"create table a (n integer, exclude (n with =))",
            "1:28: EXCLUDE (a unique key for each piece, or a lock on what the rows belong to) is "
            "not modelled"},
           {"create table a (n integer); create table b (like a)",
            "1:1: LIKE in CREATE TABLE (write its columns) is not modelled"},
           {"create table a (n interval default '1 month')",
            "1:1: months and years are not modelled in an interval: \"1 month\" (days are; "
            "racelab's own limit)"},
           {"create table a (n integer primary key); "
            "create table b (n integer references a on delete set default)",
            "1:67: SET DEFAULT, or SET NULL of some columns is not modelled"},
           {"create table a (n integer default 'x')",
            "1:1: invalid input syntax for type integer: \"x\""},
           {"create table a (n integer generated always as (1) stored)",
            "1:27: a generated column is not modelled"},
           {"create table x.a (n integer)", "1:14: schema \"x\" does not exist"},
           {"create index i on b (n)", "1:19: relation \"b\" does not exist"},
           {"create table a (n text); create unique index i on a (lower(n))",
            "1:51: an index on an expression is not modelled"},
           {"create sequence s maxvalue 5", "1:19: this option of a sequence is not modelled"},
           {"create view v as select 1",
            "1:1: CREATE VIEW (write its SELECT where it is read) is not modelled"},
           {"lock table t",
            "1:1: LOCK TABLE (rows can be locked, with SELECT … FOR UPDATE) is not modelled"},
           {"checkpoint", "1:1: this statement is not modelled"},
           {"create table a (n integer);\n\ncommit",
            "3:1: the setup runs by itself; it needs no commit"},
           {"create table a (n integer); insert into a values ($1)",
            "1:29: the setup has no variables"},
           {"create table a (n integer); insert into b values (1)",
            "1:41: relation \"b\" does not exist"},
           {"create table a (n integer;", "1:26: syntax error at or near \";\""},
       }) {
    std::string got = "nothing wrong";
    try {
      Schema schema;
      parse::read_setup({"setup.sql", it.sql}, schema);
    } catch (const parse::Problem& problem) {
      got = said(problem);
    }
    EXPECT_EQ(got.substr(0, got.find("; `racelab")), it.message) << it.sql;
  }
}

// Each of them would overflow the parser's stack or ours.
TEST(Statement, what_is_nested_too_deeply_is_refused) {
  Lab lab(setup);
  const auto repeated = [](const std::string& before, const std::string& after, int times) {
    std::string text = "select ";
    for (int i = 0; i < times; ++i) {
      text += before;
    }
    text += '1';
    for (int i = 0; i < times; ++i) {
      text += after;
    }
    return text;
  };
  EXPECT_EQ(problem_with(lab, repeated("1+", "", 95'000)),
            "1:1: the statement is nested too deeply");
  EXPECT_EQ(problem_with(lab, repeated("coalesce(", ")", 3'000)),
            "1:1: the statement is nested too deeply");
  EXPECT_EQ(problem_with(lab, repeated("(", ")", 90'000)),
            "1:10004: memory exhausted at or near \"(\"");
  EXPECT_EQ(problem_with(lab, repeated("1+", "", 300)), "nothing wrong");
}

// A letter that takes two bytes is one column; the line is shown with a mark under the place.
TEST(Statement, a_place_is_counted_in_letters) {
  Lab lab(setup);
  try {
    lab.bind("select 1\nfrom item where name = 'Größe' and nam = 'ü'");
    FAIL();
  } catch (const parse::Problem& problem) {
    EXPECT_STREQ(problem.what(),
                 "test.sql:2:36: column \"nam\" does not exist; did you mean name?\n"
                 "  from item where name = 'Größe' and nam = 'ü'\n"
                 "                                     ^");
  }
}

// libpg_query leaves negative constants out of its tree.
TEST(Statement, negative_numbers_are_read) {
  expect_history(setup, R"(
      1: insert into item (id, name, n, big) values (-1, 'a', -20, -9223372036854775808), (0, 'b', 0, - 7) -> 2 rows
      1: select id, n, big from item order by id limit 10 -> -1, -20, -9223372036854775808; 0, 0, -7
      1: select n from item where n = -20 or n = -/* - 5 */3 -> -20
      1: select n - -1, n -1, n*-1 from item where id = -1  -> -19, -21, 20
  )");
  expect_history(
      "create table t (id integer generated by default as identity (start with -5 increment by -2),"
      " n integer default -3 check (n >= -3)); insert into t default values;"
      "create sequence down increment -1; create table u (n integer default nextval('down'))",
      R"(
      1: insert into t (n) values (-4)                      -> 23514
      1: insert into t (n) values (-2)                      -> 1 row
      t                                                     -> -9, -2; -5, -3
      1: insert into u values (default), (default) returning n -> -1; -2
      1: select currval('down')                             -> -2
  )");
}

TEST(Statement, a_statement_is_shown_with_its_values) {
  Lab lab(setup);
  const Statement& statement =
      lab.bind("update item set name = $2, n = $1 where name <> '$1' and id = $3");
  EXPECT_EQ(with_values(statement, {Value::bigint(-5), Value::of(Type::text, "it's"),
                                    Value::null(Type::integer)}),
            "update item set name = 'it''s', n = -5 where name <> '$1' and id = NULL");
  EXPECT_TRUE(asks_without_waiting(lab.bind("select id from item for update skip locked")));
  EXPECT_TRUE(asks_without_waiting(
      lab.bind("update item set n = 1 where id = (select 1 where pg_try_advisory_lock(1))")));
  EXPECT_FALSE(asks_without_waiting(lab.bind("select id from item for update")));
  EXPECT_EQ(tables_of(lab.bind("insert into sale (item) select id from item")),
            (std::vector<std::uint16_t>{1, 0}));
}

}  // namespace
}  // namespace racelab::sql::statement_test
