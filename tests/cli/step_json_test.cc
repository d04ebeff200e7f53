// A state as JSON: what stands, what is possible with its odds and numbers of orders, the orders that begin so. The page in the browser
// is drawn from it.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "sim/report/json.h"
#include "tests/cli/command.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::step_json_test {
namespace {

namespace json = boost::json;

json::object state_of(const std::string& line) {
  const CommandResult result = racelab_of("step " + line + " --format json");
  EXPECT_NE(result.exit, Exit::bad_usage) << result.errors;
  return json::parse(result.output).as_object();
}

// Without the settings, which other tests list.
std::string golden_of(const std::string& line) {
  json::object state = state_of(line);
  EXPECT_EQ(state.at("schema"), "racelab.step/1");
  state.stable_erase("options");
  std::string text;
  print(text, state, 0);
  return text + '\n';
}

std::vector<std::string> words_of(const json::object& state) {
  std::vector<std::string> words;
  for (const json::value& order : state.at("orders").at("list").as_array()) {
    words.emplace_back(order.at(0).as_string());
  }
  return words;
}

TEST(StepJson, two_writers_who_have_both_read) {
  // Of the six orders, two begin with AB: whoever writes first, the other overwrites it.
  EXPECT_EQ(golden_of("two-writers --order AB --list-orders 5"), R"({
  "schema": "racelab.step/1",
  "scenario": "two-writers",
  "strategy": "read-modify-write",
  "order": "AB",
  "ended": false,
  "verdict": null,
  "headline": null,
  "why": null,
  "token": null,
  "odds": {
    "probability_violating": 1E0,
    "doomed": true,
    "orders": "2",
    "orders_violating": "2",
    "steps_to_violation": 2
  },
  "next": [
    {"letter":"A","task":"A","what":null,"odds":{"probability_violating":1E0,"doomed":true,"orders":"1","orders_violating":"1","steps_to_violation":1}},
    {"letter":"B","task":"B","what":null,"odds":{"probability_violating":1E0,"doomed":true,"orders":"1","orders_violating":"1","steps_to_violation":1}}
  ],
  "tasks": [
    {"task":"A","client":0,"operation":1,"attempt":1,"copy":0,"statement":"UPDATE n = 1","waits_for":[],"dead":false,"slow":false},
    {"task":"B","client":1,"operation":1,"attempt":1,"copy":0,"statement":"UPDATE n = 1","waits_for":[],"dead":false,"slow":false}
  ],
  "told": [
    [null],
    [null]
  ],
  "rows": [
    {"row":"n","value":0,"version":0,"in_flight":null,"holder":null,"queue":[]}
  ],
  "steps": [
    {"step":1,"task":"A","letter":"A","statement":"SELECT n","result":"0"},
    {"step":2,"task":"B","letter":"B","statement":"SELECT n","result":"0"}
  ],
  "orders": {
    "outcomes": [
      {"final":1,"orders":"2","told":{"ok":{"0":1,"1":1,"2+":0},"failed":{"0":0,"1":0,"2+":0},"unknown":{"0":0,"1":0,"2+":0}},"anomalies":{"lost_updates":1,"duplicates":0,"false_successes":0,"false_failures":0,"stuck":0,"invariant_broken":false},"ledger_adds_up":true,"violated":true},
      {"final":2,"orders":"0","told":{"ok":{"0":0,"1":2,"2+":0},"failed":{"0":0,"1":0,"2+":0},"unknown":{"0":0,"1":0,"2+":0}},"anomalies":{"lost_updates":0,"duplicates":0,"false_successes":0,"false_failures":0,"stuck":0,"invariant_broken":false},"ledger_adds_up":true,"violated":false}
    ],
    "list": [
      ["ABAB",0],
      ["ABBA",0]
    ]
  }
}
)");
}

TEST(StepJson, the_end_of_an_order) {
  const json::object state = state_of("two-writers --order ABBA");
  EXPECT_EQ(state.at("ended"), true);
  EXPECT_EQ(state.at("verdict"), "violated");
  EXPECT_EQ(state.at("headline"), "1 lost update: B was told ok, and its +1 is gone");
  EXPECT_EQ(
      state.at("why"),
      "A read n = 0 at step 1; B wrote n = 1 at step 3; A, still at 0, wrote n = 1 at step 4");
  EXPECT_EQ(racelab_of("replay " + std::string(state.at("token").as_string())).exit,
            Exit::violated);
  EXPECT_EQ(state.at("told"), json::value({{"ok"}, {"ok"}}));
  EXPECT_TRUE(state.at("next").as_array().empty());
  EXPECT_FALSE(state.contains("orders"));
  EXPECT_EQ(racelab_of("step two-writers --order ABBA --format json").exit, Exit::violated);
  EXPECT_EQ(racelab_of("step two-writers --order AABB --format json").exit, Exit::as_expected);
}

TEST(StepJson, a_lock_and_who_waits_for_it) {
  const json::object state = state_of("two-writers --strategy pessimistic-lock --order AB");
  EXPECT_EQ(json::serialize(state.at("rows")),
            R"([{"row":"n","value":0,"version":0,"in_flight":null,"holder":"A","queue":["B"]}])");
  const json::object& waiting = state.at("tasks").at(1).as_object();
  EXPECT_EQ(waiting.at("statement"), "SELECT n FOR UPDATE");
  EXPECT_EQ(waiting.at("waits_for"), json::array{"A"});
}

TEST(StepJson, faults_are_alternatives_with_words) {
  const json::object state =
      state_of("two-writers --strategy atomic-increment --lose-reply.max 1 --crash.max 1");
  std::map<std::string, std::string> what;
  for (const json::value& next : state.at("next").as_array()) {
    what.emplace(next.at("letter").as_string(),
                 next.at("what").is_null() ? "" : std::string(next.at("what").as_string()));
  }
  EXPECT_EQ(what, (std::map<std::string, std::string>{{"A", ""},
                                                      {"Ac", "handler crashes before it"},
                                                      {"Ar", "reply lost"},
                                                      {"B", ""},
                                                      {"Bc", "handler crashes before it"},
                                                      {"Br", "reply lost"}}));
}

TEST(StepJson, endpoints_in_SQL_with_tables_locks_and_lines) {
  // A has changed the stock and not committed; B's update waits for it.
  const json::object state = state_of("oversold-stock --strategy read-then-write --order ABAB");
  const std::string item = R"({"table":"item","columns":["id","stock"],"rows":[[1,1]],)"
                           R"("changes":[{"task":"A","before":[1,1],"after":[1,0]}]})";
  EXPECT_EQ(json::serialize(state.at("tables").at(0)), item);
  const json::object& lock = state.at("locks").at(0).as_object();
  EXPECT_EQ(lock.at("what"), "item (1, 1)");
  EXPECT_EQ(lock.at("holders"), json::array{"A"});
  EXPECT_EQ(lock.at("waiters"), json::array{"B"});
  const json::object& a = state.at("tasks").at(0).as_object();
  EXPECT_EQ(a.at("endpoint"), "read-then-write");
  EXPECT_EQ(a.at("line"), 12);  // insert into sale
  const json::object& b = state.at("tasks").at(1).as_object();
  EXPECT_EQ(b.at("line"), 11);  // update item
  EXPECT_EQ(b.at("waits_for"), json::array{"A"});
  const json::object& first = state.at("steps").at(0).as_object();
  EXPECT_EQ(first.at("before"), json::array{"begin"});
  EXPECT_EQ(first.at("statement"), "select stock from item where id = 1");
  EXPECT_EQ(first.at("result"), "1");
  EXPECT_EQ(first.at("line"), 6);
  const json::object end = state_of("oversold-stock --strategy read-then-write --order ABBBBAAA");
  EXPECT_EQ(end.at("verdict"), "violated");
  EXPECT_EQ(end.at("told"), json::value({{"200 sale=2"}, {"200 sale=1"}}));
}

TEST(StepJson, six_orders_of_two_writers_in_the_order_of_the_alternatives) {
  const json::object state = state_of("two-writers --list-orders 100");
  EXPECT_EQ(words_of(state),
            (std::vector<std::string>{"AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"}));
  EXPECT_EQ(words_of(state_of("two-writers --list-orders 2")),
            (std::vector<std::string>{"AABB", "ABAB"}));
}

// What explore counts is what is listed, and each order ends as the list says.
TEST(StepJson, listed_orders_are_those_that_explore_counts) {
  const std::vector<std::string> experiments{
      "two-writers --clients 3",
      "two-writers --strategy pessimistic-lock",
      "two-writers --strategy optimistic-version --isolation read-committed",
      "retried-payment --strategy read-modify-write",
      "money-transfer --strategy pessimistic-lock",
      "oversold-stock --strategy read-then-write",
      "oversold-stock --strategy select-for-update --lose-reply.max 1",
      "on-call-doctors",
      "lease-lock"};
  for (const std::string& experiment : experiments) {
    SCOPED_TRACE(experiment);
    const json::object state = state_of(experiment + " --list-orders 4000");
    const std::string strategy(state.at("strategy").as_string());
    const CommandResult explored = racelab_of(
        "explore " + experiment + " --format json" +
        (experiment.find("--strategy") == std::string::npos ? " --strategy " + strategy : ""));
    const json::object all = json::parse(explored.output).as_object();
    EXPECT_EQ(state.at("odds").at("orders"), all.at("orders"));
    EXPECT_EQ(state.at("odds").at("orders_violating"), all.at("orders_violating"));
    const json::array& outcomes = state.at("orders").at("outcomes").as_array();
    const json::array& list = state.at("orders").at("list").as_array();
    std::map<std::size_t, std::size_t> listed;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto outcome = static_cast<std::size_t>(list[i].at(1).as_int64());
      ++listed[outcome];
      if (i % (97 * lab::fewer) == 0) {  // some of them, taken to their end
        const json::object end = state_of(
            experiment + " --order " + std::string(list[i].at(0).as_string()) +
            (experiment.find("--strategy") == std::string::npos ? " --strategy " + strategy : ""));
        EXPECT_EQ(end.at("ended"), true);
        EXPECT_EQ(end.at("verdict") == "violated", outcomes[outcome].at("violated").as_bool());
      }
    }
    if (std::to_string(list.size()) == all.at("orders").as_string()) {
      for (std::size_t i = 0; i < outcomes.size(); ++i) {
        EXPECT_EQ(outcomes[i].at("orders").as_string(), std::to_string(listed[i]));
      }
    } else {
      EXPECT_EQ(list.size(), 4000U);
    }
  }
}

TEST(StepJson, what_is_too_large_is_not_known) {
  const json::object state = state_of("two-writers --clients 4 --states-max 10 --list-orders 5");
  EXPECT_EQ(state.at("odds"), nullptr);
  EXPECT_EQ(state.at("next").at(0).at("odds"), nullptr);
  EXPECT_FALSE(state.contains("orders"));
  // A few steps on it is small enough.
  const json::object later =
      state_of("two-writers --clients 4 --states-max 10 --order AABBCC --list-orders 5");
  EXPECT_EQ(later.at("odds").at("orders"), "1");
  EXPECT_EQ(words_of(later), std::vector<std::string>{"AABBCCDD"});
}

TEST(StepJson, mistakes_are_one_sentence) {
  const auto mistake = [](const std::string& line) {
    const CommandResult result = racelab_of("step " + line);
    EXPECT_EQ(result.exit, Exit::bad_usage);
    EXPECT_EQ(result.output, "");
    return result.errors;
  };
  EXPECT_EQ(mistake("two-writers --order AAA --format json"),
            "racelab: in --order, 'A' is not possible here: possible are B\n");
  EXPECT_EQ(mistake("two-writers --order x"),
            "racelab: in --order, 'x' is not possible here: the clients are A to B\n");
  EXPECT_EQ(mistake("two-writers --list-orders 5"),
            "racelab: '--list-orders' lists them in JSON: it needs --format json\n");
  EXPECT_EQ(mistake("two-writers --list-orders 0 --format json"),
            "racelab: list-orders must be a whole number from 1 to 4000000000, not '0'\n");
}

TEST(StepJson, a_conversation_may_begin_behind_some_steps) {
  Environment environment;
  bool asked = false;
  environment.conversation.next_line = [&]() -> std::optional<std::string> {
    return std::exchange(asked, true) ? std::nullopt : std::optional<std::string>("BA");
  };
  const CommandResult result = racelab_of("step two-writers --order AB", environment);
  EXPECT_EQ(result.exit, Exit::violated);
  EXPECT_NE(result.output.find("order   ABBA"), std::string::npos) << result.output;
}

TEST(ListJson, scenarios_of_both_kinds_with_their_stories) {
  const CommandResult result = racelab_of("list --format json");
  const json::object all = json::parse(result.output).as_object();
  EXPECT_EQ(all.at("schema"), "racelab.list/1");
  std::map<std::string, bool> sql;
  for (const json::value& scenario : all.at("scenarios").as_array()) {
    sql.emplace(scenario.at("name").as_string(), scenario.at("sql").as_bool());
    EXPECT_FALSE(scenario.at("story").as_array().empty());
  }
  EXPECT_EQ(sql.at("two-writers"), false);
  EXPECT_EQ(sql.at("oversold-stock"), true);
  for (const json::value& scenario : all.at("scenarios").as_array()) {
    const std::string name(scenario.at("name").as_string());
    EXPECT_EQ(scenario.at("explorable").as_bool(),
              racelab_of("step " + name + " --states-max 1 --format json").exit != Exit::bad_usage)
        << name;
  }
}

TEST(ListJson, a_scenario_with_its_files) {
  const json::object shown =
      json::parse(racelab_of("show oversold-stock --format json").output).as_object();
  EXPECT_EQ(shown.at("schema"), "racelab.show/1");
  EXPECT_EQ(shown.at("files").at(0).at("file"), "scenarios/oversold-stock/setup.sql");
  const json::array& strategies = shown.at("strategies").as_array();
  EXPECT_NE(std::find(strategies.begin(), strategies.end(), "read-then-write"), strategies.end());
  const json::object other =
      json::parse(racelab_of("show two-writers --format json").output).as_object();
  EXPECT_EQ(other.at("sql"), false);
  EXPECT_EQ(other.at("strategies").at(0), "atomic-increment");
}

}  // namespace
}  // namespace racelab::lab::step_json_test
