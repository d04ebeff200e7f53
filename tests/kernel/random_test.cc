// Draws are pure functions of their names, the same with every compiler, and distributed as they should be.
#include "sim/kernel/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace racelab::random_test {
namespace {

const DrawName some_name{3, 14, 1, Purpose::reply_latency, 5};

TEST(Random, a_draw_is_a_pure_function_of_its_name) {
  const Random random(42);
  EXPECT_EQ(random.bits(some_name), random.bits(some_name));
  EXPECT_EQ(random.bits(some_name), Random(42).bits(some_name));
}

TEST(Random, every_part_of_the_name_counts) {
  const Random random(42);
  std::set<std::uint64_t> different{random.bits(some_name), Random(43).bits(some_name),
                                    Random(42ULL + (1ULL << 32U)).bits(some_name)};
  DrawName name = some_name;
  ++name.client;
  different.insert(random.bits(name));
  name = some_name;
  ++name.operation;
  different.insert(random.bits(name));
  name = some_name;
  ++name.attempt;
  different.insert(random.bits(name));
  name = some_name;
  name.purpose = Purpose::backoff;
  different.insert(random.bits(name));
  name = some_name;
  ++name.index;
  different.insert(random.bits(name));
  EXPECT_EQ(different.size(), 8U);
}

// Philox4x32-10's published test vectors: counter and key all zero, and all ones (Random123, kat_vectors).
TEST(Random, is_philox) {
  EXPECT_EQ(Random(0).bits({0, 0, 0, Purpose::request_latency, 0}), 0xe169c58d6627e8d5U);
}

TEST(Random, uniform_keeps_its_bounds_and_reaches_them) {
  const Random random(7);
  std::set<std::int64_t> seen;
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    const DrawName name{0, 0, 0, Purpose::request_latency, i};
    seen.insert(random.uniform(name, microseconds(10), microseconds(19)).microseconds);
  }
  EXPECT_EQ(seen.size(), 10U);  // each missed with probability 0.9^2000
  EXPECT_EQ(*seen.begin(), 10);
  EXPECT_EQ(*seen.rbegin(), 19);
  EXPECT_EQ(random.uniform(some_name, microseconds(5), microseconds(5)), microseconds(5));
}

TEST(Random, strikes_as_often_as_it_should) {
  const Random random(7);
  int struck = 0;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    struck += random.strikes({0, 0, 0, Purpose::fault, i}, 20'000'000) ? 1 : 0;  // 2%
    EXPECT_FALSE(random.strikes({0, 0, 0, Purpose::fault, i}, 0));
    EXPECT_TRUE(random.strikes({0, 0, 0, Purpose::fault, i}, 1'000'000'000));
  }
  // 2,000 expected; the standard deviation is sqrt(100,000 x 0.02 x 0.98) = 44.3; four of them are 177.
  EXPECT_NEAR(struck, 2'000, 177);
}

TEST(Random, exponential_has_its_mean_and_its_tail) {
  const Random random(7);
  constexpr int draws = 100'000;
  double sum = 0;
  int beyond_two_means = 0;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const Duration span = random.exponential({0, i, 0, Purpose::arrival, 0}, milliseconds(10));
    sum += static_cast<double>(span.microseconds);
    beyond_two_means += span > milliseconds(20) ? 1 : 0;
  }
  // Mean 10,000 us with a standard error of 10,000 / sqrt(100,000) = 31.6; four of them are 126.
  EXPECT_NEAR(sum / draws, 10'000, 126);
  // e^-2 = 13.53% lie beyond two means; the standard deviation is 108; four of them are 433.
  EXPECT_NEAR(beyond_two_means, draws * std::exp(-2.0), 433);
}

}  // namespace
}  // namespace racelab::random_test
