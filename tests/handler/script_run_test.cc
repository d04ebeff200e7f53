// A script that runs alone: what it sends, step by step, and what its client is answered.
#include "sim/handler/script_run.h"

#include "sim/parse/script_file.h"
#include "tests/sql/lab.h"

namespace racelab::script_run_test {
namespace {

using sql::Isolation;
using sql::Lab;
using sql::Value;

const char* setup =
    "create table item (id integer primary key, n integer check (n >= 0));"
    "create table note (id serial primary key, body text not null, item integer references item);"
    "create schema mailer; create table mailer.sent (body text unique);"
    "insert into item values (1, 10), (2, 20)";

struct Given {
  std::optional<Isolation> level = Isolation::read_committed;
  std::uint32_t tries_max = 3;
};

Script read(Lab& lab, const std::string& text) {
  return parse::read_script({"buy.sql", text}, lab.schema(), "buy", {"item"}).script;
}

std::vector<std::optional<Value>> given() {
  return {Value::bigint(0),
          Value::bigint(1),
          Value::bigint(1),
          Value::of(sql::Type::text, "k"),
          {},
          Value::of(sql::Type::text, "1")};
}

std::string text_of(const ScriptRun& run) {
  const ScriptReply& reply = run.reply();
  std::string text = "-> " + std::to_string(reply.status);
  for (std::size_t i = 0; i < reply.values.size(); ++i) {
    text += ' ' + run.script().variables[run.script().reply[i]] + '=' + to_text(reply.values[i]);
  }
  for (std::size_t i = 0; i < reply.rows.size(); ++i) {
    text += ' ' + run.script().rows[i] + "=[" + sql::text_of(reply.rows[i]) + ']';
  }
  if (reply.error.failed()) {
    text += ' ' + std::string(reply.error.code()) + ": " + reply.message;
  }
  return text + (run.left_open() ? " (left open)" : "");
}

// What it sends, a line each, with what goes before it; then its reply.
std::string play(Lab& lab, const std::string& text, const Given& how = {}) {
  const Script script = read(lab, text);
  sql::Database& database = lab.database();
  database.connect(8, how.level.value_or(Isolation::read_committed));
  ScriptRun run(script, {how.level, how.tries_max}, given());
  run.start(database, 8);
  std::string steps;
  while (!run.finished()) {
    for (const std::string& before : run.before_text()) {
      steps += before + "; ";
    }
    steps += run.pending_text() + '\n';
    if (run.send(database) == sql::Database::Progress::waiting) {
      return steps + "waits";
    }
  }
  EXPECT_FALSE(database.in_transaction(8));
  database.disconnect(8);
  return steps + text_of(run);
}

std::string play(const std::string& text, const Given& how = {}) {
  Lab lab(setup);
  return play(lab, text, how);
}

std::string reply(const std::string& text, const Given& how = {}) {
  const std::string all = play(text, how);
  return all.substr(all.rfind("-> "));
}

TEST(ScriptRun, sends_its_statements_and_answers_its_variables) {
  const char* buy = R"(
-- Take one.
-- reply: left, id
begin;
select n as left from item where id = :item for update \gset
\if :left < 1
  \set status 409
  rollback;
\else
  \set left :left - 1
  update item set n = :left where id = :item;
  insert into note (body, item) values ('sold', :item) returning id \gset
  commit;
\endif
)";
  Lab lab(setup);
  EXPECT_EQ(play(lab, buy),
            "begin; select n as left from item where id = 1 for update\n"
            "update item set n = 9 where id = 1\n"
            "insert into note (body, item) values ('sold', 1) returning id\n"
            "commit\n"
            "-> 200 left=9 id=1");
  EXPECT_EQ(lab.contents("item"), "1, 9; 2, 20");
  lab.start(1, "update item set n = 0");
  EXPECT_EQ(play(lab, buy),
            "begin; select n as left from item where id = 1 for update\n"
            "rollback\n"
            "-> 409 left=0 id=NULL");
}

TEST(ScriptRun, is_wrapped_by_the_handler_when_it_has_no_begin) {
  const char* script = R"(
update item set n = n - 1 where id = 1 returning n \gset
\if :n < 9
  \set status 404
\elif :n = 9
  \set status 201
\endif
)";
  Lab lab(setup);
  EXPECT_EQ(play(lab, script),
            "update item set n = n - 1 where id = 1 returning n\ncommit\n-> 201");
  EXPECT_EQ(play(lab, script),
            "update item set n = n - 1 where id = 1 returning n\nrollback\n-> 404");
  EXPECT_EQ(lab.contents("item"), "1, 9; 2, 20");
  EXPECT_EQ(play(lab, script, {.level = std::nullopt}),
            "update item set n = n - 1 where id = 1 returning n\n-> 404");
  EXPECT_EQ(lab.contents("item"), "1, 8; 2, 20");
  EXPECT_EQ(play(lab, "\\set status 400"), "-> 400");
}

TEST(ScriptRun, an_error_has_a_status) {
  struct Told {
    const char* script;
    const char* reply;
  };
  for (const Told& it : std::vector<Told>{
           {"insert into item values (1, 1);",
            "-> 409 23505: duplicate key value violates unique constraint \"item_pkey\""},
           {"insert into item values (3, -1);",
            "-> 422 23514: new row for relation \"item\" violates check constraint "
            "\"item_n_check\""},
           {"insert into note (body) values (null);",
            "-> 422 23502: null value in column \"body\" of relation \"note\" violates not-null "
            "constraint"},
           {"insert into note (body, item) values ('a', 9);",
            "-> 422 23503: insert or update on table \"note\" violates foreign key constraint "
            "\"note_item_fkey\""},
           {"select 1 / (select 0) as n from item;", "-> 422 22012: division by zero"},
           {"select (select id from item) as n;",
            "-> 500 21000: more than one row returned by a subquery used as an expression"},
           {"select n from item where id = 9 \\gset",
            "-> 500 55000: \\gset wants exactly one row, and there are 0"},
           {"select n from item \\gset",
            "-> 500 55000: \\gset wants exactly one row, and there are 2"},
           {"select n from item where id = 9 \\aset\nselect :n + 1 as m;",
            "-> 500 55000: the variable :n has no value yet"},
           {"\\set n 1 / 0\nselect :n::integer;", "-> 422 22012: division by zero"},
           {"\\set n 9223372036854775807 + 1\nselect 1;", "-> 422 22003: bigint out of range"},
           {"\\set n 5000000000\nupdate item set n = :n;", "-> 422 22003: integer out of range"},
           {"update item set n = :key;",
            "-> 422 22P02: invalid input syntax for type integer: \"k\""},
           {"savepoint a;\nrelease b;", "-> 500 3B001: savepoint \"b\" does not exist"},
           {"begin;\nselect 1 as a;\nbegin isolation level serializable;\nselect 1 as a;",
            "-> 500 25001: SET TRANSACTION ISOLATION LEVEL must be called before any query"},
           {"\\set status 503\nselect 1;", "-> 503"},
       }) {
    EXPECT_EQ(reply(it.script), it.reply) << it.script;
  }
}

TEST(ScriptRun, knows_what_pgbenchs_expressions_know) {
  struct Set {
    const char* expression;
    const char* value;
  };
  for (const Set& it : std::vector<Set>{
           {"1 + 2 * 3", "7"},
           {"-7 / 2", "-3"},
           {"7 % 4", "3"},
           {"mod(7, 4)", "3"},
           {"- 5", "-5"},
           {"abs(-5)", "5"},
           {"greatest(1, 2, 3)", "3"},
           {"least(1, 2)", "1"},
           {":item + 1", "2"},  // a parameter is text that is a number
           {":client_id", "0"},
           {"null", "NULL"},
           {"null + 1", "NULL"},
           {"true and not false", "true"},
           {"1 < 2", "true"},
           {"null is null", "true"},
           {"case when :item = 1 then 10 else 20 end", "10"},
           {"2147483647 + 1", "2147483648"},
           {"1 between 0 and 2", "true"},
       }) {
    EXPECT_EQ(reply("-- reply: x\n\\set x " + std::string(it.expression)),
              "-> 200 x=" + std::string(it.value));
  }
}

TEST(ScriptRun, a_row_that_may_be_absent_is_read_with_aset) {
  const char* script = R"(
-- reply: n
\set n -1
select n from item where id = :item + 8 \aset
)";
  EXPECT_EQ(play(script), "select n from item where id = 1 + 8\ncommit\n-> 200 n=-1");
  EXPECT_EQ(reply("-- reply: n\nselect n from item order by id \\aset"), "-> 200 n=20");
  EXPECT_EQ(reply("-- reply: x_n, x_id\nselect n, id from item where id = 2 \\gset x_"),
            "-> 200 x_n=20 x_id=2");
}

TEST(ScriptRun, rows_are_a_list_or_a_multiset) {
  EXPECT_EQ(reply("-- rows: all\nselect n from item order by n desc;"), "-> 200 all=[20; 10]");
  EXPECT_EQ(reply("update item set n = 30 where id = 1;\n-- rows: all\nselect n, id from item;"),
            "-> 200 all=[20, 2; 30, 1]");
  EXPECT_EQ(reply("-- rows: gone\ndelete from item where id = 1 returning n;"), "-> 200 gone=[10]");
}

TEST(ScriptRun, catches_an_error_and_must_roll_back) {
  EXPECT_EQ(play(R"(
-- reply: taken
begin;
savepoint a;
-- catch: 23505 as taken, 55P03 as busy
insert into item values (:item, 5);
\if :taken
  rollback to a;
  update item set n = n + 5 where id = :item;
\endif
commit;
)"),
            "begin; savepoint a; insert into item values (1, 5)\n"
            "rollback to a\n"
            "update item set n = n + 5 where id = 1\n"
            "commit\n"
            "-> 200 taken=1");
  EXPECT_EQ(play(R"(
-- reply: taken
-- catch: 23505 as taken
insert into item values (5, 5);
)"),
            "insert into item values (5, 5)\ncommit\n-> 200 taken=0");
  // COMMIT of a failed transaction answers ROLLBACK, and no error: what was told as done is not.
  Lab lab(setup);
  EXPECT_EQ(play(lab, R"(
update item set n = 0 where id = 2;
-- catch: 23505 as taken
insert into item values (1, 5);
)"),
            "update item set n = 0 where id = 2\ninsert into item values (1, 5)\ncommit\n-> 200");
  EXPECT_EQ(lab.contents("item"), "1, 10; 2, 20");
  EXPECT_EQ(reply("-- catch: 23505 as taken\ninsert into item values (1, 5);\nselect 1;"),
            "-> 500 25P02: current transaction is aborted, commands ignored until end of "
            "transaction block");
  EXPECT_EQ(reply("-- catch: 23503 as absent\ninsert into item values (1, 5);"),
            "-> 409 23505: duplicate key value violates unique constraint \"item_pkey\"");
}

TEST(ScriptRun, an_open_transaction_is_rolled_back_at_its_end) {
  Lab lab(setup);
  EXPECT_EQ(play(lab, "begin;\nupdate item set n = 0;"),
            "begin; update item set n = 0\n-> 200 (left open)");
  EXPECT_EQ(lab.contents("item"), "1, 10; 2, 20");
  EXPECT_EQ(play(lab, "begin;"), "begin\n-> 200 (left open)");
  EXPECT_EQ(play(lab, "begin;\nupdate item set n = 1;\ncommit;\nupdate item set n = 2;"),
            "begin; update item set n = 1\ncommit\nupdate item set n = 2\n-> 200");
  EXPECT_EQ(lab.contents("item"), "1, 2; 2, 2");
}

// Another session changes the row, so that the script is refused at REPEATABLE READ each time that it starts again.
TEST(ScriptRun, tries_again_only_while_nothing_was_kept) {
  const auto tries = [](const std::string& head, const std::string& first, std::uint32_t max) {
    Lab lab(setup);
    const Script script = read(lab, head + "\nbegin isolation level repeatable read;\n" + first +
                                        "select n from item where id = 1;\n"
                                        "update item set n = n + 1 where id = 1;\ncommit;");
    lab.database().connect(8, Isolation::read_committed);
    ScriptRun run(script, {Isolation::read_committed, max}, given());
    run.start(lab.database(), 8);
    while (!run.finished()) {
      if (run.pending_text().starts_with("update item")) {
        lab.start(1, "update item set n = n + 1 where id = 1");
      }
      run.send(lab.database());
    }
    return std::to_string(run.tries()) + ' ' + std::to_string(run.reply().status);
  };
  EXPECT_EQ(tries("", "", 3), "1 503");
  EXPECT_EQ(tries("-- retry: 40001", "", 3), "3 503");
  EXPECT_EQ(tries("-- retry: 40001", "", 1), "1 503");
  EXPECT_EQ(tries("-- retry: 40P01, 55P03", "", 3), "1 503");
  EXPECT_EQ(tries("-- retry: 40001", "insert into note (body) values ('a');\n", 3), "3 503");
  EXPECT_EQ(tries("-- retry: 40001",
                  "insert into note (body) values ('a');\ncommit;\n"
                  "begin isolation level repeatable read;\n",
                  3),
            "1 503");
  EXPECT_EQ(
      tries("-- retry: 40001", "select 1;\ncommit;\nbegin isolation level repeatable read;\n", 3),
      "3 503");
  EXPECT_EQ(tries("-- retry: 40001", "insert into mailer.sent values (:key);\n", 3), "1 503");
}

// Another system is called at once and for good.
TEST(ScriptRun, a_call_to_another_system_is_not_rolled_back) {
  Lab lab(setup);
  const char* script = R"(
begin;
update item set n = 0;
insert into mailer.sent values ('hello');
rollback;
)";
  EXPECT_EQ(play(lab, script),
            "begin; update item set n = 0\n"
            "insert into mailer.sent values ('hello')\n"
            "rollback\n-> 200");
  EXPECT_EQ(lab.contents("mailer.sent"), "hello");
  EXPECT_EQ(lab.contents("item"), "1, 10; 2, 20");
  EXPECT_EQ(play(lab, script),
            "begin; update item set n = 0\n"
            "insert into mailer.sent values ('hello')\n"
            "-> 409 23505: duplicate key value violates unique constraint \"sent_body_key\"");
}

TEST(ScriptRun, a_statement_that_waited_goes_on) {
  Lab lab(setup);
  lab.start(1, "begin");
  lab.start(1, "update item set n = 11 where id = 1");
  const Script script =
      read(lab, "-- reply: n\nupdate item set n = n + 1 where id = 1 returning n \\gset");
  lab.database().connect(8, Isolation::read_committed);
  ScriptRun run(script, {Isolation::read_committed, 3}, given());
  run.start(lab.database(), 8);
  EXPECT_EQ(run.send(lab.database()), sql::Database::Progress::waiting);
  lab.start(1, "commit");
  Branches branches;
  lab.database().settle(branches);
  run.completed(lab.database());
  EXPECT_EQ(run.pending_text(), "commit");
  run.send(lab.database());
  EXPECT_EQ(text_of(run), "-> 200 n=12");
}

}  // namespace
}  // namespace racelab::script_run_test
