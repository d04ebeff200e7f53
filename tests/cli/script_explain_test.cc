// `explain` for endpoints in SQL: the page, mermaid, and that what it says is so.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "sim/cli/script_fixes.h"
#include "sim/explore/script_explore.h"
#include "sim/explore/serial_endings.h"
#include "tests/cli/command.h"
#include "tests/cli/folder.h"

namespace racelab::lab::script_explain_test {
namespace {

namespace json = boost::json;

LoadedScripts scripts_of(const std::string& name, const Flags& flags = {}) {
  Arguments arguments;
  arguments.names = {name};
  return load_scripts(load_script_files(arguments), flags);
}

TEST(ScriptExplain, a_lost_update) {
  const CommandResult result = racelab_of("explain oversold-stock --strategy read-then-write");
  EXPECT_EQ(code(result), 1);
  EXPECT_EQ(result.output, R"(LOST UPDATE, CHECK BROKEN
under   read-then-write, read-committed   smallest: 2 clients, 8 steps

                                                                       odds of a
                                                                violation 87.5 %
  1  A    begin; select stock from item where id = 1 -> 1                 87.5 %
  2  B    begin; select stock from item where id = 1 -> 1           DOOMED 100 %
  3  B    update item set stock = 1 - 1 where id = 1 -> 1 row              100 %
  4  B    insert into sale (item, buyer) values (1, 1) returning id as
            sale -> 1                                                      100 %
  5  B    commit
     B    is answered 200 sale=1                                           100 %
  6  A    update item set stock = 1 - 1 where id = 1 -> 1 row              100 %
  7  A    insert into sale (item, buyer) values (1, 0) returning id as
            sale -> 2                                                      100 %
  8  A    commit
     A    is answered 200 sale=2                                           100 %

ends    A 200 sale=2, B 200 sale=1; item (1, 0); sale (1, 1, 1)(2, 1, 0)
broken  "What was sold and what is left make the one that was there."
A < B   because A read item (1, 1) before B changed it (steps 1-3)
B < A   because A wrote over B's item (1, 0) (steps 3-6)
        Each comes before the other: no order, one at a time, ends so.
serial  A then B: A 200 sale=1, B 409; item (1, 0); sale (1, 1, 0)
        B then A: A 409, B 200 sale=1; item (1, 0); sale (1, 1, 1)
swap    1 and 2-5: A 409, B 200 sale=1; item (1, 0); sale (1, 1, 1), right
fixes   isolation=repeatable-read  A gets 40001 at step 6; A 409, B 200 sale=1
        isolation=serializable     A gets 40001 at step 6; A 409, B 200 sale=1
        decrement-then-look        B waits for A at step 2, then gets -1; A 200
                                   sale=1, B 409
        guarded-update             B waits for A at step 2, then changes 0 rows;
                                   A 200 sale=1, B 409
        select-for-update          B waits for A at step 2, then reads 0; A 200
                                   sale=1, B 409
        serializable-and-retry     A gets 40001 at step 6; A 409, B 200 sale=1
again   racelab replay 0.1.0:oversold-stock:read-then-write::ABBBBAAA:c9503
compare racelab replay 0.1.0:oversold-stock:read-then-write::ABBBBAAA:c9503 --isolation repeatable-read
)");
}

TEST(ScriptExplain, write_skew_as_mermaid) {
  const CommandResult result =
      racelab_of("explain on-call-doctors --strategy count-then-leave --format mermaid");
  EXPECT_EQ(code(result), 1);
  EXPECT_EQ(result.output, R"(sequenceDiagram
    %% WRITE SKEW, CHECK BROKEN: count-then-leave, read-committed   smallest: 2 clients, 6 steps
    %% racelab explain 0.1.0:on-call-doctors:count-then-leave::AABBBA:0930b
    participant p1 as client A
    participant rows as tables
    participant p2 as client B
    p1->>rows: 1. begin#59; select count(*) as others from doctor where on_call and name #lt;#gt; 'alice'
    rows-->>p1: 1 [75 %]
    p1->>rows: 2. update doctor set on_call = false where name = 'alice'
    rows-->>p1: 1 row [50 %]
    p2->>rows: 3. begin#59; select count(*) as others from doctor where on_call and name #lt;#gt; 'bob'
    rows-->>p2: 1 [DOOMED HERE: 100 %]
    p2->>rows: 4. update doctor set on_call = false where name = 'bob'
    rows-->>p2: 1 row [100 %]
    p2->>rows: 5. commit
    Note over p2: is answered 200 [100 %]
    p1->>rows: 6. commit
    Note over p1: is answered 200 [100 %]
    Note over p1,p2: ends A 200, B 200#59; doctor (alice, 1, false)(bob, 1, false)
    Note over p1,p2: broken "At least one doctor is on call."
    Note over p1,p2: A #lt; B because A read doctor (bob, 1, true) before B changed it (steps 1-4)
    Note over p1,p2: B #lt; A because B read doctor (alice, 1, true) and did not see A's change (steps 2-3)
    Note over p1,p2: Each comes before the other: no order, one at a time, ends so.
    Note over p1,p2: serial A then B: A 200, B 409#59; doctor (alice, 1, false)
    Note over p1,p2: serial B then A: A 409, B 200#59; doctor (bob, 1, false)
    Note over p1,p2: swap 3-5 and 6: A 200, B 409#59; doctor (alice, 1, false), right
    Note over p1,p2: fix: isolation=serializable: A gets 40001 at step 6#59; A 409, B 200
    Note over p1,p2: fix: advisory-lock: B waits for A at step 3, then goes on#59; A 200, B 409
    Note over p1,p2: fix: count-the-change: B waits for A at step 3, then changes 1 row#59; A 200, B 409
    Note over p1,p2: fix: lock-all-on-call: B waits for A at step 3, then reads bob#59; A 200, B 409
    Note over p1,p2: fix: lock-the-shift: B waits for A at step 3, then reads 1#59; A 200, B 409
)");
}

TEST(ScriptExplain, without_a_strategy_the_first_that_fails_is_explained) {
  // By the alphabet advisory-lock and count-the-change come first, and they hold.
  const std::string found = racelab_of("explain on-call-doctors").output;
  EXPECT_NE(found.find("under   count-then-leave, read-committed "), std::string::npos) << found;
}

TEST(ScriptExplain, a_fix_is_told_with_what_it_replies) {
  const std::string found = racelab_of("explain unique-username --strategy with-unique-key").output;
  EXPECT_NE(
      found.find("\nfixes   with-unique-key+idempotency-key  A' inserts 0 rows; A 200 member=1\n"
                 "        remember-the-request             A' inserts 0 rows at step 3; A 200\n"
                 "                                         member=1\n"),
      std::string::npos)
      << found;
}

// Sanitizers look on.
TEST(ScriptExplain, of_every_scenario_in_sql) {
  const json::value listed = json::parse(racelab_of("list --format json").output);
  std::size_t explained = 0;
  for (const json::value& it : listed.at("scenarios").as_array()) {
    if (it.at("sql").as_bool() && it.at("explorable").as_bool()) {
      const std::string name(it.at("name").as_string());
      const CommandResult result = racelab_of("explain " + name + " --states-max 3000");
      EXPECT_NE(code(result), 2) << name << result.errors;
      explained += code(result) == 1 ? 1 : 0;
    }
  }
  EXPECT_GT(explained, 15U);
}

TEST(ScriptExplain, what_holds_is_told_as_explore_tells_it) {
  const std::string what = " oversold-stock --strategy guarded-update";
  const CommandResult result = racelab_of("explain" + what);
  EXPECT_EQ(code(result), 0);
  EXPECT_EQ(result.output, racelab_of("explore" + what).output);
  EXPECT_EQ(racelab_of("explain" + what + " --format mermaid").output,
            "sequenceDiagram\n"
            "    participant rows as oversold-stock\n"
            "    Note over rows: HOLDS  in all 6 orders, as PostgreSQL 15 does it: a proof, within "
            "these settings\n");
}

TEST(ScriptExplain, an_order_by_its_token_also_under_another_strategy) {
  const std::string found = racelab_of("explore oversold-stock --strategy read-then-write").output;
  const std::size_t at = found.find("racelab explain ");
  const std::string command = found.substr(at + 8, found.find('\n', at) - at - 8);
  const CommandResult again = racelab_of(command);
  EXPECT_EQ(code(again), 1);
  EXPECT_TRUE(again.output.starts_with(
      "LOST UPDATE, CHECK BROKEN   read-then-write, read-committed   2 clients, 8 steps\n"))
      << again.output;
  const CommandResult other = racelab_of(command + " --strategy guarded-update");
  EXPECT_EQ(code(other), 0);
  EXPECT_TRUE(
      other.output.starts_with("HOLDS   guarded-update, read-committed   2 clients, 5 steps\n"))
      << other.output;
  EXPECT_NE(other.output.find("why     one after another it ends alike: A, then B\n"),
            std::string::npos);
}

TEST(ScriptExplain, a_folder_and_mistakes) {
  const TestFolder folder;
  folder.write(
      "setup.sql",
      "create table t (id int primary key, n int not null);\ninsert into t values (1, 0);");
  folder.write("add.sql", "select n from t \\gset\n\\set n :n + 1\nupdate t set n = :n;\n");
  const CommandResult found = racelab_of("explain " + folder.path());
  EXPECT_EQ(code(found), 1) << found.errors;
  EXPECT_TRUE(
      found.output.starts_with("LOST UPDATE   add, autocommit   smallest: 2 clients, 4 "
                               "steps\n"))
      << found.output;
  // The folder stands behind the token.
  EXPECT_NE(found.output.find(' ' + folder.path() + '\n'), std::string::npos) << found.output;
  EXPECT_EQ(racelab_of("explain oversold-stock " + folder.path()).errors,
            "racelab: `racelab explain` takes one scenario or token: what is '" + folder.path() +
                "' after 'oversold-stock'?\n");
  EXPECT_EQ(racelab_of("explain two-writers --param n=1").errors,
            "racelab: --check, --param, --order, --time-passes.*, --deadlock-timeout, --on and "
            "--orders-max are for "
            "endpoints in SQL\n");
}

// Of every scenario, the first strategy that fails: each fix holds in every order, and in the order that is explained; the swap
// ends right; one at a time all ends right.
TEST(ScriptExplain, what_it_says_of_fixes_swaps_and_serial_orders_is_so) {
  std::size_t fixed = 0;
  std::size_t swapped = 0;
  for (const ListedScenario& scenario : listed_script_scenarios()) {
    const LoadedScripts scripts = scripts_of(scenario.name);
    for (const std::string& strategy : scripts.scenario.strategies) {
      const ScriptExperiment experiment = experiment_of(scripts, strategy);
      ExploreOptions options;
      options.limits.states = 20'000;
      const ScriptExploration found = explore(*experiment.setup, options);
      if (!found.counterexample) {
        continue;
      }
      const ScriptOrderReport order = order_report(scripts, experiment, *found.counterexample);
      const ScriptFixes fixes = find_fixes(scripts, order, options.limits);
      for (const ScriptSameReport& fix : fixes.fixes) {
        ++fixed;
        EXPECT_EQ(explore(*fix.setup, options).verdict, Verdict::holds) << fix.token;
        EXPECT_FALSE(fix.order.outcome.violated()) << fix.token;
      }
      OneAtATime rule(*experiment.setup);
      if (const auto swap = find_swap(*experiment.setup, rule, order.order)) {
        ++swapped;
        EXPECT_TRUE(swap->order.held.empty());
        EXPECT_FALSE(swap->order.outcome.violated());
      }
      for (const SerialEnding& ending :
           serial_endings(*experiment.setup, rule, order.order.issued, 24)) {
        EXPECT_TRUE(ending.outcome.ending->right) << scenario.name << ' ' << strategy;
      }
      break;
    }
  }
  EXPECT_GT(fixed, 20U);
  EXPECT_GT(swapped, 3U);
}

TEST(ScriptExplain, one_at_a_time_each_client_keeps_its_order) {
  const LoadedScripts scripts = scripts_of("event-cursor");
  const ScriptExperiment experiment = experiment_of(scripts, "post,post:read:read");
  OneAtATime rule(*experiment.setup);
  // One operation of A among three of B: C(4, 1) = 4 ways.
  const std::vector<SerialEnding> all = serial_endings(*experiment.setup, rule, {1, 3}, 4);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].operations, (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(all[3].operations, (std::vector<std::size_t>{1, 2, 3, 0}));
  EXPECT_TRUE(serial_endings(*experiment.setup, rule, {1, 3}, 3).empty());
}

}  // namespace
}  // namespace racelab::lab::script_explain_test
