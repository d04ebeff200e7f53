// racelab explore as it is typed: the page, several strategies, the two engines, and limits.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/command.h"

namespace racelab::lab::explore_test {
namespace {

namespace json = boost::json;

json::object json_of(const std::string& line) {
  const CommandResult result = racelab_of(line + " --format json");
  EXPECT_EQ(result.errors, "");
  return json::parse(result.output).as_object();
}

TEST(Explore, tells_what_saved_a_strategy_that_holds) {
  const CommandResult result = racelab_of("explore two-writers --strategy optimistic-version");
  EXPECT_EQ(code(result), 0);
  EXPECT_EQ(result.output,
            "HOLDS  in all 6 orders: a proof, within these settings\n"
            "odds    0 % of the orders; 0 % when every next step is as likely as the others\n"
            "ends    n = 2 in 6 orders: 2 told ok\n"
            "covered 9 states, 11 transitions; clients that do the same are one\n"
            "saved   a stale write was refused in 4 of 6 orders:\n"
            "        racelab explain 0.1.0:two-writers:optimistic-version::ABBAAA:1f7d8\n"
            "with    strategy=optimistic-version workload=increment clients=2 operations=1\n"
            "        initial=0 amount=1 isolation=autocommit tries-max=3 attempts-max=3\n");
}

TEST(Explore, draws_the_smallest_counterexample) {
  const CommandResult result = racelab_of("explore two-writers");
  EXPECT_EQ(code(result), 1);
  EXPECT_TRUE(result.output.starts_with(
      "VIOLATED  in 4 of 6 orders: 1 lost update\n"
      "odds    66.7 % of the orders; 50.0 % when every next step is as likely as the\n"
      "        others\n"
      "ends    n = 1 in 4 orders: 2 told ok; 1 lost update\n"
      "        n = 2 in 2 orders: 2 told ok\n"
      "covered 8 states, 9 transitions; clients that do the same are one\n"
      "\n"
      "least   2 clients, 2 operations, 4 steps: ABBA\n"))
      << result.output;
  EXPECT_NE(result.output.find("DOOMED HERE  100 %"), std::string::npos);
}

TEST(Explore, compares_several_strategies_in_a_table) {
  const CommandResult result =
      racelab_of("explore two-writers --strategy read-modify-write --strategy optimistic-version");
  EXPECT_EQ(code(result), 1);
  EXPECT_EQ(result.output,
            "strategy            verdict        odds  orders\n"
            "read-modify-write   violated     66.7 %  4 of 6\n"
            "optimistic-version  holds           0 %  0 of 6\n"
            "least   racelab explain 0.1.0:two-writers:read-modify-write::ABBA:6f442\n");
  const json::object both =
      json_of("explore two-writers --strategy read-modify-write --strategy optimistic-version");
  EXPECT_EQ(both.at("schema"), "racelab.explore-several/1");
  ASSERT_EQ(both.at("explorations").as_array().size(), 2U);
  EXPECT_EQ(both.at("explorations").at(1).at("verdict"), "holds");
}

// A and C write one row, B and D another: twice the eight states and nine transitions of a pair.
TEST(Explore, says_in_how_many_parts) {
  const std::string line = "explore two-writers --clients 4 --rows 2";
  const CommandResult result = racelab_of(line);
  EXPECT_EQ(code(result), 1);
  EXPECT_TRUE(result.output.starts_with(
      "VIOLATED  in 2,240 of 2,520 orders: up to 2 lost updates\n"
      "odds    88.9 % of the orders; 75.0 % when every next step is as likely as the\n"
      "        others\n"))
      << result.output;
  EXPECT_NE(
      result.output.find("covered 16 states, 18 transitions in 2 parts that cannot touch each\n"
                         "        other; clients that do the same are one\n"),
      std::string::npos)
      << result.output;
  const json::object apart = json_of(line);
  const json::object joint = json_of(line + " --no-parts");
  EXPECT_EQ(apart.at("parts"), 2);
  EXPECT_FALSE(joint.contains("parts"));
  for (const char* key : {"verdict", "orders", "orders_violating", "probability_violating",
                          "outcomes", "counterexample", "near_misses"}) {
    EXPECT_EQ(apart.at(key), joint.at(key)) << key;
  }
  const std::string token(apart.at("counterexample").at("token").as_string());
  for (const char* verb : {"explain ", "replay "}) {
    EXPECT_EQ(code(racelab_of(verb + token)), 1) << verb;
  }
}

TEST(Explore, tells_outcomes_that_are_too_many_part_by_part) {
  const std::string line = "explore two-writers --clients 26 --rows 13";
  const std::string text = racelab_of(line).output;
  EXPECT_NE(text.find(" orders: up to 13 lost updates\n"), std::string::npos) << text;
  EXPECT_NE(text.find("ends    AN alone: n = 1 in 4 orders: 2 told ok; 1 lost update\n"
                      "        AN alone: n = 2 in 2 orders: 2 told ok\n"
                      "        BO alone: n1 = 1 in 4 orders: 2 told ok; 1 lost update\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("        and 16 more\n"), std::string::npos) << text;
  const json::object all = json_of(line);
  EXPECT_TRUE(all.at("outcomes").as_array().empty());
  ASSERT_EQ(all.at("outcomes_by_part").as_array().size(), 13U);
  EXPECT_EQ(all.at("outcomes_by_part").at(1).at("clients"), (json::array{"B", "O"}));
  EXPECT_EQ(all.at("outcomes_by_part").at(1).at("outcomes").at(0).at("orders"), "4");
}

TEST(Explore, says_the_same_with_either_engine) {
  for (const std::string& line : std::vector<std::string>{
           "explore two-writers --clients 3", "explore retried-payment",
           "explore two-writers --strategy optimistic-version --lose-reply.max 1"}) {
    const json::object graph = json_of(line);
    const json::object orders = json_of(line + " --engine orders");
    EXPECT_EQ(graph.at("engine"), "graph");
    EXPECT_EQ(orders.at("engine"), "orders");
    EXPECT_TRUE(orders.at("states").is_null());
    EXPECT_TRUE(orders.at("counterexample").is_null());
    for (const char* key : {"verdict", "complete", "orders", "orders_violating", "outcomes"}) {
      EXPECT_EQ(graph.at(key), orders.at(key)) << line << ' ' << key;
    }
    EXPECT_NEAR(graph.at("probability_violating").at("uniform_scheduler").as_double(),
                orders.at("probability_violating").at("uniform_scheduler").as_double(), 1e-12);
  }
}

TEST(Explore, gives_up_at_each_limit_and_says_which) {
  const std::string line =
      "explore two-writers --strategy optimistic-version --clients 12 "
      "--no-symmetry ";
  for (const auto& [limit, name] :
       {std::pair{"--states-max 1000", "states-max"}, std::pair{"--memory-max 1", "memory-max"},
        std::pair{"--steps-max 5", "steps-max"}}) {
    const CommandResult text = racelab_of(line + limit);
    EXPECT_EQ(code(text), 3) << limit;
    EXPECT_TRUE(text.output.starts_with("GAVE UP  ")) << text.output;
    EXPECT_NE(text.output.find(std::string("--") + name), std::string::npos);
    const json::object object = json_of(line + limit);
    EXPECT_EQ(object.at("verdict"), "gave-up");
    EXPECT_EQ(object.at("complete"), false);
    EXPECT_EQ(object.at("stopped_by"), name);
    EXPECT_EQ(object.at("probability_bounds").at("at_least").as_double(), 0);
    EXPECT_GT(object.at("probability_bounds").at("at_most").as_double(), 0);
  }
}

TEST(Explore, every_page_fits_80_columns) {
  for (const std::string& line : std::vector<std::string>{
           "explore two-writers --clients 12", "explore hot-counter", "explore dropped-call",
           "explore money-transfer --strategy pessimistic-lock",
           "explore two-writers --strategy optimistic-version --clients 12 --memory-max 1 "
           "--no-symmetry"}) {
    const std::string text = racelab_of(line).output;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      const std::string row = text.substr(begin, end - begin);
      EXPECT_TRUE(row.size() <= 80 || row.find("racelab explain ") != std::string::npos) << row;
      begin = end + 1;
    }
  }
}

TEST(Explore, long_work_is_told_from_the_first_second_on_and_only_to_a_terminal) {
  const std::string line =
      "explore two-writers --strategy optimistic-version --clients 12 --no-symmetry "
      "--seconds-max 2 --format json";
  std::string told;
  Environment environment;
  environment.progress = [&told](std::string_view text) { told += text; };
  const CommandResult result = racelab_of(line, environment);
  EXPECT_EQ(code(result), 3);
  EXPECT_EQ(json::parse(result.output).at("stopped_by"), "seconds-max");
  EXPECT_TRUE(told.starts_with("\roptimistic-version: ")) << told;
  EXPECT_TRUE(told.ends_with("\r\x1b[K")) << told;
}

}  // namespace
}  // namespace racelab::lab::explore_test
