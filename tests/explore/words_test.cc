// Orders as words: what a move is called is what it is found by, and a damaged word is refused with a sentence.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/explore/oracle.h"

namespace racelab::lab::words_test {
namespace {

Followed followed(const Settings& settings, std::string_view fleet, std::string_view word) {
  const Setup setup(settings, fleet_of(fleet));
  Model model(setup);
  return follow(model, word);
}

// Every order of every strategy under each fault, as far as the first hundred: its word leads to the same moves, and Replay to the
// same end, with no turn and no strike left over.
TEST(Words, of_every_order_are_followed_and_replayed) {
  const std::vector<Lines> shapes{
      {},
      {{"lose-request.max", "1"}},
      {{"lose-reply.max", "2"}},
      {{"duplicate-delivery.max", "1"}, {"lose-reply.max", "1"}},
      {{"slow-call.max", "1"}, {"lose-session.max", "1"}},
      {{"crash.max", "1"}, {"lock-timeout", "10ms"}},
      {{"lose-session.max", "1"}, {"session-timeout", "none"}},
      {{"operations", "2"}},
      {{"operations", "2"}, {"arrivals", "10/s"}, {"lose-request.max", "1"}}};
  std::uint64_t orders = 0;
  for (const std::string_view strategy : all_strategies) {
    for (const std::string_view wrap : {"", "+idempotency-key", "+idempotency-key-after"}) {
      for (const Lines& shape : shapes) {
        for (const char* clients : {"1", "2"}) {
          Lines lines{{"clients", clients}, {"attempts-max", "2"}};
          lines.insert(lines.end(), shape.begin(), shape.end());
          const std::string fleet = std::string(strategy) + std::string(wrap);
          orders += expect_words_and_replays(settings_of(lines), fleet_of(fleet), fleet, 100);
        }
      }
    }
  }
  EXPECT_GT(orders, 5'000U);
}

TEST(Words, say_what_struck) {
  const Settings settings = settings_of({{"clients", "1"},
                                         {"attempts-max", "2"},
                                         {"lose-request.max", "1"},
                                         {"duplicate-delivery.max", "1"},
                                         {"slow-call.max", "1"},
                                         {"crash.max", "1"},
                                         {"lose-session.max", "1"},
                                         {"lose-reply.max", "1"}});
  for (const std::string_view word : {"AA", "AqAA", "AdAAA", "AdA2A2A", "AAsAAA", "AAsA2AA", "AcAA",
                                      "AAbAA", "AAaAA", "AArAA", "AdcAA", "AAsAcAA"}) {
    const Followed found = followed(settings, "read-modify-write", word);
    EXPECT_EQ(found.problem, "") << word;
    EXPECT_TRUE(found.ended) << word;
    EXPECT_EQ(word_of(found.moves), word);
  }
}

TEST(Words, of_two_replies_and_of_ends_that_time_brings) {
  const Settings both = settings_of({{"isolation", "repeatable-read"},
                                     {"lose-reply.max", "2"},
                                     {"attempts-max", "1"},
                                     {"tries-max", "1"}});
  for (const std::string_view word : {"ABAA", "ABAAr", "ABAAr2", "ABAAr3"}) {
    EXPECT_TRUE(followed(both, "pessimistic-lock", word).ended) << word;
  }
  const Settings locks =
      settings_of({{"lock-timeout", "10ms"}, {"crash.max", "1"}, {"attempts-max", "1"}});
  for (const std::string_view word : {"ABBtAA", "AAcBBt", "AAcBAeBB", "AABAcAeBB"}) {
    EXPECT_TRUE(followed(locks, "pessimistic-lock", word).problem.empty()) << word;
  }
}

TEST(Words, that_are_damaged_are_refused_with_a_sentence) {
  const Settings settings = settings_of({{"lose-reply.max", "1"}, {"attempts-max", "1"}});
  struct Damaged {
    std::string word;
    std::string problem;
  };
  const std::vector<Damaged> all{
      {"ABy", "at place 2: a letter from A to Z with marks was expected"},
      {"aB", "at place 1: a letter from A to Z with marks was expected"},
      {"A B", "at place 2: a letter from A to Z with marks was expected"},
      {"A0", "at place 1: a letter from A to Z with marks was expected"},
      {"AC", "at place 2: 'C' is not possible there"},
      {"AAA", "at place 3: 'A' is not possible there"},
      {"AA2", "at place 2: 'A2' is not possible there"},
      {"Ac", "at place 1: 'Ac' is not possible there"},  // no budget
      {"Ar",
       "at place 1: 'Ar' loses a reply that is not sent there, or no fault is left"},  // a read sends no reply
      {"AAr2",
       "at place 2: 'Ar2' loses a reply that is not sent there, or no fault is left"},  // it sends one
      {"AArBBr",
       "at place 5: 'Br' loses a reply that is not sent there, or no fault is left"},  // one may be lost
      {"As", "at place 1: 'As' is not the last statement of its handler, or no fault is left"},
      {"AArr", "at place 2: 'Arr' is written 'Ar'"},
      {"AAr1", "at place 2: 'Ar1' is written 'Ar'"},
      {"A1", "at place 1: 'A1' is written 'A'"},
      {"At", "at place 1: 'At' is not possible there"},
      {"Ae", "at place 1: 'Ae' is not possible there"},
      {"AAr999999999999", "at place 2"},
  };
  for (const Damaged& it : all) {
    const Followed found = followed(settings, "read-modify-write", it.word);
    EXPECT_NE(found.problem.find(it.problem), std::string::npos)
        << it.word << ": " << found.problem;
  }
  const Followed half = followed(settings, "read-modify-write", "AAB");
  EXPECT_EQ(half.problem, "");
  EXPECT_FALSE(half.ended);
}

// Whatever is done to a word, it is either refused, or another word of the same world: never anything else.
TEST(Words, with_one_character_changed_are_refused_or_mean_something) {
  const Settings settings = settings_of(
      {{"lose-reply.max", "1"}, {"crash.max", "1"}, {"slow-call.max", "1"}, {"attempts-max", "2"}});
  const std::string whole = "ABAcBrAABB";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int character = 0; character < 128; ++character) {
      std::string word = whole;
      word[at] = static_cast<char>(character);
      const Followed found = followed(settings, "read-modify-write", word);
      if (found.problem.empty()) {
        EXPECT_EQ(word_of(found.moves), word);
      } else {
        EXPECT_NE(found.problem.find("at place "), std::string::npos) << found.problem;
      }
    }
  }
}

}  // namespace
}  // namespace racelab::lab::words_test
