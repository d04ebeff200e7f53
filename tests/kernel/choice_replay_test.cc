// Replay, turn by turn: a word of letters decides whose statement runs; what is private happens at once and costs no time;
// a letter that finds nothing is held, and told by unused() if it never finds anything; a fault finds its attempt.
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/choice.h"

namespace racelab::choice_replay_test {
namespace {

using Turn = Order::Turn;
using Strike = Order::Strike;

// "ABA": client 0, 1, 0.
std::vector<Turn> word(const std::string& letters) {
  std::vector<Turn> turns;
  for (const char letter : letters) {
    turns.push_back({.client = static_cast<std::uint32_t>(letter - 'A')});
  }
  return turns;
}

// A replay with what is offered to it; each has a name to tell it by.
class Stage {
 public:
  explicit Stage(std::vector<Turn> turns, std::vector<Strike> strikes = {})
      : replay_({.turns = std::move(turns), .strikes = std::move(strikes)}) {}

  Pending& offer(const std::string& name, Happening happening, std::uint32_t client,
                 std::uint16_t attempt = 1, std::uint32_t index = 0) {
    names_.emplace_back(name);
    pendings_.emplace_back(happening,
                           DrawName{client, 0, attempt, Purpose::statement_latency, index});
    replay_.offer(pendings_.back());
    return pendings_.back();
  }
  Pending& statement(const std::string& name, std::uint32_t client, std::uint16_t attempt = 1,
                     std::uint32_t index = 0) {
    return offer(name, Happening::statement, client, attempt, index);
  }

  // What happens next, "!" after it if a fault strikes it; "nothing" if nothing can.
  std::string next() {
    const Occurrence occurrence = replay_.next();
    if (occurrence.pending == nullptr) {
      return "nothing";
    }
    std::size_t number = 0;
    while (&pendings_[number] != occurrence.pending) {
      ++number;
    }
    fault_ = occurrence.fault;
    return names_[number] + (occurrence.fault == Fault::none ? "" : "!");
  }
  std::string rest() {
    std::string text;
    for (std::string name = next(); name != "nothing"; name = next()) {
      text += (text.empty() ? "" : " ") + name;
    }
    return text;
  }
  [[nodiscard]] Fault fault() const { return fault_; }
  Replay& replay() { return replay_; }

 private:
  std::deque<std::string> names_;
  std::deque<Pending> pendings_;
  Replay replay_;
  Fault fault_ = Fault::none;
};

TEST(ReplayTurns, follow_the_word_and_not_the_order_of_offering) {
  Stage stage(word("CAB"));
  stage.statement("a", 0);
  stage.statement("b", 1);
  stage.statement("c", 2);
  EXPECT_EQ(stage.rest(), "c a b");
  EXPECT_EQ(stage.replay().now(), Instant{3'000});
  EXPECT_EQ(stage.replay().unused(), 0U);
}

TEST(ReplayTurns, name_one_of_a_client_s_handlers_oldest_attempt_first) {
  Stage stage({{.client = 0, .handler = 2}, {.client = 0, .handler = 1}});
  stage.statement("third", 0, 3);
  stage.statement("first", 0, 1);
  stage.statement("second", 0, 2);
  stage.statement("other", 1, 1);
  EXPECT_EQ(stage.rest(), "third second first other");
  EXPECT_EQ(stage.replay().unused(), 0U);
}

TEST(ReplayTurns, for_a_second_handler_are_held_while_there_is_one) {
  Stage stage({{.client = 0, .handler = 1}, {.client = 1}});
  stage.statement("original", 0, 1);
  stage.statement("b", 1);
  EXPECT_EQ(stage.next(), "b");
  stage.statement("retry", 0, 2);
  EXPECT_EQ(stage.rest(), "retry original");
  EXPECT_EQ(stage.replay().unused(), 0U);
}

// C's letter and then B's were held; when both are ready they come in the order of the word, before the letters to come.
TEST(ReplayTurns, that_were_held_come_first_in_their_order) {
  Stage stage(word("CBADA"));
  stage.statement("a1", 0);
  stage.statement("d", 3);
  EXPECT_EQ(stage.next(), "a1");
  stage.statement("a2", 0);
  stage.statement("b", 1);
  stage.statement("c", 2);
  EXPECT_EQ(stage.rest(), "c b d a2");
  EXPECT_EQ(stage.replay().unused(), 0U);
}

TEST(ReplayTurns, that_find_nothing_are_dropped_and_counted) {
  Stage stage(word("AZAZ"));
  stage.statement("a", 0);
  stage.statement("b", 1);
  EXPECT_EQ(stage.rest(), "a b");
  EXPECT_EQ(stage.replay().unused(), 3U);  // Z, the second A, Z
}

TEST(ReplayTurns, nobody_came_to_are_counted_too) {
  Stage stage(word("ABAB"), {{.fault = Fault::crash, .client = 0}});
  EXPECT_EQ(stage.replay().unused(), 5U);
}

TEST(ReplayTurns, may_end_a_lock_wait_or_a_dead_session) {
  Stage stage({{.client = 1, .happening = Happening::lock_timeout},
               {.client = 2, .happening = Happening::session_end},
               {.client = 0}});
  stage.statement("a", 0);
  stage.offer("a's wait", Happening::lock_timeout, 0);
  stage.offer("b's wait", Happening::lock_timeout, 1);
  stage.offer("c's session", Happening::session_end, 2);
  EXPECT_EQ(stage.next(), "b's wait");
  EXPECT_EQ(stage.next(), "c's session");
  EXPECT_EQ(stage.next(), "a");
}

// A handler that waits is live: the second one is the second one, whether the first can go on or not.
TEST(ReplayTurns, count_a_handler_that_waits) {
  Stage stage({{.client = 0}, {.client = 0, .handler = 1}, {.client = 0}});
  stage.statement("first", 0, 1);
  stage.statement("second", 0, 2);
  EXPECT_EQ(stage.next(), "first");  // and has no answer yet
  EXPECT_EQ(stage.next(), "second");
  EXPECT_EQ(stage.next(), "nothing");  // the last turn is held
  stage.statement("first again", 0, 1, 1);
  EXPECT_EQ(stage.next(), "first again");
  EXPECT_EQ(stage.replay().unused(), 0U);
}

// After the word: statements by client, then dead sessions, and only when nothing else is left the ends of lock waits.
TEST(ReplayTurns, are_followed_by_what_is_left_in_the_order_of_clients) {
  Stage stage(word("C"));
  stage.offer("wait of b", Happening::lock_timeout, 1);
  stage.offer("wait of a", Happening::lock_timeout, 0);
  stage.offer("session of d", Happening::session_end, 3);
  stage.statement("c", 2);
  stage.statement("b", 1);
  stage.statement("a", 0);
  EXPECT_EQ(stage.rest(), "c a b session of d wait of a wait of b");
  EXPECT_EQ(stage.replay().now(), Instant{6'000});
}

TEST(ReplayTurns, do_not_find_what_was_withdrawn) {
  Stage stage(word("AB"));
  Pending& a = stage.statement("a", 0);
  stage.statement("b", 1);
  stage.replay().withdraw(a);
  EXPECT_FALSE(a.offered);
  EXPECT_EQ(stage.rest(), "b");
  EXPECT_EQ(stage.replay().unused(), 1U);
}

TEST(ReplayPrivateSteps, happen_at_once_as_they_were_offered_and_take_no_time) {
  Stage stage(word("A"));
  stage.statement("a", 0);
  stage.offer("reply", Happening::reply, 2);
  stage.offer("timer", Happening::timer, 1);
  stage.offer("request", Happening::request, 3);
  EXPECT_EQ(stage.next(), "reply");
  EXPECT_EQ(stage.next(), "timer");
  EXPECT_EQ(stage.next(), "request");
  EXPECT_EQ(stage.replay().now(), Instant{0});
  EXPECT_EQ(stage.next(), "a");
  EXPECT_EQ(stage.replay().now(), Instant{1'000});
}

// A client gives up only when no answer can come any more.
TEST(ReplayPrivateSteps, a_timeout_is_one_once_it_is_certain) {
  Stage stage(word("A"));
  Pending& timeout = stage.offer("timeout", Happening::timeout, 0);
  EXPECT_EQ(stage.next(), "nothing");
  stage.statement("a", 0);
  timeout.certain = true;
  EXPECT_EQ(stage.rest(), "timeout a");
}

TEST(ReplayStrikes, find_the_attempt_and_the_statement_that_they_are_tied_to) {
  Stage stage(word("AAAB"),
              {{.fault = Fault::lose_session_after, .client = 0, .attempt = 2, .statement = 1}});
  stage.statement("first 0", 0, 1, 0);
  stage.statement("second 0", 0, 2, 0);
  stage.statement("b", 1, 2, 1);
  EXPECT_EQ(stage.next(), "first 0");
  stage.statement("first 1", 0, 1, 1);
  EXPECT_EQ(stage.next(), "first 1");
  stage.offer("first reply", Happening::reply, 0, 1);
  EXPECT_EQ(stage.next(), "first reply");
  EXPECT_EQ(stage.next(), "second 0");
  stage.statement("second 1", 0, 2, 1);
  EXPECT_EQ(stage.next(), "b");
  EXPECT_EQ(stage.next(), "second 1!");
  EXPECT_EQ(stage.fault(), Fault::lose_session_after);
  EXPECT_EQ(stage.replay().unused(), 0U);
}

TEST(ReplayStrikes, find_their_kind_of_happening) {
  Stage stage({}, {{.fault = Fault::crash, .client = 0},
                   {.fault = Fault::lose_reply, .client = 0},
                   {.fault = Fault::slow_call, .client = 0}});
  stage.offer("request", Happening::request, 0);
  EXPECT_EQ(stage.next(), "request!");
  EXPECT_EQ(stage.fault(), Fault::slow_call);
  stage.statement("statement", 0);
  EXPECT_EQ(stage.next(), "statement!");
  EXPECT_EQ(stage.fault(), Fault::crash);
  stage.offer("reply", Happening::reply, 0);
  EXPECT_EQ(stage.next(), "reply!");
  EXPECT_EQ(stage.fault(), Fault::lose_reply);
  for (const Happening never :
       {Happening::timer, Happening::lock_timeout, Happening::session_end}) {
    stage.offer("never", never, 0);
    EXPECT_EQ(stage.next(), "never");
  }
}

TEST(ReplayStrikes, strike_once_each) {
  Stage stage({}, {{.fault = Fault::duplicate_delivery, .client = 0},
                   {.fault = Fault::lose_request, .client = 0}});
  stage.offer("one", Happening::request, 0);
  stage.offer("two", Happening::request, 0);
  stage.offer("three", Happening::request, 0);
  EXPECT_EQ(stage.next(), "one!");
  EXPECT_EQ(stage.fault(), Fault::duplicate_delivery);
  EXPECT_EQ(stage.next(), "two!");
  EXPECT_EQ(stage.fault(), Fault::lose_request);
  EXPECT_EQ(stage.next(), "three");
}

TEST(ReplayStrikes, leave_alone_what_is_immune) {
  Stage stage({}, {{.fault = Fault::lose_request, .client = 0}});
  stage.offer("request", Happening::request, 0).immune = true;
  EXPECT_EQ(stage.rest(), "request");
  EXPECT_EQ(stage.replay().unused(), 1U);
}

}  // namespace
}  // namespace racelab::choice_replay_test
