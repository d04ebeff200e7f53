// Sessions of a scheduler as they read: what was typed, and every screen. And whatever is typed, no line does half of what it
// says, and none does harm.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/kernel/random.h"
#include "tests/cli/command.h"

namespace racelab::lab::step_test {
namespace {

// A command with the lines that are typed into it.
CommandResult session_with_tokens(std::string_view command, const std::vector<std::string>& lines,
                                  bool prompt = false) {
  std::size_t next = 0;
  Environment environment;
  environment.conversation.prompt = prompt;
  environment.conversation.next_line = [&]() -> std::optional<std::string> {
    return next < lines.size() ? std::optional(lines[next++]) : std::nullopt;
  };
  return racelab_of(command, environment);
}

std::vector<std::string> tokens_in(const std::string& output) {
  std::vector<std::string> tokens;
  constexpr std::string_view before = "explain racelab explain ";
  for (std::size_t at = output.find(before); at != std::string::npos;
       at = output.find(before, at + 1)) {
    const std::size_t begin = at + before.size();
    tokens.push_back(output.substr(begin, output.find('\n', begin) - begin));
  }
  return tokens;
}

// The same with TOKEN for each token: it names the version, and goldens should outlive that.
CommandResult session_of(std::string_view command, const std::vector<std::string>& lines,
                         bool prompt = false) {
  CommandResult session = session_with_tokens(command, lines, prompt);
  for (const std::string& token : tokens_in(session.output)) {
    for (std::size_t at = session.output.find(token); at != std::string::npos;
         at = session.output.find(token)) {
      session.output.replace(at, token.size(), "TOKEN");
    }
  }
  return session;
}

// What the lines add to what was said before them.
std::string answer_to(std::string_view command, std::vector<std::string> before,
                      const std::string& line) {
  const std::string start = session_of(command, before).output;
  before.push_back(line);
  const std::string all = session_of(command, before).output;
  EXPECT_TRUE(all.starts_with(start));
  return all.substr(start.size());
}

// ---- sessions

TEST(Step, two_writers_lose_an_update) {
  const CommandResult session = session_of("step two-writers", {"A", "B o", "h", "AB"});
  EXPECT_EQ(session.output,
            "step    you are the scheduler of two-writers, read-modify-write\n"
            "        type a letter to run that client's next statement; ? tells the rest\n"
            "\n"
            "rows    n = 0, version 0\n"
            "A       SELECT n\n"
            "B       SELECT n\n"
            "\n"
            " step   A                      B                          n\n"
            "    1   SELECT n  -> 0                                    0\n"
            "\n"
            "rows    n = 0, version 0\n"
            "A       UPDATE n = 1\n"
            "B       SELECT n\n"
            "\n"
            " step   A                      B                          n\n"
            "    1   SELECT n  -> 0                                    0\n"
            "    2                          SELECT n  -> 0             0\n"
            "\n"
            "rows    n = 0, version 0\n"
            "A       UPDATE n = 1\n"
            "B       UPDATE n = 1\n"
            "\n"
            "odds    100 % of a violation from here on  DOOMED\n"
            "A       100 %  DOOMED\n"
            "B       100 %  DOOMED\n"
            "\n"
            "hint    A: then the nearest violation is 1 step away\n"
            "\n"
            "VIOLATED  1 lost update: A was told ok, and its +1 is gone\n"
            " step   A                      B                          n\n"
            "    1   SELECT n  -> 0                                    0\n"
            "    2                          SELECT n  -> 0             0\n"
            "    3   UPDATE n = 1                                      1\n"
            "    4                          UPDATE n = 1               1  A overwritten\n"
            "why     B read n = 0 at step 2; A wrote n = 1 at step 3; B, still at 0, wrote\n"
            "        n = 1 at step 4\n"
            "order   ABAB\n"
            "explain racelab explain TOKEN\n"
            "replay  racelab replay TOKEN\n");
  EXPECT_EQ(code(session), 1);
}

TEST(Step, a_second_locker_waits_and_is_granted_the_row) {
  const CommandResult session = session_of(
      "step two-writers --strategy pessimistic-lock --lock-timeout 5ms", {"A", "B", "AA", "BB"});
  EXPECT_EQ(session.output,
            "step    you are the scheduler of two-writers, pessimistic-lock\n"
            "        type a letter to run that client's next statement; ? tells the rest\n"
            "\n"
            "rows    n = 0, version 0\n"
            "A       SELECT n FOR UPDATE\n"
            "B       SELECT n FOR UPDATE\n"
            "\n"
            " step   A                           B                          n\n"
            "    1   SELECT n FOR UPDATE  -> 0                              0\n"
            "\n"
            "rows    n = 0, version 0, locked by A\n"
            "A       UPDATE n = 1\n"
            "B       SELECT n FOR UPDATE\n"
            "\n"
            " step   A                           B                               n\n"
            "    1   SELECT n FOR UPDATE  -> 0                                   0\n"
            "    2                               SELECT n FOR UPDATE waits       0\n"
            "\n"
            "rows    n = 0, version 0, locked by A, queue: B\n"
            "A       UPDATE n = 1\n"
            "B       waits for A: SELECT n FOR UPDATE   (Bt: the wait ends)\n"
            "\n"
            " step   A                           B                               n\n"
            "    1   SELECT n FOR UPDATE  -> 0                                   0\n"
            "    2                               SELECT n FOR UPDATE waits       0\n"
            "    3   UPDATE n = 1                                              (1)\n"
            "    4   COMMIT                                                      1\n"
            "    4                               SELECT n FOR UPDATE  -> 1       1\n"
            "\n"
            "rows    n = 1, version 1, locked by B\n"
            "A       done: told ok\n"
            "B       UPDATE n = 2\n"
            "\n"
            "HOLDS  this order does no harm; whether others do, `racelab explore` tells\n"
            " step   A                           B                               n\n"
            "    1   SELECT n FOR UPDATE  -> 0                                   0\n"
            "    2                               SELECT n FOR UPDATE waits       0\n"
            "    3   UPDATE n = 1                                              (1)\n"
            "    4   COMMIT                                                      1\n"
            "    4                               SELECT n FOR UPDATE  -> 1       1\n"
            "    5                               UPDATE n = 2                  (2)\n"
            "    6                               COMMIT                          2\n"
            "order   ABAABB\n"
            "explain racelab explain TOKEN\n"
            "replay  racelab replay TOKEN\n");
  EXPECT_EQ(code(session), 0);
}

TEST(Step, a_lost_reply_charges_twice) {
  const CommandResult session = session_of("step retried-payment", {"A o", "Ar", "AA"});
  EXPECT_EQ(session.output,
            "step    you are the scheduler of retried-payment, read-modify-write\n"
            "        type a letter to run that client's next statement; ? tells the rest\n"
            "\n"
            "rows    balance = 100, version 0\n"
            "A       SELECT balance\n"
            "\n"
            " step   A                        balance\n"
            "    1   SELECT balance  -> 100       100\n"
            "\n"
            "rows    balance = 100, version 0\n"
            "A       UPDATE balance = 70\n"
            "faults  Ar reply lost\n"
            "\n"
            "odds    50.0 % of a violation from here on\n"
            "A       0 %\n"
            "Ar      100 %  DOOMED\n"
            "\n"
            " step   A                        balance\n"
            "    1   SELECT balance  -> 100       100\n"
            "    2   UPDATE balance = 70           70\n"
            "    2   reply lost (ok)               70\n"
            "    2   timed out                     70\n"
            "    2   asks again                    70\n"
            "\n"
            "rows    balance = 70, version 1\n"
            "A       SELECT balance   (attempt 2)\n"
            "\n"
            "VIOLATED  1 duplicate: A's -30 was done twice\n"
            " step   A                        balance\n"
            "    1   SELECT balance  -> 100       100\n"
            "    2   UPDATE balance = 70           70\n"
            "    2   reply lost (ok)               70\n"
            "    2   timed out                     70\n"
            "    2   asks again                    70\n"
            "    3   SELECT balance  -> 70         70\n"
            "    4   UPDATE balance = 40           40  A done again\n"
            "    4   told ok                       40\n"
            "why     A's -30 was done at step 2; its reply was lost at step 2; A heard\n"
            "        nothing, gave up at step 2 and asked again; at step 4 it was done again:\n"
            "        nothing recognised the repeat\n"
            "order   AArAA\n"
            "explain racelab explain TOKEN\n"
            "replay  racelab replay TOKEN\n");
  EXPECT_EQ(code(session), 1);
}

TEST(Step, back_to_the_start_and_another_way) {
  const CommandResult session = session_of("step two-writers", {"ABAB", "start", "AABB", "u", "r"});
  EXPECT_EQ(session.output,
            "step    you are the scheduler of two-writers, read-modify-write\n"
            "        type a letter to run that client's next statement; ? tells the rest\n"
            "\n"
            "rows    n = 0, version 0\n"
            "A       SELECT n\n"
            "B       SELECT n\n"
            "\n"
            "VIOLATED  1 lost update: A was told ok, and its +1 is gone\n"
            " step   A                      B                          n\n"
            "    1   SELECT n  -> 0                                    0\n"
            "    2                          SELECT n  -> 0             0\n"
            "    3   UPDATE n = 1                                      1\n"
            "    4                          UPDATE n = 1               1  A overwritten\n"
            "why     B read n = 0 at step 2; A wrote n = 1 at step 3; B, still at 0, wrote\n"
            "        n = 1 at step 4\n"
            "order   ABAB\n"
            "explain racelab explain TOKEN\n"
            "replay  racelab replay TOKEN\n"
            "\n"
            "rows    n = 0, version 0\n"
            "A       SELECT n\n"
            "B       SELECT n\n"
            "\n"
            "HOLDS  this order does no harm; whether others do, `racelab explore` tells\n"
            " step   A                      B                          n\n"
            "    1   SELECT n  -> 0                                    0\n"
            "    2   UPDATE n = 1                                      1\n"
            "    3                          SELECT n  -> 1             1\n"
            "    4                          UPDATE n = 2               2\n"
            "order   AABB\n"
            "explain racelab explain TOKEN\n"
            "replay  racelab replay TOKEN\n"
            "\n"
            " step   A                      B                          n\n"
            "    1   SELECT n  -> 0                                    0\n"
            "    2   UPDATE n = 1                                      1\n"
            "    3                          SELECT n  -> 1             1\n"
            "\n"
            "rows    n = 1, version 1\n"
            "A       done: told ok\n"
            "B       UPDATE n = 2\n"
            "\n"
            "HOLDS  this order does no harm; whether others do, `racelab explore` tells\n"
            " step   A                      B                          n\n"
            "    1   SELECT n  -> 0                                    0\n"
            "    2   UPDATE n = 1                                      1\n"
            "    3                          SELECT n  -> 1             1\n"
            "    4                          UPDATE n = 2               2\n"
            "order   AABB\n"
            "explain racelab explain TOKEN\n"
            "replay  racelab replay TOKEN\n");
  EXPECT_EQ(code(session), 0);
}

TEST(Step, a_handler_crashes_and_its_session_keeps_the_lock) {
  const CommandResult session =
      session_of("step two-writers --strategy pessimistic-lock --crash.max 1 --attempts-max 2",
                 {"AAc", "A", "Ae"});
  EXPECT_EQ(session.output,
            "step    you are the scheduler of two-writers, pessimistic-lock\n"
            "        type a letter to run that client's next statement; ? tells the rest\n"
            "\n"
            "rows    n = 0, version 0\n"
            "A       SELECT n FOR UPDATE\n"
            "B       SELECT n FOR UPDATE\n"
            "faults  Ac, Bc handler crashes before it\n"
            "\n"
            " step   A                           B                          n\n"
            "    1   SELECT n FOR UPDATE  -> 0                              0\n"
            "    2   handler crashes                                        0\n"
            "    2   timed out                                              0\n"
            "    2   asks again                                             0\n"
            "\n"
            "rows    n = 0, version 0, locked by a dead session of A\n"
            "Ae      the store notices that this session is dead\n"
            "A       SELECT n FOR UPDATE   (attempt 2)\n"
            "B       SELECT n FOR UPDATE\n"
            "\n"
            " step   A                           B                          n\n"
            "    1   SELECT n FOR UPDATE  -> 0                              0\n"
            "    2   handler crashes                                        0\n"
            "    2   timed out                                              0\n"
            "    2   asks again                                             0\n"
            "    3   SELECT n FOR UPDATE waits                              0\n"
            "\n"
            "rows    n = 0, version 0, locked by a dead session of A, queue: A\n"
            "Ae      the store notices that this session is dead\n"
            "A       waits for a dead session of A: SELECT n FOR UPDATE   (attempt 2)\n"
            "B       SELECT n FOR UPDATE\n"
            "\n"
            " step   A                           B                          n\n"
            "    1   SELECT n FOR UPDATE  -> 0                              0\n"
            "    2   handler crashes                                        0\n"
            "    2   timed out                                              0\n"
            "    2   asks again                                             0\n"
            "    3   SELECT n FOR UPDATE waits                              0\n"
            "    4   dead session ended                                     0\n"
            "    4   SELECT n FOR UPDATE  -> 0                              0\n"
            "\n"
            "rows    n = 0, version 0, locked by A\n"
            "A       UPDATE n = 1   (attempt 2)\n"
            "B       SELECT n FOR UPDATE\n");
  EXPECT_EQ(code(session), 0);
}

// ---- typing

TEST(Step, one_line_or_several_words_or_letter_by_letter_is_the_same_order) {
  const std::vector<std::vector<std::string>> ways{
      {"ABBA"},
      {"A B B A"},
      {"AB", "BA"},
      {"A", "B", "B", "A"},
      {" \tA\r", "", "B1  BA"},
      {"AABB", "start", "AB", "u", "r", "u", "u", "end", "undo", "redo", "BA"}};
  const std::string token = tokens_in(session_with_tokens("step two-writers", {"ABBA"}).output)[0];
  for (const auto& lines : ways) {
    const CommandResult session = session_with_tokens("step two-writers", lines);
    EXPECT_EQ(code(session), 1);
    EXPECT_EQ(tokens_in(session.output).back(), token);
  }
}

TEST(Step, the_token_at_the_end_names_the_order) {
  const CommandResult session =
      session_with_tokens("step retried-payment --strategy atomic-increment", {"ArA"});
  ASSERT_EQ(tokens_in(session.output).size(), 1U);
  const TokenContents contents = read_token(tokens_in(session.output)[0]);
  EXPECT_EQ(contents.word, "ArA");
  EXPECT_EQ(contents.experiment.scenario, "retried-payment");
  EXPECT_EQ(name_of(contents.experiment.fleet), "atomic-increment");
}

TEST(Step, a_mistake_gets_one_sentence_and_changes_nothing) {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"C", "'C' is not possible here: the clients are A to B"},
      {"Ar", "'Ar' is not possible here: possible are A, B"},
      {"A2", "'A2' is not possible here: possible are A, B"},
      {"A'", "'A2' is not possible here: possible are A, B"},
      {"At", "'At' is not possible here: possible are A, B"},
      {"A-", "'A-' is not possible here: possible are A, B"},
      {"ab", "'ab' is no command; clients are upper-case: AB"},
      {"x", "'x' is no command; ? tells what there is"},
      {"undone", "'undone' is no command; ? tells what there is"},
      {"\x1b[2J", "'?[2J' is no command; ? tells what there is"},
      {std::string(30, '-'), "'------------------------...' is no command; ? tells what there is"},
      {"u", "this is the start: there is nothing to undo"},
      {"start", "this is the start: there is nothing to undo"},
      {"r", "there is nothing to take again"},
      {"end", "there is nothing to take again"},
      {"ABBAA",
       "'A' is not possible here: the execution has ended; u undoes the last step; nothing of this "
       "line was run"},
      {"AB o x", "'x' is no command; ? tells what there is"},
      {"AAA", "'A' is not possible here: possible are B; nothing of this line was run"},
      {std::string(3'000, 'A'), "a line has at most 2000 characters"},
  };
  const std::string start = session_of("step two-writers", {}).output;
  const std::string then = answer_to("step two-writers", {}, "A");
  for (const auto& [line, sentence] : mistakes) {
    SCOPED_TRACE(line);
    const CommandResult session = session_of("step two-writers", {line, "A"});
    EXPECT_EQ(session.output, start + '\n' + sentence + '\n' + then);
    EXPECT_EQ(code(session), 0);
  }
}

TEST(Step, more_executions_than_can_be_accounted_for_are_refused) {
  // All read, then all write: each time one of them succeeds, and the others start over.
  std::vector<std::string> lines;
  for (int round = 0; round < 14; ++round) {
    for (char letter = 'A'; letter <= 'Z'; ++letter) {
      lines.emplace_back(1, letter);
    }
  }
  const std::string output =
      session_of("step two-writers --clients 26 --strategy optimistic-version", lines).output;
  EXPECT_NE(
      output.find("is not possible here: one order has at most 128 executions, and this would "
                  "be one more\n"),
      std::string::npos);
}

TEST(Step, who_waits_is_told_for_whom) {
  EXPECT_EQ(answer_to("step two-writers --strategy pessimistic-lock", {"AB"}, "B"),
            "\n'B' is not possible here: it waits for A\n");
}

TEST(Step, a_mistake_keeps_what_could_be_taken_again) {
  EXPECT_EQ(answer_to("step two-writers", {"ABBA", "u u", "B x"}, "end"),
            answer_to("step two-writers", {"ABB"}, "A"));
}

TEST(Step, a_prompt_only_at_a_terminal) {
  const std::string plain = session_of("step two-writers", {}).output;
  EXPECT_EQ(session_of("step two-writers", {}, true).output, plain + "\n> \n");
  EXPECT_EQ(session_of("step two-writers", {"x", "", "q"}, true).output,
            plain + "\n> \n'x' is no command; ? tells what there is\n\n> > ");
}

TEST(Step, quitting_ends_it_whatever_follows) {
  for (const char* quit : {"q", "quit", "A q B", "q x"}) {
    const CommandResult session = session_of("step two-writers", {quit, "ABBA"});
    EXPECT_EQ(code(session), 0);
    EXPECT_EQ(session.output.find("VIOLATED"), std::string::npos);
  }
}

TEST(Step, the_exit_code_is_that_of_the_state_reached) {
  EXPECT_EQ(code(session_of("step two-writers", {})), 0);
  EXPECT_EQ(code(session_of("step two-writers", {"ABB"})), 0);
  EXPECT_EQ(code(session_of("step two-writers", {"ABBA"})), 1);
  EXPECT_EQ(code(session_of("step two-writers", {"ABBA", "q"})), 1);
  EXPECT_EQ(code(session_of("step two-writers", {"ABBA", "u"})), 0);
  EXPECT_EQ(code(session_of("step two-writers", {"ABBA", "start", "AABB"})), 0);
  EXPECT_EQ(code(session_of("step two-writers", {"ABBA", "C"})), 1);
}

TEST(Step, a_reader_that_goes_away_ends_it) {
  std::size_t said = 0;
  std::size_t read = 0;
  Environment environment;
  environment.conversation.next_line = [&]() -> std::optional<std::string> {
    ++read;
    return "A u";
  };
  environment.conversation.say = [&](std::string_view) { return ++said < 3; };
  racelab_of("step two-writers", environment);
  EXPECT_EQ(read, 2U);
}

TEST(Step, bad_usage_is_refused_before_anything_is_said) {
  for (const char* line :
       {"step", "step nowhere", "step two-writers three", "step two-writers --clients 40",
        "step two-writers --format csv", "step money-transfer --strategy atomic-increment"}) {
    const CommandResult session = session_of(line, {"A"});
    EXPECT_EQ(code(session), 2) << line;
    EXPECT_EQ(session.output, "") << line;
    EXPECT_TRUE(session.errors.starts_with("racelab: ")) << line;
  }
}

TEST(Step, its_help_tells_what_can_be_typed) {
  const CommandResult help = racelab_of("step --help");
  EXPECT_EQ(code(help), 0);
  EXPECT_NE(help.output.find("u          undo a step"), std::string::npos);
  EXPECT_NE(session_of("step two-writers", {"?"}).output.find("u          undo a step"),
            std::string::npos);
}

// ---- whatever is typed

// Lines from an alphabet of what means something and what does not.
std::string some_line(const Random& random, std::uint32_t number) {
  static const std::vector<std::string> pieces{
      "A",    "B",    "C",  "A2",    "B'",  "Ar",   "Bc", "Aq",   "Bd",
      "As",   "Ab",   "Aa", "At",    "Ae",  "A2e",  "u",  "r",    "o",
      "h",    "?",    " ",  "start", "end", "undo", "1",  "9999", "'",
      "\x01", "\xFF", "-",  "e",     "d3",  "r7",   "zz", "Z",    std::string(1, '\0')};
  std::string line;
  const std::uint64_t size = random.bits({.client = number}) % 9;
  for (std::uint32_t i = 0; i < size; ++i) {
    line += pieces[random.bits({.client = number, .index = i + 1}) % pieces.size()];
    line += random.bits({.client = number, .operation = 1, .index = i}) % 2 == 0 ? " " : "";
  }
  return line;
}

TEST(Step, nothing_that_is_typed_crashes_it_and_every_answer_is_plain_text) {
  for (const char* command :
       {"step two-writers", "step two-writers --strategy pessimistic-lock --lock-timeout 5ms",
        "step money-transfer --strategy read-modify-write+idempotency-key --crash.max 1 "
        "--lose-session.max 1",
        "step hot-counter --strategy atomic-increment --duplicate-delivery.max 1 --slow-call.max 1 "
        "--lose-request.max 1"}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Random random(seed);
      std::vector<std::string> lines;
      for (std::uint32_t number = 0; number < 60; ++number) {
        lines.push_back(some_line(random, number));
      }
      const CommandResult session = session_of(command, lines);
      EXPECT_LE(code(session), 1);
      EXPECT_EQ(session.errors, "");
      EXPECT_TRUE(std::all_of(session.output.begin(), session.output.end(),
                              [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }));
    }
  }
}

TEST(Step, letters_at_random_end_every_execution) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Random random(seed);
    std::vector<std::string> lines;
    for (std::uint32_t number = 0; number < 200; ++number) {
      lines.push_back(random.bits({.index = number}) % 2 == 0 ? "A" : "B");
    }
    const CommandResult session =
        session_of("step money-transfer --strategy optimistic-version", lines);
    EXPECT_NE(session.output.find("\norder   "), std::string::npos);
  }
}

}  // namespace
}  // namespace racelab::lab::step_test
