// Words that reports share.
#include <gtest/gtest.h>

#include "sim/report/words.h"

namespace racelab::lab::words_test {
namespace {

TEST(ReportWords, ordinals_go_by_the_last_digit_but_for_the_teens) {
  const std::vector<std::pair<std::size_t, std::string>> expected{
      {1, "first"},   {2, "second"},  {3, "third"},   {5, "fifth"},   {6, "6th"},
      {10, "10th"},   {11, "11th"},   {12, "12th"},   {13, "13th"},   {20, "20th"},
      {21, "21st"},   {22, "22nd"},   {23, "23rd"},   {24, "24th"},   {101, "101st"},
      {111, "111th"}, {112, "112th"}, {113, "113th"}, {121, "121st"}, {1013, "1013th"},
  };
  for (const auto& [number, word] : expected) {
    EXPECT_EQ(ordinal(number), word);
  }
}

}  // namespace
}  // namespace racelab::lab::words_test
