// racelab learn: its screens, whoever sits there or nobody; and whatever is typed, one clear sentence.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/cli/command.h"

namespace racelab::lab::learn_test {
namespace {

// Lines that come through a pipe, or are typed by somebody who is asked.
CommandResult taught(const std::string& command, const std::vector<std::string>& lines,
                     bool prompt = false) {
  std::size_t next = 0;
  Environment environment;
  environment.conversation.prompt = prompt;
  environment.conversation.at_terminal = prompt;
  environment.conversation.next_line = [&]() -> std::optional<std::string> {
    return next < lines.size() ? std::optional(lines[next++]) : std::nullopt;
  };
  return racelab_of(command, environment);
}

// What stands between two pieces of a text, without them.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  EXPECT_NE(from, std::string::npos) << begin << '\n' << text;
  if (from == std::string::npos) {
    return "";
  }
  const std::size_t start = from + begin.size();
  return text.substr(start, text.find(end, start) - start);
}

TEST(Learn, lists_the_lessons) {
  EXPECT_EQ(racelab_of("learn").output,
            "LESSONS  five to eight minutes each: say what will happen, then see what does\n"
            "\n"
            "   1    Two cashiers\n"
            "   2    How unlucky must you be?\n"
            "   3    BEGIN … COMMIT saves us\n"
            "   4    Let the database add\n"
            "   5    Lock the row\n"
            "   6    The version column\n"
            "   7    Two doctors go home\n"
            "   8    The reply that never came\n"
            "   9    Retry harder\n"
            "  10    The idempotency key\n"
            "  11    At least once\n"
            "  12    Boss level: design the endpoint\n"
            "\n"
            "start   racelab learn 1\n");
}

TEST(Learn, a_lesson_in_a_pipe_is_told_whole) {
  const CommandResult result = taught("learn 1", {"b"});
  EXPECT_EQ(code(result), 0);
  EXPECT_EQ(result.output,
            "LESSON 1  Two cashiers\n"
            "\n"
            "story   A shop counts its customers in one row: `n`, which begins at 0. For each\n"
            "        customer, a till reads `n`, adds 1 in the program, and writes the sum\n"
            "        back. Two tills, A and B, do it at the same moment, and both are told\n"
            "        \"ok\".\n"
            "try     racelab run two-writers\n"
            "\n"
            "ask     Where does `n` end?\n"
            "a       2: each till adds 1\n"
            "b       1: one customer is gone\n"
            "c       1, and the second till gets an error\n"
            "\n"
            "right   b) 1: one customer is gone\n"
            "        And nobody was told. Each added 1 to the number that it had read, and\n"
            "        both had read 0.\n"
            "\n"
            "$ racelab run two-writers\n"
            "VIOLATED  1 lost update: B was told ok, and its +1 is gone\n"
            "   ms   A                      B                          n\n"
            "  1.8                          SELECT n  -> 0             0\n"
            "  2.3   SELECT n  -> 0                                    0\n"
            "  2.7                          UPDATE n = 1               1\n"
            "  3.5   UPDATE n = 1                                      1  B overwritten\n"
            "why     A read n = 0 at 2.3 ms; B wrote n = 1 at 2.7 ms; A, still at 0, wrote\n"
            "        n = 1 at 3.5 ms\n"
            "ledger  0 + 2 acknowledged - 1 overwritten = 1\n"
            "\n"
            "notice  Both read 0, and both write 1. The second write does not add to the\n"
            "        first, it replaces it. Both were told `ok`, one update is lost, and `n`\n"
            "        ends at 1.\n"
            "\n"
            "change  One till instead of two, and the two customers one after the other.\n"
            "\n"
            "$ racelab run two-writers --clients 1 --operations 2\n"
            "HOLDS  2 of 2 updates survive, each once\n"
            "   ms   A                       n\n"
            "  2.3   1: SELECT n  -> 0       0\n"
            "  3.5   1: UPDATE n = 1         1\n"
            "  6.5   2: SELECT n  -> 1       1\n"
            "  7.4   2: UPDATE n = 2         2\n"
            "ledger  0 + 2 acknowledged = 2\n"
            "\n"
            "notice  The same code on the same database, and `n` ends at 2. A till alone is\n"
            "        always right; so is every test that runs alone.\n"
            "\n"
            "by hand You are the scheduler: `A` and `B` run that till's next statement, `u`\n"
            "        takes it back. Lose the update, then find an order that keeps both.\n"
            "        racelab step two-writers\n"
            "keep    What was read is old by the time it is used; a write that was computed\n"
            "        from it wipes out whatever came between.\n"
            "next    racelab learn 2\n");
}

TEST(Learn, what_was_said_stands_beside_what_is) {
  const auto answered = [](const std::vector<std::string>& lines) {
    return between(taught("learn 1", lines).output, "error\n\n", "\n\n$ ");
  };
  const std::string wrong =
      "said    a) 2: each till adds 1\n"
      "it is   b) 1: one customer is gone\n"
      "        That is what both tills were told. But each added 1 to the number that\n"
      "        it had read, and both had read 0.";
  const std::string right =
      "b) 1: one customer is gone\n"
      "        And nobody was told. Each added 1 to the number that it had read, and\n"
      "        both had read 0.";
  EXPECT_EQ(answered({"a"}), wrong);
  EXPECT_EQ(answered({"b"}), "right   " + right);
  EXPECT_EQ(answered({}), "answer  " + right);
  // An answer may be written in several ways.
  for (const char* typed : {" A ", "a)", "A.", "2", "2: each till adds 1", "2: Each Till adds 1"}) {
    EXPECT_EQ(answered({typed}), wrong) << typed;
  }
  EXPECT_EQ(answered({"", "  ", "b", ""}), "right   " + right);
}

TEST(Learn, nobody_is_waited_for_when_the_answer_would_go_elsewhere) {
  Environment environment;
  environment.conversation.at_terminal = true;  // but standard output is a file
  environment.conversation.next_line = []() -> std::optional<std::string> {
    ADD_FAILURE() << "it waits";
    return std::nullopt;
  };
  EXPECT_EQ(racelab_of("learn 1", environment).output, taught("learn 1", {}).output);
}

TEST(Learn, at_a_terminal_it_asks_until_it_is_answered) {
  const CommandResult result = taught("learn 2", {"5", "", "b", "", ""}, true);
  EXPECT_EQ(code(result), 0);
  EXPECT_EQ(between(result.output, "c       4\n", "\n$ "),
            "\n"
            "a, b or c> '5' is none of the answers: a, b or c; q leaves\n"
            "\n"
            "a, b or c> say first what will happen: a, b or c; q leaves\n"
            "\n"
            "a, b or c> \n"
            "said    b) 2\n"
            "it is   c) 4\n"
            "        Two is how many are right: one till after the other, either of them\n"
            "        first.\n");
  EXPECT_NE(result.output.find("\nEnter changes one thing> \nchange  So why"), std::string::npos);
  EXPECT_TRUE(result.output.ends_with("next    racelab learn 3\n"));
}

TEST(Learn, whoever_leaves_is_told_how_to_come_back) {
  const std::string left = "left    `racelab learn 2` begins again\n";
  for (const std::vector<std::string>& lines :
       {std::vector<std::string>{"q"}, {"c", "quit"}, {"x", " q "}}) {
    const CommandResult result = taught("learn 2", lines, true);
    EXPECT_EQ(code(result), 0);
    EXPECT_TRUE(result.output.ends_with("> " + left)) << result.output;
  }
  // The end of the input, Ctrl-D.
  const CommandResult ended = taught("learn 2", {}, true);
  EXPECT_EQ(code(ended), 0);
  EXPECT_TRUE(ended.output.ends_with("a, b or c> \n" + left)) << ended.output;
}

TEST(Learn, a_reader_who_has_gone_ends_it) {
  Environment environment;
  std::size_t said = 0;
  environment.conversation.prompt = true;
  environment.conversation.say = [&said](std::string_view) { return ++said < 2; };
  environment.conversation.next_line = []() { return std::optional<std::string>("c"); };
  EXPECT_EQ(code(racelab_of("learn 2", environment)), 0);
  EXPECT_EQ(said, 2U);
}

TEST(Learn, mistakes_are_one_sentence) {
  const auto mistake = [](const std::string& command, const std::vector<std::string>& lines = {}) {
    const CommandResult result = taught(command, lines);
    EXPECT_EQ(code(result), 2) << command;
    EXPECT_EQ(result.output, "");
    return result.errors;
  };
  for (const char* name : {"13", "0", "-1", "1x", "two"}) {
    if (name[0] != '-') {
      EXPECT_EQ(mistake(std::string("learn ") + name),
                std::string("racelab: there is no lesson '") + name +
                    "': they have the numbers 1 to 12; `racelab learn` lists them\n");
    } else {
      EXPECT_NE(mistake(std::string("learn ") + name), "");
    }
  }
  EXPECT_NE(mistake("learn 1 2"), "");
  EXPECT_NE(mistake("learn 1 --format csv"), "");
  EXPECT_NE(mistake("learn 1 --strategy atomic-increment"), "");
  EXPECT_EQ(mistake("learn 1", {"7"}), "racelab: '7' is no answer to lesson 1: a, b or c\n");
  EXPECT_EQ(mistake("learn 1", {"\x1B[31m and much more than fits"}),
            "racelab: '?[31m and much more than...' is no answer to lesson 1: a, b or c\n");
  EXPECT_EQ(mistake("learn 1", {"b", "c"}),
            "racelab: lesson 1 takes 1 answer: 'c' is one too many\n");
  EXPECT_EQ(mistake("learn 12", {"b", "c"}),
            "racelab: the endpoint of lesson 12 has 5 parts: 2 answers came\n");
  EXPECT_EQ(mistake("learn 12", {"b", "d", "a", "a", "a"}),
            "racelab: 'd' is no answer to part 2 of lesson 12: a, b or c\n");
  EXPECT_EQ(mistake("learn 12", {"b", "b", "a", "a", "a", "a"}),
            "racelab: lesson 12 takes 5 answers: 'a' is one too many\n");
}

TEST(Learn, help_says_what_it_takes) {
  const CommandResult help = racelab_of("learn --help");
  EXPECT_EQ(code(help), 0);
  EXPECT_NE(help.output.find("usage: racelab learn [N]"), std::string::npos);
}

// ---- as data

TEST(Learn, as_json_it_is_what_the_page_is_made_from) {
  const boost::json::value all = boost::json::parse(racelab_of("learn --format json").output);
  EXPECT_EQ(all.at("schema"), "racelab.learn/1");
  const boost::json::array& lessons = all.at("lessons").as_array();
  ASSERT_EQ(lessons.size(), 12U);
  const boost::json::value& first = lessons[0];
  EXPECT_EQ(first.at("number"), 1);
  EXPECT_EQ(first.at("name"), "two-cashiers");
  EXPECT_EQ(first.at("title"), "Two cashiers");
  EXPECT_EQ(first.at("experiment").at("command"), "racelab run two-writers");
  EXPECT_EQ(first.at("experiment").at("arguments").as_array().size(), 2U);
  EXPECT_EQ(first.at("experiment").at("expect").at(0).at("key"), "verdict");
  EXPECT_EQ(first.at("experiment").at("expect").at(0).at("value"), "violated");
  EXPECT_EQ(first.at("question").at("choices").at(1).at("right"), true);
  EXPECT_EQ(first.at("question").at("choices").at(0).at("right"), false);
  EXPECT_EQ(first.at("by_hand").at("command"), "racelab step two-writers");
  EXPECT_TRUE(first.at("parts").as_array().empty());
  const boost::json::value& boss = lessons[11];
  EXPECT_TRUE(boss.at("question").is_null());
  EXPECT_EQ(boss.at("parts").at(1).at("parameter"), "keyed");
  EXPECT_EQ(boss.at("parts").at(1).at("choices").as_array().size(), 3U);
  const boost::json::value one = boost::json::parse(racelab_of("learn 12 --format json").output);
  EXPECT_EQ(one.at("lessons").as_array(), boost::json::array{boss});
}

// ---- the boss level

TEST(Learn, an_endpoint_that_holds_is_accepted) {
  const CommandResult result = taught("learn 12", {"c", "c", "a", "b", "b"});
  EXPECT_EQ(code(result), 0);
  const std::size_t endpoint = result.output.find("-- retry");
  ASSERT_NE(endpoint, std::string::npos);
  EXPECT_EQ(result.output.substr(endpoint),
            "-- retry: 40001, 40P01\n"
            "-- reply: receipt\n"
            "\\set receipt 0\n"
            "begin isolation level read committed;\n"
            "\\set known 1\n"
            "insert into payment (key, amount) values (:key, :amount)\n"
            "  on conflict (key) do nothing returning receipt, 0 as known \\aset\n"
            "\\if :known = 1\n"
            "  select receipt from payment where key = :key \\gset\n"
            "  commit;\n"
            "\\else\n"
            "  \\set enough 0\n"
            "  update account set balance = balance - :amount\n"
            "    where id = 1 and balance >= :amount returning 1 as enough \\aset\n"
            "  \\if :enough\n"
            "    commit;\n"
            "  \\else\n"
            "    \\set status 409\n"
            "    rollback;\n"
            "  \\endif\n"
            "\\endif\n"
            "\n"
            "ACCEPTED  it holds in all 2,558 orders, as PostgreSQL 15 does it: a proof,\n"
            "        within these settings\n");
}

TEST(Learn, another_gets_its_own_smallest_counterexample) {
  const CommandResult result = taught("learn 12", {"a", "a", "a", "a", "a"});
  EXPECT_EQ(code(result), 1);
  const std::size_t verdict = result.output.find("VIOLATED");
  ASSERT_NE(verdict, std::string::npos);
  EXPECT_EQ(
      result.output.substr(verdict),
      "VIOLATED  in 1,545 of 1,762 orders: broken: \"What was paid and what is left make\n"
      "        the 100 that were there.\"\n"
      "end     B 409 receipt=0; account (1, 20)\n"
      "why     one after another, in whatever order, it cannot end like this\n"
      "explain racelab explain payment --strategy built --param balance=1 --param keyed=1 --param "
      "first=1 --param transaction=1 --param repeat=1\n"
      "\n"
      "                                                                       odds of a\n"
      "                                                                violation 20.1 %\n"
      "  1  B    select balance - 80 as rest, balance >= 80 as enough from\n"
      "            account where id = 1 -> 20, true                              45.8 %\n"
      "  2  B    update account set balance = 20 where id = 1 -> 1 row\n"
      "     B    the session is lost before the answer                     DOOMED 100 %\n"
      "  3  B'   select balance - 80 as rest, balance >= 80 as enough from\n"
      "            account where id = 1 -> -60, false\n"
      "     B'   is answered 409 receipt=0                                        100 %\n");
}

TEST(Learn, whoever_builds_changes_a_part_until_it_is_accepted) {
  // The story, the experiment, five parts; the endpoint, its verdict, its order; then the second part is chosen anew.
  const CommandResult result = taught(
      "learn 12", {"", "", "c", "b", "a", "b", "b", "", "", "9", "2", "c", "", "", ""}, true);
  EXPECT_EQ(code(result), 0);
  EXPECT_NE(result.output.find("VIOLATED  in 332 of 9,430 orders"), std::string::npos);
  EXPECT_NE(result.output.find("\nchange part 1 to 5> '9' is no part: 1 to 5; q leaves\n"),
            std::string::npos);
  EXPECT_NE(result.output.find("\nACCEPTED  it holds in all 2,558 orders"), std::string::npos);
  EXPECT_NE(result.output.find("\nkeep    Recognise the repeat first"), std::string::npos);
  // Who leaves before, has not built it.
  EXPECT_EQ(code(taught("learn 12", {"", "", "c", "b", "q"}, true)), 1);
  EXPECT_EQ(code(taught("learn 12", {"", "", "c", "b", "a", "b", "b", "", "", "q"}, true)), 1);
  EXPECT_EQ(code(taught("learn 12", {"q"}, true)), 0);
}

}  // namespace
}  // namespace racelab::lab::learn_test
