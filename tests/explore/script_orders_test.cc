// Endpoints in SQL: counts of orders, against PostgreSQL's own and against arithmetic.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "sim/cli/script_scenario.h"
#include "sim/explore/script_explore.h"
#include "sim/kernel/stop.h"

namespace racelab::script_orders_test {
namespace {

parse::ScriptScenario compiled(const std::string& setup,
                               const std::vector<std::pair<std::string, std::string>>& endpoints,
                               const std::vector<std::pair<std::string, std::string>>& settings) {
  parse::FolderTexts texts;
  texts.name = "test";
  texts.setup = {"setup.sql", setup};
  for (const auto& [name, text] : endpoints) {
    texts.endpoints.emplace_back(name, parse::Source{name + ".sql", text});
  }
  return parse::compile(texts, settings);
}

ScriptExploration explored(const parse::ScriptScenario& scenario, const std::string& strategy) {
  ExploreOptions options;
  options.limits.states = 2'000'000;
  return explore(parse::setup_of(scenario, strategy), options);
}

// "4 of 6".
std::string counts(const ScriptExploration& found) {
  return found.odds.orders_violating.str() + " of " + found.odds.orders.str();
}

constexpr const char* counter =
    "create table t (id int primary key, n int not null);"
    "insert into t values (1, 0);";
constexpr const char* read_modify_write =
    "select n from t where id = 1 \\gset\n"
    "update t set n = :n + 1 where id = 1;\n";

std::string counted(const char* endpoint, const char* clients, const char* isolation,
                    const char* grants = "any") {
  return counts(
      explored(compiled(counter, {{"e", endpoint}},
                        {{"clients", clients}, {"isolation", isolation}, {"grants", grants}}),
               "e"));
}

// Whoever is told to stop while endings are judged leaves the rest unjudged.
TEST(ScriptOrders, that_were_not_judged_prove_nothing) {
  const parse::ScriptScenario scenario = compiled(counter, {{"e", read_modify_write}},
                                                  {{"clients", "2"}, {"isolation", "autocommit"}});
  const StopFlag asked{true};
  const StopsOn stops(asked);
  const ScriptExploration found = explored(scenario, "e");
  EXPECT_EQ(found.verdict, Verdict::gave_up);
  EXPECT_FALSE(found.complete());
}

TEST(ScriptOrders, two_writers_in_sql_have_the_orders_of_two_writers) {
  // Of C(4, 2) = 6 orders two are one after the other.
  EXPECT_EQ(counted(read_modify_write, "2", "autocommit"), "4 of 6");
  // With a COMMIT each: 14 orders, 12 of which lose an update; at REPEATABLE READ the second is refused.
  EXPECT_EQ(counted(read_modify_write, "2", "read-committed"), "12 of 14");
  EXPECT_EQ(counted(read_modify_write, "2", "repeatable-read"), "0 of 14");
  EXPECT_EQ(counted(read_modify_write, "2", "serializable"), "0 of 14");
}

TEST(ScriptOrders, who_goes_on_is_open_once_a_change_was_committed) {
  // Three increments: first who begins (3), then in which order the others wait (2), then, after each COMMIT, who of them goes on: 36.
  // A queue alone would give 30.
  EXPECT_EQ(counted("update t set n = n + 1 where id = 1;", "3", "read-committed"), "0 of 36");
  EXPECT_EQ(counted("select n from t where id = 1 for update \\gset\n"
                    "update t set n = :n + 1 where id = 1;",
                    "3", "read-committed"),
            "0 of 90");
  EXPECT_EQ(counted(read_modify_write, "3", "read-committed"), "720 of 726");
}

// As a queue, and whoever closes a circle fails at once. Two lock two rows, each beginning with the other's second. Whoever begins (2)
// has both before the other comes, who then waits or comes after the COMMIT: 2 orders. Or each has one: then one waits (2), the other
// closes the circle and fails, and its ROLLBACK comes before or after the other's COMMIT (2): 4. 2 · (2 + 4) = 12. Where either
// may be the victim it is 8, not 4: 20.
TEST(ScriptOrders, a_queue_can_be_kept) {
  EXPECT_EQ(counted("update t set n = n + 1 where id = 1;", "3", "read-committed", "first"),
            "0 of 30");
  EXPECT_EQ(counted(read_modify_write, "3", "read-committed", "first"), "630 of 636");
  const char* crossing =
      "\\if :client_id = 0\n"
      "select n from t where id = 1 for update;\nselect n from t where id = 2 for update;\n"
      "\\else\n"
      "select n from t where id = 2 for update;\nselect n from t where id = 1 for update;\n"
      "\\endif\n";
  const auto of = [&](const char* grants) {
    return counts(explored(compiled("create table t (id int primary key, n int not null);"
                                    "insert into t values (1, 0), (2, 0);",
                                    {{"e", crossing}},
                                    {{"clients", "2"},
                                     {"isolation", "read-committed"},
                                     {"tries-max", "1"},
                                     {"grants", grants}}),
                           "e"));
  };
  EXPECT_EQ(of("first"), "0 of 12");
  EXPECT_EQ(of("any"), "0 of 20");
}

TEST(ScriptOrders, only_the_answer_can_be_wrong) {
  // The name is taken by the client's own first attempt: 409 was told for a name that it has.
  const parse::ScriptScenario scenario =
      compiled("create table member (name text primary key);",
               {{"join", "insert into member values ('kim');"}},
               {{"clients", "1"}, {"isolation", "read-committed"}, {"lose-reply.max", "1"}});
  const ScriptExploration found = explored(scenario, "join");
  EXPECT_EQ(found.verdict, Verdict::violated);
  EXPECT_EQ(found.orders_answers_only, found.odds.orders_violating);
  ASSERT_TRUE(found.counterexample);
  EXPECT_EQ(found.counterexample->word(), "AArA");
}

TEST(ScriptOrders, a_repeat_that_was_not_recognised_is_done_twice) {
  const ScriptExploration found = explored(
      compiled(counter, {{"add", "update t set n = n + 1 where id = 1;"}},
               {{"clients", "1"}, {"isolation", "read-committed"}, {"lose-reply.max", "1"}}),
      "add");
  ASSERT_TRUE(found.counterexample);
  EXPECT_EQ(found.counterexample->done_twice, std::vector<std::size_t>{0});
  EXPECT_EQ(found.orders_answers_only, 0);
}

TEST(ScriptOrders, each_member_of_a_deadlock_may_fail) {
  const parse::ScriptScenario scenario = compiled(
      "create table t (id int primary key, n int not null); insert into t values (1, 0), (2, 0);",
      {{"add",
        "update t set n = n + 1 where id = :first;\nupdate t set n = n + 1 where id = :second;\n"}},
      {{"isolation", "read-committed"},
       {"attempts-max", "1"},
       {"param.first", "1,2"},
       {"param.second", "2,1"}});
  const ScriptExploration found = explored(scenario, "add");
  EXPECT_EQ(found.verdict, Verdict::holds);
  // Whoever takes its first row second closes the circle with either's second statement: 2 * 2 ways to close it, 2 victims.
  EXPECT_EQ(found.orders_failing, 8);
  EXPECT_EQ(counts(found), "0 of 12");
}

TEST(ScriptOrders, the_name_of_what_happened) {
  const auto name = [](const parse::ScriptScenario& scenario, const std::string& strategy) {
    const ScriptExploration found = explored(scenario, strategy);
    return found.counterexample ? found.counterexample->circle.name : "holds";
  };
  const auto built_in = [](const std::string& scenario) {
    return parse::compile(load_folder(scenario), {});
  };
  EXPECT_EQ(name(built_in("oversold-stock"), "read-then-write"), "lost update");
  EXPECT_EQ(name(built_in("on-call-doctors"), "count-then-leave"), "write skew");
  EXPECT_EQ(name(built_in("double-booking"), "look-then-insert"), "phantom");
  EXPECT_EQ(name(built_in("transfers"), "lock-in-order,audit-one-by-one"), "read skew");
}

TEST(ScriptOrders, many_operations_are_judged_without_trying_every_sequence) {
  // 12 operations have 12! = 479,001,600 sequences, but only 2^12 sets of those that came first.
  const ScriptExploration found = explored(
      compiled(
          counter, {{"add", "update t set n = n + 1 where id = 1;"}},
          {{"clients", "2"}, {"operations", "6"}, {"lose-reply.max", "1"}, {"attempts-max", "2"}}),
      "add");
  EXPECT_EQ(found.verdict, Verdict::violated);
}

TEST(ScriptOrders, nothing_done_is_idle) {
  EXPECT_EQ(explored(compiled(counter, {{"e", "-- refusal: 423\n\\set status 423\n"}},
                              {{"clients", "1"}, {"attempts-max", "2"}}),
                     "e")
                .verdict,
            Verdict::idle);
}

TEST(ScriptOrders, a_lease_ends_by_the_clock) {
  const char* take =
      "-- refusal: 423\n"
      "update lease set holder = :client_id, until = now() + interval '30 seconds'\n"
      "  where id = 1 and (holder is null or until < now()) returning id as got \\aset\n"
      "\\if :client_id >= 0\n\\endif\n";
  const auto failing = [&](const char* times) {
    return explored(compiled("create table lease (id int primary key, holder int, until "
                             "timestamptz); insert into lease values (1, null, null);",
                             {{"take", take}},
                             {{"isolation", "read-committed"},
                              {"time-passes.max", times},
                              {"time-passes.by", "1min"}}),
                    "take")
        .outcomes.size();
  };
  // Without time one of the two has it; with it, both had it in turn.
  EXPECT_LT(failing("0"), failing("1"));
}

// Every line of a table that was measured on PostgreSQL 15.20 (tests/postgresql/every_order.py): scenario, fleet, isolation, orders,
// orders that violate the rule, that fail a check, in which somebody is told failed.
void expect_as_measured(const char* file,
                        const std::vector<std::pair<std::string, std::string>>& settings) {
  std::ifstream table(std::string(RACELAB_SOURCE_DIR) + "/tests/postgresql/" + file);
  ASSERT_TRUE(table);
  std::string line;
  int lines = 0;
  while (std::getline(table, line)) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    ++lines;
    std::istringstream words(line);
    std::string scenario;
    std::string fleet;
    std::string isolation;
    std::string orders;
    std::uint64_t violating = 0;
    std::string checks;  // "-": there is none
    std::uint64_t told_failed = 0;
    words >> scenario >> fleet >> isolation >> orders >> violating >> checks >> told_failed;
    const OrderCount failing_checks =
        checks == "-" ? OrderCount() : OrderCount(std::string_view(checks));
    std::vector<std::pair<std::string, std::string>> all = settings;
    all.insert(all.end(), {{"isolation", isolation}, {"attempts-max", "1"}, {"tries-max", "1"}});
    ExploreOptions options;
    options.examples = false;
    const ScriptExploration found =
        explore(parse::setup_of(parse::compile(load_folder(scenario), all), fleet), options);
    OrderCount by_rule;
    OrderCount by_check;
    for (std::size_t i = 0; i < found.outcomes.size(); ++i) {
      const ScriptEnding& ending = *found.outcomes[i].ending;
      by_rule += ending.right ? OrderCount() : found.odds.by_outcome[i];
      const bool broken = !ending.checks_hold();
      by_check += broken ? found.odds.by_outcome[i] : OrderCount();
    }
    if (isolation == "serializable") {
      // PostgreSQL refuses more than it must: only what commits is compared, where no call outside gives a refusal away.
      if (scenario != "outbox") {
        EXPECT_EQ(by_rule, violating) << line;
        EXPECT_EQ(by_check, failing_checks) << line;
      }
      continue;
    }
    EXPECT_EQ(found.odds.orders.str(), orders) << line;
    EXPECT_EQ(by_rule, violating) << line;
    EXPECT_EQ(by_check, failing_checks) << line;
    EXPECT_EQ(found.orders_failing, told_failed) << line;
  }
  EXPECT_GT(lines, 3);
}

TEST(PostgresqlOrders, every_order_of_every_scenario) {
  expect_as_measured("orders.txt", {{"time-passes.max", "0"}, {"faults-max", "0"}});
}

TEST(PostgresqlOrders, while_time_passes_once) {
  expect_as_measured("orders_with_time.txt", {{"time-passes.max", "1"}, {"faults-max", "1"}});
}

}  // namespace
}  // namespace racelab::script_orders_test
