// `racelab explain --format json`: what the terminal tells, as data.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "tests/cli/command.h"

namespace racelab::lab::explain_json_test {
namespace {

namespace json = boost::json;

json::object explained(std::string_view line, int code) {
  const CommandResult outcome = racelab_of(line);
  EXPECT_EQ(static_cast<int>(outcome.exit), code) << outcome.errors;
  return json::parse(outcome.output).as_object();
}

TEST(ExplainJson, of_two_writers_to_the_letter) {
  json::object data = explained("explain two-writers --format json", 1);
  EXPECT_EQ(data["options"].as_object().at("clients"), "2");
  data.erase("options");
  ASSERT_EQ(data["fixes"].as_array().size(), 4U);
  const json::value lock = std::exchange(data["fixes"], json::array{}).as_array()[3];
  EXPECT_EQ(lock.at("change"), "pessimistic-lock");
  EXPECT_EQ(lock.at("statement"), "SELECT n FOR UPDATE");
  EXPECT_EQ(lock.at("effect"), "B waits for A at step 2");
  EXPECT_EQ(lock.at("no_help_against"), "");
  EXPECT_EQ(data, json::parse(R"json({
    "schema": "racelab.explain/1", "scenario": "two-writers", "strategy": "read-modify-write",
    "isolation_used": {"read-modify-write": "autocommit"},
    "verdict": "violated", "title": "LOST UPDATE",
    "headline": "1 lost update: B was told ok, and its +1 is gone",
    "smallest": true, "clients": 2, "operations": 2, "faults": 0, "switches": 2,
    "schedule": "ABBA", "token": "0.1.0:two-writers:read-modify-write::ABBA:6f442",
    "probability_violating": 0.5,
    "steps": [
      {"task": "A", "statement": "SELECT n", "result": "0", "probability_violating": 0.5},
      {"task": "B", "statement": "SELECT n", "result": "0", "probability_violating": 1.0},
      {"task": "B", "statement": "UPDATE n = 1", "result": "", "probability_violating": 1.0},
      {"task": "A", "statement": "UPDATE n = 1", "result": "", "probability_violating": 1.0}],
    "final": {"n": 1},
    "ledger": {"initial": 0, "acknowledged": 2, "unknown_applied": 0, "failed_applied": 0,
               "extra_applications": 0, "overwritten": 1, "acknowledged_never_applied": 0,
               "final": 1},
    "ledger_by_row": {"n": {"initial": 0, "acknowledged": 2, "unknown_applied": 0,
                            "failed_applied": 0, "extra_applications": 0, "overwritten": 1,
                            "acknowledged_never_applied": 0, "final": 1}},
    "ledger_adds_up": true,
    "reasons": [
      {"label": "B < A",
       "text": "because A overwrote the n = 1 that B wrote (write-write, steps 3-4)"},
      {"label": "A < B",
       "text": "because A read n = 0 and did not see B's write (read-write, steps 1-3)"},
      {"label": "",
       "text": "Each comes before the other: no serial order explains this history."}],
    "swap": {"text": "1 and 2-3: B reads, B writes, A reads, A writes: n = 2, right",
             "schedule": "BBAA"},
    "fixes": [],
    "fixes_unexplored": 0})json"));
}

TEST(ExplainJson, of_a_token_is_no_smallest_order) {
  const json::object scenario = explained("explain two-writers --format json", 1);
  json::object token =
      explained("explain 0.1.0:two-writers:read-modify-write::ABBA:6f442 --format json", 1);
  EXPECT_EQ(token.at("smallest"), false);
  token["smallest"] = true;
  EXPECT_EQ(token, scenario);
}

TEST(ExplainJson, of_endpoints_in_sql_tells_how_it_could_have_ended) {
  const json::object data =
      explained("explain oversold-stock --strategy read-then-write --format json", 1);
  EXPECT_EQ(data.at("schema"), "racelab.explain/1");
  EXPECT_EQ(data.at("rules"), "PostgreSQL 15");
  EXPECT_EQ(data.at("title"), "LOST UPDATE, CHECK BROKEN");
  EXPECT_EQ(data.at("schedule"), "ABBBBAAA");
  EXPECT_EQ(data.at("probability_violating"), 0.875);
  EXPECT_EQ(data.at("final"),
            json::parse(R"json({"item": [[1, 0]], "sale": [[1, 1, 1], [2, 1, 0]]})json"));
  EXPECT_EQ(data.at("one_at_a_time"),
            json::parse(R"json(["A then B: A 200 sale=1, B 409; item (1, 0); sale (1, 1, 0)",
                            "B then A: A 409, B 200 sale=1; item (1, 0); sale (1, 1, 1)"])json"));
  EXPECT_EQ(data.at("swap").at("text"),
            "1 and 2-5: A 409, B 200 sale=1; item (1, 0); sale (1, 1, 1), right");
  EXPECT_EQ(data.at("fixes").as_array().size(), 6U);
  EXPECT_EQ(data.at("fixes").as_array()[0].at("change"), "isolation=repeatable-read");
}

TEST(ExplainJson, of_what_holds_is_what_explore_says) {
  for (const char* which : {"two-writers --strategy atomic-increment --format json",
                            "oversold-stock --strategy guarded-update --format json"}) {
    json::object explain = explained(std::string("explain ") + which, 0);
    json::object explore = explained(std::string("explore ") + which, 0);
    EXPECT_EQ(explain.at("schema"), "racelab.explore/1");
    explain.erase("seconds");
    explore.erase("seconds");
    EXPECT_EQ(explain, explore);
  }
}

}  // namespace
}  // namespace racelab::lab::explain_json_test
