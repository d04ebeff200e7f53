// The numbers themselves, pinned: Random is Philox4x32-10 over (seed; client, operation, attempt and purpose, index). The
// generator is written out here a second time, from the paper (Salmon, Moraes, Dror, Shaw, SC11, section 3.3), checked
// against the authors' published vectors, and then against Random; literal draws follow, so that no later change of either
// can pass unseen: with them every golden trace of the project would change.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <random>

#include "sim/kernel/random.h"

namespace racelab::random_philox_test {
namespace {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

Counter philox(Counter counter, Key key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t left = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t right = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(right >> 32U) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(right),
               static_cast<std::uint32_t>(left >> 32U) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(left)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

// Random123, tests/kat_vectors, "philox4x32 10": all zero, all ones, the digits of pi.
TEST(Philox, as_written_here_gives_the_published_vectors) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, is_what_random_draws_for_any_name) {
  std::mt19937_64 any(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t seed = any();
    const DrawName name{static_cast<std::uint32_t>(any()), static_cast<std::uint32_t>(any()),
                        static_cast<std::uint16_t>(any()), static_cast<Purpose>(any() % 7),
                        static_cast<std::uint32_t>(any())};
    const Counter drawn =
        philox({name.client, name.operation,
                std::uint32_t{name.attempt} * 65'536U + static_cast<std::uint32_t>(name.purpose),
                name.index},
               {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
    ASSERT_EQ(Random(seed).bits(name), drawn[0] + (std::uint64_t{drawn[1]} << 32U)) << i;
  }
}

// Literal draws: the smallest name, and one more in each of its six parts.
TEST(Random, draws_these_very_numbers) {
  EXPECT_EQ(Random(0).bits({0, 0, 0, Purpose::request_latency, 0}), 0xe169c58d6627e8d5U);
  EXPECT_EQ(Random(1).bits({0, 0, 0, Purpose::request_latency, 0}), 0xe50a0ebce3e80670U);
  EXPECT_EQ(Random(0).bits({1, 0, 0, Purpose::request_latency, 0}), 0x5cb200dbf8e4cca4U);
  EXPECT_EQ(Random(0).bits({0, 1, 0, Purpose::request_latency, 0}), 0xea2362496ad0c5ecU);
  EXPECT_EQ(Random(0).bits({0, 0, 1, Purpose::request_latency, 0}), 0x2c1463ea8ea0a395U);
  EXPECT_EQ(Random(0).bits({0, 0, 0, Purpose::statement_latency, 0}), 0xf08d6eaa844515e1U);
  EXPECT_EQ(Random(0).bits({0, 0, 0, Purpose::request_latency, 1}), 0x1348e23f2dce73e5U);
}

// Worked out by another program: 1 ms + bits x 2,001 / 2^64 us; for seed 52 two runs of falling draws are thrown away
// before an odd one, for 42 none, for 41 one. Draw k of a name with index i is the one with index i + 2^20 k.
TEST(Random, turns_them_into_these_very_spans) {
  const DrawName some{3, 14, 1, Purpose::reply_latency, 5};
  EXPECT_EQ(Random(42).uniform(some, milliseconds(1), milliseconds(3)).microseconds, 2'976);
  EXPECT_EQ(Random(52).exponential(some, milliseconds(10)).microseconds, 23'049);
  EXPECT_EQ(Random(42).exponential(some, milliseconds(10)).microseconds, 9'876);
  EXPECT_EQ(Random(41).exponential(some, milliseconds(10)).microseconds, 12'827);
}

// By the same other program, which follows Karney's paper. Seed 42 throws three candidates away, and takes 35 draws; seed
// 48 is more than one deviation off. At a mean of 1 ms, 45 and 56 (four candidates) fall below zero, and are mirrored.
TEST(Random, turns_them_into_these_very_normal_spans) {
  const DrawName some{3, 14, 1, Purpose::reply_latency, 5};
  const auto drawn = [&some](std::uint64_t seed, Duration mean) {
    return Random(seed).normal(some, {.mean = mean, .deviation = microseconds(2'500)}).microseconds;
  };
  EXPECT_EQ(drawn(40, milliseconds(10)), 11'082);
  EXPECT_EQ(drawn(42, milliseconds(10)), 9'009);
  EXPECT_EQ(drawn(48, milliseconds(10)), 14'388);
  EXPECT_EQ(drawn(45, milliseconds(1)), 355);
  EXPECT_EQ(drawn(56, milliseconds(1)), 673);
  EXPECT_EQ(Random(42).normal(some, {.mean = milliseconds(3), .deviation = {}}), milliseconds(3));
}

// Statements have 17 bits of index, the second delivery's above 2^16: whatever the shape, neither meets the other's draws.
TEST(Random, shaped_draws_of_two_deliveries_are_apart) {
  const Random random(3);
  std::uint32_t same = 0;
  for (std::uint32_t place = 0; place < 1'000; ++place) {
    const DrawName first{1, 1, 1, Purpose::statement_latency, place};
    const DrawName second{1, 1, 1, Purpose::statement_latency, (1U << 16U) | place};
    same += random.exponential(first, seconds(1'000)) == random.exponential(second, seconds(1'000))
                ? 1U
                : 0U;
    same += random.normal(first, {seconds(1'000), seconds(100)}) ==
                    random.normal(second, {seconds(1'000), seconds(100)})
                ? 1U
                : 0U;
  }
  EXPECT_EQ(same, 0U);  // by chance: one pair of 10^9 spans or so, 2,000 times
}

// Were the draws of one name those of the next indices, a name whose first run of n falling draws is thrown away would be
// one mean more than the name n + 1 further on: of 1,000 names, about 370 would be so. By chance: once in 100,000 seeds.
TEST(Random, exponential_shares_no_draw_with_names_that_are_near) {
  const Random random(16);
  constexpr Duration mean = seconds(1'000);
  const auto drawn = [&](std::uint32_t client, std::uint32_t index) {
    return random.exponential({client, 0, 0, Purpose::arrival, index}, mean);
  };
  for (std::uint32_t client = 0; client < 1'000; ++client) {
    for (std::uint32_t further = 1; further <= 8; ++further) {
      EXPECT_NE(drawn(client, 5), drawn(client, 5 + further) + mean) << client << ' ' << further;
    }
  }
}

// The mean of n draws from [low, high] is (low + high) / 2, with standard error sqrt(((high - low + 1)^2 - 1) / 12 / n).
TEST(Random, uniform_has_its_mean_whatever_its_range) {
  constexpr std::uint32_t draws = 50'000;
  for (const Duration high : {microseconds(1), microseconds(10), milliseconds(3), seconds(3'600)}) {
    const Random random(11);
    double sum = 0;
    for (std::uint32_t i = 0; i < draws; ++i) {
      const Duration drawn =
          random.uniform({0, i, 0, Purpose::think_time, 0}, microseconds(-5), high);
      ASSERT_GE(drawn, microseconds(-5));
      ASSERT_LE(drawn, high);
      sum += static_cast<double>(drawn.microseconds);
    }
    const double width = static_cast<double>(high.microseconds) + 6;
    const double error = std::sqrt((width * width - 1) / 12 / draws);
    // Beyond 4.5 standard errors: once in 150,000 seeds.
    EXPECT_NEAR(sum / draws, static_cast<double>(high.microseconds - 5) / 2, 4.5 * error);
  }
}

// 100,000 draws over 10 values, 10,000 each expected: sum of (seen - expected)^2 / expected has 9 degrees of freedom, and
// passes 35.6 once in 20,000 seeds.
TEST(Random, uniform_likes_no_value_better) {
  const Random random(12);
  std::array<double, 10> seen{};
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const Duration drawn = random.uniform({i, 0, 0, Purpose::think_time, 0}, {0}, microseconds(9));
    seen.at(static_cast<std::size_t>(drawn.microseconds)) += 1;
  }
  double chi_square = 0;
  for (const double count : seen) {
    chi_square += (count - 10'000) * (count - 10'000) / 10'000;
  }
  EXPECT_LT(chi_square, 35.6);
}

TEST(Random, uniform_over_a_range_turned_around_is_its_low_end) {
  EXPECT_EQ(Random(1).uniform({}, microseconds(9), microseconds(3)), microseconds(9));
}

// The share of draws beyond x means is e^-x: 60.65%, 36.79%, 13.53%, 1.83%, 0.034% at 1/2, 1, 2, 4, 8. With n = 200,000 the
// standard deviation of a count is sqrt(n p (1 - p)), at most 219 for these; five of them: once in 1,700,000 seeds each.
TEST(Random, exponential_has_its_tail_everywhere) {
  constexpr std::uint32_t draws = 200'000;
  constexpr std::array<double, 5> means{0.5, 1, 2, 4, 8};
  std::array<double, 5> beyond{};
  const Random random(13);
  for (std::uint32_t i = 0; i < draws; ++i) {
    const Duration drawn = random.exponential({i, 0, 0, Purpose::arrival, 0}, seconds(1));
    ASSERT_GE(drawn, Duration{0});
    for (std::size_t k = 0; k < means.size(); ++k) {
      beyond.at(k) += static_cast<double>(drawn.microseconds) > means.at(k) * 1e6 ? 1 : 0;
    }
  }
  for (std::size_t k = 0; k < means.size(); ++k) {
    const double share = std::exp(-means.at(k));
    EXPECT_NEAR(beyond.at(k), draws * share, 5 * std::sqrt(draws * share * (1 - share)))
        << means.at(k) << " means";
  }
}

// Its variance is the square of its mean. The variance of a sample of n varies by mean^2 sqrt(8 / n), 0.9% for n = 100,000.
TEST(Random, exponential_has_its_variance) {
  constexpr std::uint32_t draws = 100'000;
  double sum = 0;
  double sum_of_squares = 0;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const Duration span = Random(14).exponential({0, i, 0, Purpose::arrival, 0}, seconds(1));
    const double drawn = static_cast<double>(span.microseconds) / 1e6;
    sum += drawn;
    sum_of_squares += drawn * drawn;
  }
  const double mean = sum / draws;
  EXPECT_NEAR(sum_of_squares / draws - mean * mean, 1.0, 0.045);  // five of them
}

// Of a standard normal, 68.27% lie within one deviation of the mean, 95.45% within two, 99.73% within three. The standard
// deviation of a count is sqrt(n p (1 - p)), at most 147 for n = 100,000; five of them: once in 1,700,000 seeds each.
TEST(Random, normal_has_its_tails_on_both_sides) {
  constexpr std::uint32_t draws = 100'000;
  const Random random(21);
  std::array<double, 3> above{};
  std::array<double, 3> below{};
  for (std::uint32_t i = 0; i < draws; ++i) {
    const Duration drawn =
        random.normal({i, 0, 0, Purpose::request_latency, 0}, {seconds(10), seconds(1)});
    const double deviations = static_cast<double>((drawn - seconds(10)).microseconds) / 1e6;
    for (std::size_t k = 0; k < above.size(); ++k) {
      above.at(k) += deviations > static_cast<double>(k + 1) ? 1 : 0;
      below.at(k) += deviations < -static_cast<double>(k + 1) ? 1 : 0;
    }
  }
  for (std::size_t k = 0; k < above.size(); ++k) {
    const double tail = std::erfc(static_cast<double>(k + 1) / std::sqrt(2.0)) / 2;
    const double tolerance = 5 * std::sqrt(draws * tail * (1 - tail));
    EXPECT_NEAR(above.at(k), draws * tail, tolerance) << k + 1 << " deviations";
    EXPECT_NEAR(below.at(k), draws * tail, tolerance) << k + 1 << " deviations";
  }
}

// The first four moments, in deviations: 0, 1, 0, 3. Over n = 100,000 their standard errors are 1, sqrt(2), sqrt(15) and
// sqrt(96) divided by sqrt(n); five of them.
TEST(Random, normal_has_its_moments) {
  constexpr std::uint32_t draws = 100'000;
  std::array<double, 4> sums{};
  for (std::uint32_t i = 0; i < draws; ++i) {
    const Duration span =
        Random(22).normal({0, i, 0, Purpose::request_latency, 0}, {seconds(10), seconds(1)});
    const double off = static_cast<double>((span - seconds(10)).microseconds) / 1e6;
    double power = 1;
    for (double& sum : sums) {
      power *= off;
      sum += power;
    }
  }
  const double root = std::sqrt(static_cast<double>(draws));
  EXPECT_NEAR(sums[0] / draws, 0, 5 * 1 / root);
  EXPECT_NEAR(sums[1] / draws, 1, 5 * std::sqrt(2.0) / root);
  EXPECT_NEAR(sums[2] / draws, 0, 5 * std::sqrt(15.0) / root);
  EXPECT_NEAR(sums[3] / draws, 3, 5 * std::sqrt(96.0) / root);
}

// Of mean 0 it is the half-normal distribution: its mean is sqrt(2 / pi) = 0.7979 deviations, its variance 1 - 2 / pi.
TEST(Random, normal_is_mirrored_at_zero) {
  constexpr std::uint32_t draws = 100'000;
  double sum = 0;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const Duration span =
        Random(23).normal({0, i, 0, Purpose::request_latency, 0}, {{}, seconds(1)});
    ASSERT_GE(span, Duration{});
    sum += static_cast<double>(span.microseconds) / 1e6;
  }
  EXPECT_NEAR(sum / draws, std::sqrt(2 / std::acos(-1.0)), 5 * 0.6028 / std::sqrt(draws));
}

TEST(Random, strikes_in_its_share_of_cases_at_every_rate) {
  constexpr std::uint32_t draws = 100'000;
  for (const std::uint32_t rate : {1'000'000U, 250'000'000U, 500'000'000U, 999'000'000U}) {
    double struck = 0;
    for (std::uint32_t i = 0; i < draws; ++i) {
      struck += Random(i).strikes({0, 0, 0, Purpose::fault, 0}, rate) ? 1 : 0;  // seeds differ, too
    }
    const double share = rate / 1e9;
    // Beyond 4.5 standard deviations: once in 150,000.
    EXPECT_NEAR(struck, draws * share, 4.5 * std::sqrt(draws * share * (1 - share))) << rate;
  }
}

// A higher rate strikes wherever a lower one did: so a sweep over rates adds faults and never moves them.
TEST(Random, a_higher_rate_only_adds_strikes) {
  const Random random(15);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const DrawName name{0, 0, 0, Purpose::fault, i};
    if (random.strikes(name, 10'000'000)) {
      EXPECT_TRUE(random.strikes(name, 50'000'000)) << i;
    }
  }
}

}  // namespace
}  // namespace racelab::random_philox_test
