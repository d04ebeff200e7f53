// `racelab explain` and `racelab replay` from end to end: exit codes, tokens, mistakes.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <boost/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "sim/kernel/hash.h"
#include "tests/cli/command.h"

namespace racelab::lab::explain_test {
namespace {

const std::string two_writers = "0.1.0:two-writers:read-modify-write::ABBA:6f442";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A token's text with the checksum that belongs to it.
std::string with_checksum(const std::string& text) {
  Hash hash;
  for (const char c : text) {
    hash.add(static_cast<unsigned char>(c));
  }
  return text + fmt::format(":{:05x}", hash.value() & 0xFFFFFU);
}

TEST(Explain, exits_1_when_it_draws_a_violation_and_0_when_there_is_none) {
  EXPECT_EQ(code(racelab_of("explain two-writers")), 1);
  EXPECT_EQ(code(racelab_of("explain " + two_writers)), 1);
  EXPECT_EQ(code(racelab_of("explain two-writers --strategy atomic-increment")), 0);
  EXPECT_EQ(code(racelab_of("explain " + two_writers + " --strategy atomic-increment")), 0);
  EXPECT_EQ(code(racelab_of("explain two-writers --strategy atomic-increment --states-max 1")), 3);
}

TEST(Explain, draws_a_token_as_it_draws_the_scenario_that_it_came_from) {
  for (const char* line :
       {"two-writers", "retried-payment", "money-transfer", "hot-counter", "dropped-call",
        "two-writers --clients 3 --slow-call.max 1",
        "two-writers --strategy pessimistic-lock --session-timeout none --crash.max 1"}) {
    SCOPED_TRACE(line);
    const std::string text = racelab_of(std::string("explain ") + line).output;
    const std::size_t at = text.find("racelab replay ") + 15;
    ASSERT_GT(at, 15U) << text;
    std::string again = racelab_of("explain " + text.substr(at, text.find('\n', at) - at)).output;
    std::string expected = text;
    expected.erase(expected.find("smallest: "), 10);
    // Without the word the title may fit where it did not.
    EXPECT_EQ(again.substr(again.find("\n\n")), expected.substr(expected.find("\n\n")));
  }
}

TEST(Explain, of_what_holds_tells_what_saved_it) {
  const CommandResult outcome = racelab_of("explain two-writers --strategy optimistic-version");
  EXPECT_EQ(code(outcome), 0);
  EXPECT_TRUE(outcome.output.starts_with("HOLDS  in all 6 orders"));
  EXPECT_TRUE(contains(outcome.output, "saved   a stale write was refused in 4 of 6 orders:"));
}

TEST(Replay, draws_an_order_again) {
  const CommandResult outcome = racelab_of("replay " + two_writers);
  EXPECT_EQ(code(outcome), 1);
  EXPECT_TRUE(outcome.output.starts_with(
      "VIOLATED  1 lost update: B was told ok, and its +1 is gone\norder   ABBA\n"));
  EXPECT_TRUE(contains(outcome.output, "DOOMED HERE"));
}

TEST(Replay, shows_the_same_order_under_another_strategy_beside_it) {
  const CommandResult outcome =
      racelab_of("replay " + two_writers + " --strategy pessimistic-lock");
  EXPECT_EQ(code(outcome), 0);
  EXPECT_EQ(outcome.output, R"(HOLDS  in this order: n = 2
with    pessimistic-lock, read-committed, in the order of read-modify-write,
        autocommit
before  VIOLATED  1 lost update: B was told ok, and its +1 is gone

step  read-modify-write, autocommit        pessimistic-lock, read-committed
   1  A  SELECT n -> 0                   * A  SELECT n FOR UPDATE -> 0
   2  B  SELECT n -> 0                   * B  SELECT n FOR UPDATE -> waits
   3  B  UPDATE n = 1                    * B  held: it is blocked
   4  A  UPDATE n = 1                      A  UPDATE n = 1
                                         * A  COMMIT; B goes on -> 1
      (3, held until now)                * B  UPDATE n = 2
                                         * B  COMMIT

changes held until it could run: 3 (B)
        2 steps after the word, in letter order
again   racelab replay 0.1.0:two-writers:pessimistic-lock::ABAABB:c662c
)");
}

TEST(Replay, tells_of_a_fault_that_moves_and_of_one_that_finds_no_place) {
  // The crash strikes before the second statement; there is only one now.
  const std::string crash = with_checksum(
      "0.1.0:two-writers:read-modify-write:attempts-max=2~crash.max=1~issued=1.0:AAcAA");
  EXPECT_TRUE(contains(racelab_of("replay " + crash + " --strategy atomic-increment").output,
                       "the crash of step 2 moved to its attempt's first statement"));
  // The reply to the second attempt is lost; there is no second attempt now.
  const std::string slow = with_checksum(
      "0.1.0:two-writers:read-modify-write:attempts-max=2~crash.max=1~issued=1.0:AcAA");
  EXPECT_EQ(code(racelab_of("replay " + slow)), 0);
}

TEST(Replay, shows_the_same_order_at_another_isolation_level) {
  const CommandResult outcome =
      racelab_of("replay " + two_writers + " --isolation repeatable-read");
  EXPECT_EQ(code(outcome), 0);
  EXPECT_TRUE(contains(outcome.output, "40001"));
}

TEST(Replay, as_json_has_both_executions) {
  namespace json = boost::json;
  const json::object alone =
      json::parse(racelab_of("replay " + two_writers + " --format json").output).as_object();
  EXPECT_EQ(alone.at("schema"), "racelab.replay/1");
  EXPECT_EQ(alone.at("verdict"), "violated");
  EXPECT_EQ(alone.at("schedule"), "ABBA");
  EXPECT_TRUE(alone.at("other").is_null());
  EXPECT_EQ(alone.at("steps").as_array().size(), 4U);
  const json::object both =
      json::parse(
          racelab_of("replay " + two_writers + " --strategy atomic-increment --format json").output)
          .as_object();
  const json::object& other = both.at("other").as_object();
  EXPECT_EQ(other.at("verdict"), "holds");
  EXPECT_EQ(other.at("schedule"), "AB");
  EXPECT_EQ(json::serialize(other.at("dropped")), "[3,4]");
  EXPECT_EQ(json::serialize(other.at("held")), "[]");
}

TEST(Replay, the_token_of_the_other_execution_replays_it) {
  for (const char* strategy : {"pessimistic-lock", "optimistic-version", "atomic-increment",
                               "read-modify-write+idempotency-key"}) {
    const std::string text = racelab_of("replay " + two_writers + " --strategy " + strategy).output;
    const std::size_t at = text.find("racelab replay ") + 15;
    const CommandResult again = racelab_of("replay " + text.substr(at, text.find('\n', at) - at));
    EXPECT_EQ(again.errors, "");
    EXPECT_EQ(again.output.substr(0, again.output.find('\n')), text.substr(0, text.find('\n')));
  }
}

TEST(Replay, what_is_wrong_with_a_token_is_said_in_one_sentence) {
  struct Mistake {
    std::string line;
    std::string sentence;
  };
  for (const Mistake& mistake : std::vector<Mistake>{
           {"replay", "which token? `racelab explore two-writers` prints one"},
           {"replay two-writers",
            "'two-writers' is no token: it has six parts with colons between them, as `racelab "
            "explore two-writers` prints it"},
           {"replay " + two_writers + "0",
            "the token is damaged: its last part should be 6f442, not '6f4420'; copy all of it"},
           {"explain " + two_writers + "0",
            "the token is damaged: its last part should be 6f442, not '6f4420'; copy all of it"},
           {"replay " + with_checksum("9.9.9:two-writers:read-modify-write::ABBA"),
            "the token was made by racelab 9.9.9, and this is racelab 0.1.0: orders may mean "
            "something else here"},
           {"replay " + with_checksum("0.1.0:two-writers:read-modify-write::ABBAA"),
            "in the order 'ABBAA', at place 5: 'A' is not possible there"},
           {"replay " + with_checksum("0.1.0:two-writers:read-modify-write::ABB"),
            "the order 'ABB' stops too early: after it something can still happen"},
           {"replay " + with_checksum("0.1.0:two-writers:read-modify-write::AArBB"),
            "in the order 'AArBB', at place 2: 'Ar' loses a reply that is not sent there, or no "
            "fault is left"},
           {"replay " + with_checksum("0.1.0:two-writers:read-modify-write:issued=x.1:ABBA"),
            "in the token: 'issued' must be numbers with dots between them, not 'x.1'"},
           {"replay " + two_writers + " --strategy lock",
            "there is no strategy 'lock'; did you mean 'pessimistic-lock'?"},
           {"explain " + two_writers + " --clients 3",
            "a token has its settings in it: '--clients' goes with a scenario"},
           {"explain",
            "which scenario or token? for example `racelab explain two-writers`; "
            "`racelab list scenarios` shows the scenarios, and `racelab explore` prints "
            "tokens"},
       }) {
    const CommandResult outcome = racelab_of(mistake.line);
    EXPECT_EQ(code(outcome), 2) << mistake.line;
    EXPECT_EQ(outcome.output, "") << mistake.line;
    EXPECT_EQ(outcome.errors, "racelab: " + mistake.sentence + "\n");
  }
}

// 2,000 tokens with one to three wrong characters and a right checksum: each is an order after all, or one sentence.
TEST(Replay, a_mutated_token_is_refused_or_is_another_order) {
  const std::vector<std::string> tokens{
      "0.1.0:two-writers:read-modify-write::ABBA", "0.1.0:retried-payment:read-modify-write::AArAA",
      "0.1.0:two-writers:pessimistic-lock:session-timeout=none~crash.max=1~issued=1.0:AAcA",
      "0.1.0:money-transfer:pessimistic-lock:slow-call.max=1~issued=1.0:AAAAsAAAAA",
      "0.1.0:two-writers:atomic-increment:duplicate-delivery.max=1~issued=1.0:AdA"};
  const std::string letters = "ABC2rsqdcbaet19:~=.,+-_Z";
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::string token = tokens[random() % tokens.size()];
    for (std::uint64_t mutations = 1 + (random() % 3); mutations > 0; --mutations) {
      token[random() % token.size()] = letters[random() % letters.size()];
    }
    const CommandResult outcome =
        racelab_of("replay " + with_checksum(token) +
                   (random() % 2 == 0 ? "" : " --strategy optimistic-version"));
    ASSERT_LE(code(outcome), 2) << token;
    ASSERT_EQ(code(outcome) == 2, outcome.output.empty()) << token;
    ASSERT_LE(std::count(outcome.errors.begin(), outcome.errors.end(), '\n'), 1) << token;
    refused += code(outcome) == 2 ? 1 : 0;
  }
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace racelab::lab::explain_test
