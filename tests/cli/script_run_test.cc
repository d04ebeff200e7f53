// Timed runs and comparisons of endpoints in SQL, as they are typed.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "tests/cli/command.h"
#include "tests/cli/folder.h"

namespace racelab::lab::script_run_test {
namespace {

namespace json = boost::json;

json::object json_of(const std::string& command) {
  const CommandResult result = racelab_of(command + " --format json");
  EXPECT_NE(code(result), 2) << command << '\n' << result.errors;
  return json::parse(result.output).as_object();
}

TEST(ScriptRun, a_violation_is_shown_statement_by_statement_and_explained) {
  const CommandResult result = racelab_of("run oversold-stock --strategy read-then-write --seed 2");
  EXPECT_EQ(code(result), 1);
  EXPECT_EQ(result.output,
            "VIOLATED  lost update; broken: \"What was sold and what is left make the one that\n"
            "        was there.\"\n"
            "\n"
            "      ms\n"
            "     1.9  B   begin; select stock from item where id = 1 -> 1\n"
            "     2.0  A   begin; select stock from item where id = 1 -> 1\n"
            "     2.8  B   update item set stock = 1 - 1 where id = 1 -> 1 row\n"
            "     2.9  A   update item set stock = 1 - 1 where id = 1 -> waits for B\n"
            "     3.6  B   insert into sale (item, buyer) values (1, 1) returning id\n"
            "                as sale -> 1\n"
            "     4.8  B   commit\n"
            "     4.8  A   update item set stock = 1 - 1 where id = 1 -> 1 row\n"
            "     5.7  A   insert into sale (item, buyer) values (1, 0) returning id\n"
            "                as sale -> 2\n"
            "     5.8  B   is told 200 sale=1\n"
            "     7.0  A   commit\n"
            "     7.8  A   is told 200 sale=2\n"
            "\n"
            "end     A 200 sale=2, B 200 sale=1; item (1, 0); sale (1, 1, 1)(2, 1, 0)\n"
            "why     A read item (1, 1) before B changed it; A wrote over B's item (1, 0);\n"
            "        one after another, in whatever order, it cannot end like this\n"
            "again   racelab run oversold-stock --strategy read-then-write --seed 2\n"
            "holds   racelab run oversold-stock --strategy decrement-then-look --seed 2\n"
            "        racelab run oversold-stock --strategy guarded-update --seed 2\n"
            "        racelab run oversold-stock --strategy select-for-update --seed 2\n"
            "proof   racelab explore oversold-stock --strategy read-then-write     # fails in 22 "
            "of 24 orders\n"
            "least   racelab explain 0.1.0:oversold-stock:read-then-write::ABBBBAAA:c9503\n"
            "with    strategy=read-then-write clients=2 isolation=read-committed param.item=1\n");
}

TEST(ScriptRun, what_holds_says_which_sequence_explains_it) {
  const CommandResult result = racelab_of("run oversold-stock --strategy guarded-update --seed 3");
  EXPECT_EQ(code(result), 0);
  EXPECT_EQ(result.output,
            "HOLDS  in this run: 1 told ok, 1 refused\n"
            "\n"
            "      ms\n"
            "     2.1  A   begin; update item set stock = stock - 1 where id = 1 and\n"
            "                stock >= 1 returning stock as left -> 0\n"
            "     2.1  B   begin; update item set stock = stock - 1 where id = 1 and\n"
            "                stock >= 1 returning stock as left -> waits for A\n"
            "     2.9  A   insert into sale (item, buyer) values (1, 0) returning id\n"
            "                as sale -> 1\n"
            "     4.1  A   commit\n"
            "     4.1  B   update item set stock = stock - 1 where id = 1 and stock\n"
            "                >= 1 returning stock as left -> 0 rows\n"
            "     4.9  A   is told 200 sale=1\n"
            "     5.1  B   rollback\n"
            "     6.1  B   is told 409\n"
            "\n"
            "end     A 200 sale=1, B 409; item (1, 0); sale (1, 1, 0)\n"
            "why     one after another it ends alike: A, then B\n"
            "again   racelab run oversold-stock --strategy guarded-update --seed 3\n"
            "proof   racelab explore oversold-stock --strategy guarded-update     # holds in all 6 "
            "orders\n"
            "with    strategy=guarded-update clients=2 isolation=read-committed param.item=1\n");
}

TEST(ScriptRun, json_says_the_same) {
  const json::object run = json_of("run oversold-stock --strategy read-then-write --seed 2");
  EXPECT_EQ(run.at("schema"), "racelab.run/1");
  EXPECT_EQ(run.at("rules"), "PostgreSQL 15");
  EXPECT_EQ(run.at("verdict"), "violated");
  EXPECT_EQ(run.at("one_at_a_time"), false);
  EXPECT_EQ(run.at("by_dependency"), false);
  EXPECT_EQ(run.at("anomaly"), "lost update");
  EXPECT_EQ(run.at("told").at("ok"), 2);
  EXPECT_EQ(run.at("told").at("refused"), 0);
  EXPECT_EQ(run.at("calls").at("statements"), 8);  // of each: SELECT, UPDATE, INSERT, COMMIT
  ASSERT_EQ(run.at("checks").as_array().size(), 2U);
  EXPECT_EQ(run.at("checks").as_array()[0].at("holds"), true);  // the stock is not below zero
  EXPECT_EQ(run.at("checks").as_array()[1].at("holds"), false);
  EXPECT_EQ(run.at("final").at("item").as_array()[0].as_array()[1], 0);
  EXPECT_EQ(run.at("final").at("sale").as_array().size(), 2U);
  EXPECT_FALSE(run.contains("trace"));
  EXPECT_EQ(json_of("run oversold-stock --seed 2 --trace").at("trace").as_array().size(), 18U);
  EXPECT_TRUE(racelab_of("run oversold-stock --seed 2 --trace").output.find("trace hash ") !=
              std::string::npos);
}

TEST(ScriptRun, faults_have_rates_and_budgets) {
  // A budget without a rate: a tenth of the chances. With attempts left, a lost reply is asked for again, and done again.
  const json::object lost = json_of(
      "run oversold-stock --strategy guarded-update --clients 1 --lose-reply.rate 100% "
      "--lose-reply.max 1");
  EXPECT_EQ(lost.at("faults").at("lose-reply"), 1);
  EXPECT_EQ(lost.at("calls").at("attempts"), 2);
  EXPECT_EQ(lost.at("told").at("refused"), 1);  // its own first attempt has taken the last one
  EXPECT_EQ(lost.at("verdict"), "violated");
  const json::object failed =
      json_of("run oversold-stock --clients 1 --fail-call.rate 100% --attempts-max 2");
  EXPECT_EQ(failed.at("told").at("failed"), 1);
  EXPECT_EQ(failed.at("verdict"), "idle");
  EXPECT_EQ(code(racelab_of("run oversold-stock --clients 1 --fail-call.rate 100%")), 3);
}

TEST(ScriptRun, a_deadlock_ends_after_its_timeout) {
  // Two transfers in opposite directions; the timeout is far longer than the other waits.
  const json::object run = json_of(
      "run transfers --strategy as-they-come --deadlock-timeout 40ms --timeout 1s --attempts-max "
      "1");
  EXPECT_EQ(run.at("calls").at("deadlocks"), 1);
  EXPECT_EQ(run.at("told").at("ok").as_int64() + run.at("told").at("failed").as_int64(), 2);
  EXPECT_GT(run.at("virtual_time_us").as_int64(), 40'000);
}

TEST(ScriptRun, a_folder_of_ones_own_runs_and_explore_settings_are_for_exploration) {
  const TestFolder folder;
  folder.write(
      "setup.sql",
      "create table t (id int primary key, n int not null);\ninsert into t values (1, 0);\n");
  folder.write("e.sql", "update t set n = n + 1 where id = 1;\n");
  folder.write("scenario.ini", "clients = 12\nexplore.clients = 2\n");
  EXPECT_EQ(json_of("run " + folder.path()).at("told").at("ok"), 12);
  EXPECT_EQ(json_of("explore " + folder.path()).at("orders"), "2");  // two statements: 2! orders
}

TEST(ScriptRun, what_is_not_right_gets_one_sentence) {
  const auto sentence = [](const char* command) {
    const CommandResult result = racelab_of(command);
    EXPECT_EQ(code(result), 2) << command;
    EXPECT_EQ(result.output, "") << command;
    return result.errors;
  };
  EXPECT_EQ(sentence("run two-writers --deadlock-timeout 1ms"),
            "racelab: --check, --param, --order, --time-passes.*, --deadlock-timeout, --on and "
            "--orders-max are for "
            "endpoints in SQL\n");
  // A proof that ignored them would be none.
  EXPECT_EQ(sentence("explore oversold-stock --workers 1"),
            "racelab: workers=1 makes clients wait for each other in a queue, which exploration "
            "does not follow yet; explore with workers=any\n");
  EXPECT_EQ(code(racelab_of("explore oversold-stock --retry-budget 10%")), 2);
  EXPECT_EQ(code(racelab_of("explore oversold-stock --breaker calls")), 2);
  EXPECT_EQ(code(racelab_of("explore oversold-stock --arrivals 5")), 2);
  EXPECT_EQ(code(racelab_of("explore oversold-stock --deadline 1s")), 2);
  EXPECT_EQ(code(racelab_of("run oversold-stock --workers 1")), 0);
  EXPECT_EQ(sentence("run oversold-stock --layers 2"),
            "racelab: 'layers' shapes nothing in a scenario with endpoints in SQL\n");
  EXPECT_EQ(sentence("compare oversold-stock --shard 1/2"),
            "racelab: --shard is for scenarios of strategies: a part cannot carry the SQL files "
            "that `racelab merge` would need\n");
  EXPECT_EQ(sentence("compare oversold-stock two-writers"),
            "racelab: 'two-writers' has no endpoints in SQL, as the other scenario has: they are "
            "measured alike, but not compared on one page; compare it by itself\n");
}

TEST(ScriptCompare, every_endpoint_meets_the_same_seeds) {
  const json::object all = json_of("compare oversold-stock --seeds 40");
  const json::array& cells = all.at("cells").as_array();
  ASSERT_EQ(cells.size(), 6U);
  for (const json::value& cell : cells) {
    EXPECT_EQ(cell.at("runs"), 40);
    EXPECT_EQ(cell.at("operations"), 80);
    // One is sold, the other buyer is refused; or both are told ok, and it is wrong.
    const bool wrong =
        cell.at("strategy") == "read-then-write" || cell.at("strategy") == "read-then-decrement";
    EXPECT_EQ(cell.at("violated").at("runs"), wrong ? 40 : 0) << cell.at("strategy");
    EXPECT_EQ(cell.at("told").at("ok"), wrong ? 80 : 40);
    EXPECT_EQ(cell.at("told").at("refused"), wrong ? 0 : 40);
    EXPECT_FALSE(cell.as_object().contains("lost_updates"));
  }
}

TEST(ScriptCompare, statements_of_n_plus_1_queries_are_counted) {
  // A list of three comments: one SELECT a comment and COMMIT, or one SELECT for all.
  const json::object all = json_of(
      "compare comments --strategy rename,list-one-by-one --strategy rename,list-page --seeds 20 "
      "--lose-reply.max 0");
  const json::array& cells = all.at("cells").as_array();
  EXPECT_GT(cells[0].at("statements_per_operation").to_number<double>(),
            cells[1].at("statements_per_operation").to_number<double>() + 2);
}

TEST(ScriptCompare, any_setting_can_be_varied) {
  const json::object all = json_of(
      "compare oversold-stock --strategy guarded-update --vary clients=2,4 "
      "--vary isolation=read-committed,serializable --seeds 5");
  ASSERT_EQ(all.at("cells").as_array().size(), 4U);
  EXPECT_EQ(all.at("cells").as_array()[3].at("options").at("isolation"), "serializable");
}

TEST(ScriptExplore, an_order_of_rows_that_sql_does_not_promise_is_told) {
  const auto notes = [](const char* endpoint) {
    const TestFolder folder;
    folder.write("setup.sql",
                 "create table t (id int primary key, n int not null);\n"
                 "insert into t values (1, 0), (2, 0);\n");
    folder.write("e.sql", endpoint);
    std::string text;
    const json::object explored = json_of("explore " + folder.path());
    for (const json::value& it : explored.at("order_not_promised").as_array()) {
      text +=
          std::to_string(it.at("line").as_int64()) + ' ' + std::string(it.at("what").as_string());
    }
    return text;
  };
  EXPECT_EQ(notes("select id as job from t limit 1 \\gset\n"),
            "1 takes some of several rows that no ORDER BY tells apart");
  EXPECT_EQ(notes("select id as job from t order by n limit 1 \\gset\n"),
            "1 takes some of several rows that no ORDER BY tells apart");
  EXPECT_EQ(notes("select id as job from t order by n, id limit 1 \\gset\n"), "");
  EXPECT_EQ(notes("select id as job from t \\aset\n"),
            "1 takes the last of several rows that no ORDER BY tells apart");
  EXPECT_EQ(notes("-- rows: all\nselect id from t;\n"), "") << "a multiset has no order";
  EXPECT_EQ(notes("-- rows: all\nselect id from t order by n;\n"),
            "2 answers rows that its ORDER BY does not tell apart");
  EXPECT_EQ(notes("update t set n = n + 1;\n"),
            "1 locks several rows in an order that SQL does not promise");
  EXPECT_EQ(notes("update t set n = n + 1 where id = 2;\n"), "");
  EXPECT_EQ(notes("select count(*) as c from t where exists (select 1 from t) \\gset\n"), "");
}

}  // namespace
}  // namespace racelab::lab::script_run_test
