// Sessions of a scheduler of endpoints in SQL as they read; and at every point of walks at random: the screen fits, what is
// announced is what runs, undo leads back, and the token at the end names the order.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/cli/script_token.h"
#include "sim/explore/script_explore.h"
#include "sim/kernel/random.h"
#include "sim/report/script_step_page.h"
#include "sim/report/script_words.h"
#include "tests/cli/command.h"

namespace racelab::lab::script_step_test {
namespace {

CommandResult session_of(std::string_view command, const std::vector<std::string>& lines) {
  std::size_t next = 0;
  Environment environment;
  environment.conversation.next_line = [&]() -> std::optional<std::string> {
    return next < lines.size() ? std::optional(lines[next++]) : std::nullopt;
  };
  return racelab_of(command, environment);
}

// What the last line adds to what was said before.
std::string answer_to(std::string_view command, std::vector<std::string> before,
                      const std::string& line) {
  const std::string start = session_of(command, before).output;
  before.push_back(line);
  const std::string all = session_of(command, before).output;
  EXPECT_TRUE(all.starts_with(start));
  return all.substr(start.size());
}

const std::string on_call = "step on-call-doctors --strategy count-then-leave";

TEST(ScriptStep, both_doctors_leave) {
  const CommandResult session = session_of(on_call, {"AA", "B o", "h", "BAB"});
  EXPECT_EQ(code(session), 1);
  EXPECT_EQ(session.output, R"(step    you are the scheduler of on-call-doctors, count-then-leave,
        read-committed
        type a letter to run that client's next statement; ? tells the rest

rows    shift (1, 0)
        doctor (alice, 1, true)(bob, 1, true)
A       begin; select count(*) as others from doctor where on_call and name <>
        'alice'
B       begin; select count(*) as others from doctor where on_call and name <>
        'bob'

  1  A    begin; select count(*) as others from doctor where on_call and
            name <> 'alice' -> 1
  2  A    update doctor set on_call = false where name = 'alice' -> 1
            row

rows    shift (1, 0)
        doctor (alice, 1, true)(bob, 1, true); not committed: A (alice, 1, true)
        -> (alice, 1, false)
locks   doctor (alice, 1, true): A
A       commit
B       begin; select count(*) as others from doctor where on_call and name <>
        'bob'

  1  A    begin; select count(*) as others from doctor where on_call and
            name <> 'alice' -> 1
  2  A    update doctor set on_call = false where name = 'alice' -> 1
            row
  3  B    begin; select count(*) as others from doctor where on_call and
            name <> 'bob' -> 1

rows    shift (1, 0)
        doctor (alice, 1, true)(bob, 1, true); not committed: A (alice, 1, true)
        -> (alice, 1, false)
locks   doctor (alice, 1, true): A
A       commit
B       update doctor set on_call = false where name = 'bob'

odds    100 % of a violation from here on  DOOMED
A       100 %  DOOMED
B       100 %  DOOMED

hint    A: then the nearest violation is 2 steps away

VIOLATED  write skew; broken: "At least one doctor is on call."

  1  A    begin; select count(*) as others from doctor where on_call and
            name <> 'alice' -> 1
  2  A    update doctor set on_call = false where name = 'alice' -> 1
            row
  3  B    begin; select count(*) as others from doctor where on_call and
            name <> 'bob' -> 1
  4  B    update doctor set on_call = false where name = 'bob' -> 1 row
  5  A    commit
     A    is answered 200
  6  B    commit
     B    is answered 200

end     A 200, B 200; doctor (alice, 1, false)(bob, 1, false)
why     A read doctor (bob, 1, true) before B changed it; B read doctor (alice,
        1, true) and did not see A's change; one after another, in whatever
        order, it cannot end like this
order   AABBAB
explain racelab explain 0.1.0:on-call-doctors:count-then-leave::AABBAB:6d921
replay  racelab replay 0.1.0:on-call-doctors:count-then-leave::AABBAB:6d921
)");
}

TEST(ScriptStep, the_exit_code_is_that_of_the_state_reached) {
  EXPECT_EQ(code(session_of(on_call, {"AAA", "BB"})), 0);
  EXPECT_EQ(code(session_of(on_call, {"AABBBA"})), 1);
  EXPECT_EQ(code(session_of(on_call, {"AABBBA", "u"})), 0);
  EXPECT_EQ(code(session_of(on_call, {"AABBBA", "start", "end"})), 1);
}

TEST(ScriptStep, who_waits_for_whom_and_whom_the_server_ends) {
  const std::string transfers = "step transfers --strategy as-they-come";
  const std::string closed = answer_to(transfers, {"AB"}, "AB");
  EXPECT_NE(closed.find("rows    account (1, 50)(2, 50); not committed: A (1, 50) -> (1, 40), B "
                        "(2, 50)\n        -> (2, 40)\n"
                        "locks   account (1, 50): A; B waits\n"
                        "        account (2, 50): B; A waits\n"
                        "A       waits for B: update account set balance = balance + 10 where id = "
                        "2\n"
                        "B       waits for A: update account set balance = balance + 10 where id = "
                        "1\n"
                        "server  Ax, Bx: it ends that one, as they wait for each other\n"),
            std::string::npos)
      << closed;
  EXPECT_EQ(answer_to(transfers, {"ABAB"}, "A"), "\n'A' is not possible here: it waits for B\n");
  EXPECT_EQ(answer_to(transfers, {"ABAB"}, "C"),
            "\n'C' is not possible here: the clients are A to B\n");
  EXPECT_NE(answer_to(transfers, {"ABAB"}, "Bx").find("deadlock detected"), std::string::npos);
}

TEST(ScriptStep, where_the_server_is_free_it_says_who_goes_on) {
  const std::string three = "step oversold-stock --strategy guarded-update --clients 3";
  const std::string choice = answer_to(three, {"ABC"}, "A");
  EXPECT_NE(choice.find("\nways    A: then B goes on; Aw2: then C goes on\n"), std::string::npos)
      << choice;
  EXPECT_NE(answer_to(three, {"ABCA"}, "A").find("locks   item (1, 0): B; C waits\n"),
            std::string::npos);
  EXPECT_NE(answer_to(three, {"ABCA"}, "Aw2").find("locks   item (1, 0): C; B waits\n"),
            std::string::npos);
}

TEST(ScriptStep, faults_and_time_are_steps_and_attempts_are_told_apart) {
  const std::string lost =
      answer_to("step unique-username --strategy with-unique-key --lose-reply.max 1 --clients 1",
                {"A"}, "Ar");
  EXPECT_NE(lost.find("A    the reply is lost\n"), std::string::npos) << lost;
  EXPECT_NE(lost.find("   (attempt 2)\n"), std::string::npos) << lost;
  EXPECT_NE(lost.find("member (1, kim, 0, NULL)\n"), std::string::npos) << lost;
  const std::string time =
      answer_to("step lease-lock --strategy acquire:write:release", {"AAA"}, "~");
  EXPECT_NE(time.find("  4  ~    00:01:00 pass\n"), std::string::npos) << time;
  EXPECT_EQ(answer_to("step lease-lock --strategy acquire:write:release", {"AAA~"}, "B~"),
            "\n'~' is not possible here: possible are A, B; nothing of this line was run\n");
}

TEST(ScriptStep, without_a_strategy_the_first_that_can_fail) {
  EXPECT_TRUE(session_of("step on-call-doctors", {})
                  .output.starts_with("step    you are the scheduler of on-call-doctors, "
                                      "count-then-leave,\n"));
}

TEST(ScriptStep, bad_usage_is_refused_before_anything_is_said) {
  for (const char* line :
       {"step on-call-doctors --strategy nobody", "step on-call-doctors --clients 40",
        "step --endpoint nowhere.sql", "step on-call-doctors --param doctr=alice"}) {
    const CommandResult session = session_of(line, {"A"});
    EXPECT_EQ(code(session), 2) << line;
    EXPECT_EQ(session.output, "") << line;
  }
}

// ---- at random

struct Place {
  std::string scenario;
  std::string strategy;
  Flags flags;
};

std::vector<Place> places() {
  const Flags storm{
      {"lose-reply.max", "1"}, {"lose-request.max", "1"},       {"slow-call.max", "1"},
      {"crash.max", "1"},      {"lose-session.max", "1"},       {"faults-max", "2"},
      {"lock-timeout", "5ms"}, {"duplicate-delivery.max", "1"}, {"time-passes.max", "1"}};
  return {{"oversold-stock", "read-then-write", {}},
          {"oversold-stock", "guarded-update", {{"clients", "3"}}},
          {"on-call-doctors", "advisory-lock", {}},
          {"transfers", "as-they-come", {}},
          {"job-queue", "take-skip-locked", {}},
          {"unique-username", "with-unique-key", storm},
          {"transfers", "as-they-come", storm},
          {"lease-lock", "acquire:write:release", storm}};
}

LoadedScripts loaded(const Place& place) {
  Arguments arguments;
  arguments.names = {place.scenario};
  return load_scripts(load_script_files(arguments), place.flags);
}

std::string screen_of(const ScriptExperiment& experiment, const ScriptStepper& stepper) {
  return page_text(script_step_page({experiment, stepper.standing(), {}}), {});
}

// Steps at random to the end; calls `look` before each step with the move that comes.
template <class Look>
void wander(ScriptStepper& stepper, std::uint64_t seed, const Look& look) {
  const Random random(seed);
  for (std::uint32_t step = 0; !stepper.ended(); ++step) {
    const auto& next = stepper.standing().next;
    const DrawName draw{.index = step};
    const ScriptMove move = next[random.bits(draw) % next.size()].move;
    look(move);
    ASSERT_TRUE(stepper.take(word_of(move))) << word_of(move);
  }
}

TEST(ScriptStep, every_screen_fits_and_what_is_announced_is_what_runs) {
  std::size_t announced = 0;
  for (const Place& place : places()) {
    const ScriptExperiment experiment = experiment_of(loaded(place), place.strategy);
    ScriptStepper stepper(*experiment.setup);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      SCOPED_TRACE(place.scenario + ' ' + place.strategy + " seed " + std::to_string(seed));
      stepper.go_to({});
      std::vector<std::string> statements;
      wander(stepper, seed, [&](const ScriptMove& move) {
        const std::string screen = screen_of(experiment, stepper);
        std::size_t at = 0;
        while (at < screen.size()) {
          const std::size_t end = screen.find('\n', at);
          EXPECT_LE(columns_of(screen.substr(at, end - at)), text_width) << screen;
          at = end + 1;
        }
        if (place.flags.empty()) {
          EXPECT_LE(std::count(screen.begin(), screen.end(), '\n'), 21) << screen;
        }
        const auto& handlers = stepper.standing().handlers;
        const auto handler = std::find_if(handlers.begin(), handlers.end(),
                                          [&move](const auto& it) { return it.who == move.who; });
        const bool plain =
            move.step.faults() == 0 && (move.step.kind == ScriptStep::Kind::statement ||
                                        move.step.kind == ScriptStep::Kind::request);
        statements.push_back(plain && handler != handlers.end() ? handler->statement : "");
      });
      ASSERT_EQ(stepper.standing().happened.size(), statements.size());
      for (std::size_t i = 0; i < statements.size(); ++i) {
        if (!statements[i].empty()) {
          ++announced;
          EXPECT_TRUE(happened_text(stepper.standing().happened[i].front())
                          .starts_with(in_one_line(statements[i])));
        }
      }
    }
  }
  EXPECT_GT(announced, 200U);
}

TEST(ScriptStep, undo_leads_back_and_redo_forward_again) {
  for (const Place& place : places()) {
    const ScriptExperiment experiment = experiment_of(loaded(place), place.strategy);
    ScriptStepper stepper(*experiment.setup);
    std::vector<std::string> screens;
    wander(stepper, 7,
           [&](const ScriptMove&) { screens.push_back(screen_of(experiment, stepper)); });
    const std::string word = word_of(stepper.moves());
    for (std::size_t i = screens.size(); i > 0; --i) {
      ASSERT_TRUE(stepper.undo());
      EXPECT_EQ(screen_of(experiment, stepper), screens[i - 1]);
    }
    EXPECT_FALSE(stepper.undo());
    while (stepper.redo()) {
    }
    EXPECT_EQ(word_of(stepper.moves()), word);
    EXPECT_TRUE(stepper.ended());
  }
}

TEST(ScriptStep, the_token_at_the_end_is_replayed_to_the_same_end) {
  for (const Place& place : places()) {
    const LoadedScripts scripts = loaded(place);
    const ScriptExperiment experiment = experiment_of(scripts, place.strategy);
    ScriptStepper stepper(*experiment.setup);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      stepper.go_to({});
      wander(stepper, seed, [](const ScriptMove&) {});
      const ScriptOrderReport order = order_report(scripts, experiment, stepper.order());
      Arguments arguments;
      arguments.names = {order.token};
      Limits limits;
      limits.states = 1'000;
      const ScriptOrderReport again =
          read_script_token(parts_of_token(order.token), arguments, limits).order;
      EXPECT_EQ(again.token, order.token);
      EXPECT_EQ(again.order.outcome.rest, order.order.outcome.rest) << order.token;
      EXPECT_EQ(again.order.outcome.contents, order.order.outcome.contents) << order.token;
    }
  }
}

TEST(ScriptStep, the_odds_are_those_of_explore_and_the_hint_leads_to_a_violation) {
  for (const Place& place : places()) {
    const ScriptExperiment experiment = experiment_of(loaded(place), place.strategy);
    ScriptStepper stepper(*experiment.setup, 20'000);
    const Outlook* outlook = stepper.outlook();
    if (outlook == nullptr) {
      continue;  // too large to know: with many faults
    }
    ExploreOptions options;
    options.examples = false;
    EXPECT_EQ(outlook->here.chance, explore(*experiment.setup, options).odds.scheduler_low)
        << place.scenario;
    std::uint32_t left = outlook->here.steps;
    while (left != Outlook::never && left > 0) {
      const auto nearest =
          std::min_element(outlook->next.begin(), outlook->next.end(),
                           [](const auto& a, const auto& b) { return a.steps < b.steps; });
      EXPECT_EQ(nearest->steps, left - 1);
      const auto place_of = static_cast<std::size_t>(nearest - outlook->next.begin());
      ASSERT_TRUE(stepper.take(word_of(stepper.standing().next[place_of].move)));
      outlook = stepper.outlook();
      left = outlook->here.steps;
    }
    EXPECT_EQ(left == 0, stepper.ended());
  }
}

TEST(ScriptStep, nothing_that_is_typed_crashes_it) {
  static const std::vector<std::string> pieces{
      "A",  "B",  "C",  "A2", "B'",    "Ar",  "Bc", "Aq", "Bd",   "As",
      "Ab", "Aa", "At", "Ae", "Ax",    "Aw2", "~",  "~~", "u",    "r",
      "o",  "h",  "?",  " ",  "start", "end", "1",  "'",  "\x01", "\xFF"};
  for (const char* command :
       {"step oversold-stock --strategy guarded-update --clients 3",
        "step unique-username --strategy with-unique-key --crash.max 1 --lose-session.max 1",
        "step transfers --strategy as-they-come --duplicate-delivery.max 1 --slow-call.max 1 "
        "--time-passes.max 1"}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const Random random(seed);
      std::vector<std::string> lines;
      for (std::uint32_t number = 0; number < 40; ++number) {
        std::string& line = lines.emplace_back();
        const std::uint64_t size = random.bits({.client = number}) % 6;
        for (std::uint32_t i = 0; i < size; ++i) {
          line += pieces[random.bits({.client = number, .index = i + 1}) % pieces.size()];
          line += random.bits({.client = number, .operation = 1, .index = i}) % 2 == 0 ? " " : "";
        }
      }
      const CommandResult session = session_of(command, lines);
      EXPECT_LE(code(session), 1);
      EXPECT_EQ(session.errors, "");
    }
  }
}

}  // namespace
}  // namespace racelab::lab::script_step_test
