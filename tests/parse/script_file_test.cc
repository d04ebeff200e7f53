// Endpoint files: pgbench's script language and directives in comments; every mistake with its place.
#include "sim/parse/script_file.h"

#include <gtest/gtest.h>

namespace racelab::parse::script_file_test {
namespace {

const sql::Schema& schema() {
  static const sql::Schema made = [] {
    sql::Schema it;
    read_setup({"setup.sql",
                "create schema mailer;"
                "create table item (id integer primary key, n integer, name text);"
                "create table mailer.sent (body text);"},
               it);
    return it;
  }();
  return made;
}

ReadScript read(const std::string& text) {
  return read_script({"buy.sql", text}, schema(), "buy", {"item"});
}

std::string names(const Script& script, const std::vector<VariableId>& variables) {
  std::string text;
  for (const VariableId variable : variables) {
    text += (text.empty() ? ":" : " :") + script.variables[variable];
  }
  return text;
}

// An instruction a line: "0 select … [:a :b] gset :c", "1 jump_unless 4".
std::string listing(const Script& script) {
  std::string text;
  for (std::size_t i = 0; i < script.instructions.size(); ++i) {
    const Instruction& it = script.instructions[i];
    text += std::to_string(i) + ' ';
    const std::string reads =
        it.parameters.empty() ? "" : " [" + names(script, it.parameters) + ']';
    switch (it.kind) {
      case Instruction::Kind::send:
        text += it.statement.text + reads;
        text += it.capture == Instruction::Capture::one    ? " gset " + names(script, it.captured)
                : it.capture == Instruction::Capture::last ? " aset " + names(script, it.captured)
                                                           : "";
        text +=
            it.rows ? " rows " + script.rows[*it.rows] + (it.rows_ordered ? " in order" : "") : "";
        for (const Instruction::Catch& one : it.catches) {
          text += " catch " + std::string(one.error.code()) + " :" + script.variables[one.variable];
        }
        text += it.outside.empty() ? "" : " at " + it.outside;
        break;
      case Instruction::Kind::set:
        text += "set :" + script.variables[it.variable] + reads;
        break;
      case Instruction::Kind::jump:
        text += "jump " + std::to_string(it.target);
        break;
      case Instruction::Kind::jump_unless:
        text += "jump_unless " + std::to_string(it.target) + reads;
        break;
    }
    text += '\n';
  }
  return text;
}

TEST(ScriptFile, is_read_as_a_list_of_instructions) {
  const Script script = read(R"(-- Buy one.
-- Two lines: of a story.
-- reply: left, sale
-- retry: 40001, 40P01
-- refusal: 423, 429
-- withstands: race from serializable, crash

begin isolation level serializable; -- a comment
select n as left, name /* :no, variable; */ from item
  where id = :item and name <> ':no; it''s' \gset
\if :left < 1
  \set status 409
  rollback;
\elif :left = 1 and :attempt > 1
  \set status 423
\else
  -- catch: 23505 as taken, 55P03 as busy
  update item set n = :left - 1 where id = :item;
  -- rows: all
  select id, n::bigint as wide from item order by id;
  select max(id) as sale from item \aset my_
  insert into mailer.sent values (:key);
  \set sale :my_sale
\endif
commit;
)")
                            .script;
  EXPECT_EQ(script.about, (std::vector<std::string>{"Buy one.", "Two lines: of a story."}));
  EXPECT_EQ(names(script, script.reply), ":left :sale");
  EXPECT_EQ(script.retry_on, (std::vector<sql::SqlState>{"40001", "40P01"}));
  EXPECT_EQ(script.refusals, (std::vector<std::int64_t>{423, 429}));
  ASSERT_EQ(script.withstands.size(), 2U);
  EXPECT_EQ(script.withstands[0].hazard, "race");
  EXPECT_EQ(script.withstands[0].from, sql::Isolation::serializable);
  EXPECT_EQ(script.withstands[1].hazard, "crash");
  EXPECT_EQ(script.withstands[1].from, sql::Isolation::read_committed);
  EXPECT_TRUE(script.begins && script.writes);
  EXPECT_EQ(listing(script),
            "0 begin isolation level serializable\n"
            "1 select n as left, name   from item\n"
            "  where id = $1 and name <> ':no; it''s' [:item] gset :left :name\n"
            "2 jump_unless 6 [:left]\n"
            "3 set :status\n"
            "4 rollback\n"
            "5 jump 14\n"
            "6 jump_unless 9 [:left :attempt]\n"
            "7 set :status\n"
            "8 jump 14\n"
            "9 update item set n = $1 - 1 where id = $2 [:left :item] catch 23505 :taken"
            " catch 55P03 :busy\n"
            "10 select id, n::bigint as wide from item order by id rows all in order\n"
            "11 select max(id) as sale from item aset :my_sale\n"
            "12 insert into mailer.sent values ($1) [:key] at mailer\n"
            "13 set :sale [:my_sale]\n"
            "14 commit\n");
  EXPECT_EQ(script.instructions[9].line, 18U);
}

TEST(ScriptFile, conditions_stand_within_one_another) {
  EXPECT_EQ(
      listing(
          read("\\if 1\n\\if 2\nselect 1;\n\\endif\n\\else\nselect 2;\n\\endif\nselect 3;").script),
      "0 jump_unless 4\n"
      "1 jump_unless 3\n"
      "2 select 1\n"
      "3 jump 5\n"
      "4 select 2\n"
      "5 select 3\n");
}

// A backslash before a quote belongs to the text only in E'' strings.
TEST(ScriptFile, quoted_text_ends_where_it_ends) {
  EXPECT_EQ(listing(read("select E'it\\'s; :x' as a;\nselect 'a\\' as b;").script),
            "0 select E'it\\'s; :x' as a\n"
            "1 select 'a\\' as b\n");
}

TEST(ScriptFile, a_variable_that_nothing_sets_is_told) {
  const ReadScript it = read(
      "select n from item where id = :cursor \\gset\n"
      "select :n::integer, ':no', \"n\", '10:30' from item where n = :n and id = :cursor;\n"
      "\\set more :page + 1\n");
  ASSERT_EQ(it.reads_before.size(), 2U);
  EXPECT_EQ(it.script.variables[it.reads_before[0].variable], "cursor");
  EXPECT_EQ(it.reads_before[0].offset, 30U);
  EXPECT_EQ(it.script.variables[it.reads_before[1].variable], "page");
}

TEST(ScriptFile, mistakes_have_a_place) {
  struct Bad {
    const char* text;
    const char* message;
  };
  for (const Bad& it : std::vector<Bad>{
           {"", "1:1: an endpoint has at least one statement or command; this file has none"},
           {"-- Only a comment\n",
            "1:1: an endpoint has at least one statement or command; this file has none"},
           // Statements.
           {"select 1", "1:1: this statement has no end: it wants ; or \\gset"},
           {"select 1\nfrom item where id = 5 -- ;\n",
            "1:1: this statement has no end: it wants ; or \\gset"},
           {"select 'a;", "1:1: this statement has no end: it wants ; or \\gset"},
           {"select 1 \\; select 2;",
            "1:10: statements put together with \\; are not modelled; send them one by one"},
           {"select 1 \\get", "1:10: a statement ends with ; or \\gset or \\aset, not with \\get"},
           {"select 1;\n  selct 2;", "2:3: syntax error at or near \"selct\""},
           {"select :item + nn\nfrom item;", "1:16: column \"nn\" does not exist"},
           {"select n from item\nwhere id = :item and\n nam = 'a';",
            "3:2: column \"nam\" does not exist; did you mean name?"},
           {"select :a + :b as c;",
            "1:11: operator is not unique: unknown + unknown; write a type: (:name)::integer"},
           {"select n from item where n = :item and name = :item + 1;",
            "1:45: operator does not exist: text = integer"},
           {"insert into mailer.sent select name from item;",
            "1:1: a statement cannot name tables of two systems: item is elsewhere"},
           {"update item set n = 1 \\gset", "1:23: this statement answers no rows"},
           {"select n + 1 from item \\gset",
            "1:24: a column has no name that a variable could have; give it one with AS"},
           // Commands.
           {"\\sett x 1", "1:1: the command \\sett is not modelled; did you mean \\set?"},
           {"\\sleep 10 ms",
            "1:1: the command \\sleep is not modelled; there are \\set, \\gset, \\aset, \\if, "
            "\\elif, "
            "\\else, \\endif"},
           {"\\gset", "1:1: \\gset stands at the end of a statement"},
           {"\\set", "1:1: \\set wants a name and an expression"},
           {"\\set x", "1:1: \\set wants a name and an expression"},
           {"\\set 1x 5", "1:1: \\set wants a name and an expression"},
           {"\\set client_id 5", "1:1: :client_id is given; it cannot be set"},
           {"\\set key 5", "1:1: :key is given; it cannot be set"},
           {"\\set x 1 +", "1:11: syntax error at end of input"},
           {"\\set x 1 + y",
            "1:12: pgbench's expressions know no columns; a variable is written as :y"},
           {"\\set x 1, 2", "1:7: an expression is wanted here"},
           {"\\set x 1 from item", "1:7: an expression is wanted here"},
           {"\\set x 'a'", "1:8: pgbench's expressions know no text; compare it in SQL"},
           {"\\set x 1.5",
            "1:8: the number 1.5 (type numeric) is not modelled; `racelab list sql` "
            "shows what is"},
           {"\\set x (select 1)", "1:8: pgbench's expressions know no sub-select; ask with \\gset"},
           {"\\if exists (select 1)\n\\endif",
            "1:5: pgbench's expressions know no sub-select; ask with \\gset"},
           {"\\set x count(*)", "1:8: aggregate functions are not allowed here"},
           {"\\set x random(1)", "1:8: random takes two numbers"},
           {"\\set x random(2, 1)",
            "1:8: random has no number to draw: the first bound is the larger one"},
           {"\\set x hash(1)",
            "1:8: pgbench's function hash is not modelled; `racelab list sql` shows what is"},
           {"\\set x now()", "1:8: pgbench's expressions know no function now"},
           {"\\if\nselect 1;\n\\endif", "1:4: an expression is wanted here"},
           {"\\if 1\nselect 1;", "1:1: \\if without \\endif"},
           {"\\if 1\n\\if 2\n\\endif\nselect 1;", "1:1: \\if without \\endif"},
           {"select 1;\n\\elif 1", "2:1: \\elif without \\if"},
           {"\\else", "1:1: \\else without \\if"},
           {"\\endif", "1:1: \\endif without \\if"},
           {"\\if 1\n\\else\n\\else\n\\endif", "3:1: after \\else only \\endif can come"},
           {"\\if 1\n\\else\n\\elif 1\n\\endif", "3:1: after \\else only \\endif can come"},
           // Directives.
           {"-- replay: n\nselect 1;", "1:1: there is no directive 'replay'; did you mean reply?"},
           {"-- cach: 23505 as taken\nselect 1;",
            "1:1: there is no directive 'cach'; did you mean catch?"},
           {"select 1;\n-- reply: n",
            "2:1: `-- reply:` stands in the head of the file, before the first statement"},
           {"-- reply: \nselect 1;", "1:1: `-- reply:` wants something after it"},
           {"-- reply: lft\nselect n as left from item where id = 1 \\gset",
            "1:1: nothing in this script sets :lft; did you mean left?"},
           {"-- retry: 40001,  4001\nselect 1;",
            "1:19: '4001' is no SQLSTATE (five digits or capital letters, like 23505)"},
           {"-- retry: 40p01\nselect 1;",
            "1:11: '40p01' is no SQLSTATE (five digits or capital letters, like 23505)"},
           {"-- refusal: 200\nselect 1;", "1:13: '200' is no status of a refusal (400 to 599)"},
           {"-- refusal: busy\nselect 1;", "1:13: 'busy' is no status of a refusal (400 to 599)"},
           {"-- catch: 23505\nselect 1;",
            "1:1: `-- catch:` is written as `-- catch: 23505 as taken`"},
           {"-- catch: 23505 as 2\nselect 1;", "1:1: '2' is no name of a variable"},
           {"-- catch: unique as x\nselect 1;",
            "1:11: 'unique' is no SQLSTATE (five digits or capital letters, like 23505)"},
           {"-- catch: 23505 as key\nselect 1;", "1:1: :key is given; it cannot be set"},
           {"select 1 as key \\gset", "1:17: :key is given; it cannot be set"},
           {"-- catch: 23505 as x\n\\set y 1",
            "1:1: this directive stands before a statement, not before a command"},
           {"select 1;\n-- catch: 23505 as x\n",
            "2:1: this directive stands before a statement, and none follows"},
           {"-- rows:\nselect 1;", "1:1: `-- rows: NAME` names what the rows are in the answer"},
           {"-- rows: a b\nselect 1;",
            "1:1: `-- rows: NAME` names what the rows are in the answer"},
           {"-- rows: all\nselect 1;\n-- rows: all\nselect 2;",
            "3:1: 'all' names other rows already; in an answer each has a name of its own"},
           {"-- reply: n\n-- rows: n\nselect n from item where id = 1 \\gset",
            "2:1: 'n' names a value of `-- reply:` already; in an answer each has a name of its "
            "own"},
           {"-- rows: a\n-- rows: b\nselect 1;",
            "2:1: the next statement's rows are called 'a' already"},
           {"-- catch: 23505 as a, 23505 as b\nselect 1;", "1:1: 23505 is caught already"},
           {"-- withstands: race, crush\nselect 1;",
            "1:22: there is no hazard 'crush'; did you mean crash?"},
           {"-- withstands: everything\nselect 1;",
            "1:16: there is no hazard 'everything'; there are race, repeat, overlap, crash"},
           {"-- withstands: race from repeatable\nselect 1;",
            "1:26: there is no isolation level 'repeatable'; did you mean repeatable-read?"},
           {"-- withstands: race from the start\nselect 1;",
            "1:26: there is no isolation level 'the start'; there are read-committed, "
            "repeatable-read, serializable"},
           {"-- withstands: race at serializable\nselect 1;",
            "1:16: there is no hazard 'race at serializable'; there are race, repeat, overlap, "
            "crash"},
           {"-- withstands:\nselect 1;", "1:1: `-- withstands:` wants something after it"},
           {"\\set status 'abc'", "1:13: pgbench's expressions know no text; compare it in SQL"},
           {"\\set status 700", "1:1: a status is a number from 100 to 599, not 700"},
           {"\\set status -1", "1:1: a status is a number from 100 to 599, not -1"},
           {"\\set status 99", "1:1: a status is a number from 100 to 599, not 99"},
           {"\\set status null", "1:1: a status is a number from 100 to 599, not NULL"},
           {"\\set status true", "1:1: a status is a number from 100 to 599, not true"},
           {"select E'\\xff';", "1:1: invalid byte sequence for encoding \"UTF8\": 0xff"},
           {"-- rows: all\ndelete from item;",
            "2:1: `-- rows:` stands before a statement that answers rows"},
       }) {
    std::string got = "nothing wrong";
    try {
      read(it.text);
    } catch (const Problem& problem) {
      got = problem.what();
      got = got.substr(0, got.find('\n'));
    }
    EXPECT_EQ(got, "buy.sql:" + std::string(it.message)) << it.text;
  }
}

TEST(ScriptFile, checks_are_selects_of_one_boolean_with_a_sentence) {
  const auto checks =
      read_checks({"check.sql",
                   "-- No stock is\n--   below zero.\n\nselect bool_and(n >= 0) from item;\n"
                   "select count(*) = 2 from item"},
                  schema());
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[0].sentence, "No stock is below zero.");
  EXPECT_EQ(checks[0].statement.line, 4U);
  EXPECT_EQ(checks[1].sentence, "select count(*) = 2 from item");
  for (const char* bad : {"select n from item", "select true, false", "delete from item"}) {
    try {
      read_checks({"check.sql", bad}, schema());
      ADD_FAILURE() << bad;
    } catch (const Problem& problem) {
      EXPECT_TRUE(std::string_view(problem.what())
                      .starts_with("check.sql:1:1: a check is a SELECT that answers one boolean"))
          << problem.what();
    }
  }
}

}  // namespace
}  // namespace racelab::parse::script_file_test
