// Intervals against their definitions: exact binomial sums, sums worked out by hand, and how often they cover what is true.
#include "sim/sweep/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sim/kernel/random.h"

namespace racelab::lab::statistics_test {
namespace {

using Sum = long double;

// P(X = k) of a binomial distribution, by its recurrence from the mode outwards: no logarithms, no library.
std::vector<Sum> binomial(std::uint64_t n, Sum p) {
  std::vector<Sum> probability(n + 1, 0);
  if (p <= 0 || p >= 1) {
    probability[p <= 0 ? 0 : n] = 1;
    return probability;
  }
  const auto mode =
      std::min<std::uint64_t>(n, static_cast<std::uint64_t>((static_cast<Sum>(n) + 1) * p));
  probability[mode] = 1;
  for (std::uint64_t k = mode; k < n; ++k) {
    probability[k + 1] =
        probability[k] * static_cast<Sum>(n - k) / static_cast<Sum>(k + 1) * p / (1 - p);
  }
  for (std::uint64_t k = mode; k > 0; --k) {
    probability[k - 1] =
        probability[k] * static_cast<Sum>(k) / static_cast<Sum>(n - k + 1) * (1 - p) / p;
  }
  Sum total = 0;
  for (const Sum one : probability) {
    total += one;
  }
  for (Sum& one : probability) {
    one /= total;
  }
  return probability;
}

Sum sum(const std::vector<Sum>& probability, std::uint64_t from, std::uint64_t to) {
  Sum total = 0;
  for (std::uint64_t k = from; k <= to; ++k) {
    total += probability[k];
  }
  return total;
}

// The share of samples whose interval holds the true share: a sum over all samples there are.
Sum coverage(std::uint64_t n, Sum p) {
  const std::vector<Sum> probability = binomial(n, p);
  Sum total = 0;
  for (std::uint64_t k = 0; k <= n; ++k) {
    const Interval interval = clopper_pearson(k, n);
    total += interval.low <= static_cast<double>(p) && static_cast<double>(p) <= interval.high
                 ? probability[k]
                 : 0;
  }
  return total;
}

TEST(ClopperPearson, is_what_its_definition_says) {
  // At the lower bound 2.5 % of samples have so many hits or more, at the upper bound 2.5 % so many or fewer.
  for (const std::uint64_t n : {1U, 2U, 7U, 30U, 100U, 1'000U}) {
    for (std::uint64_t k = 0; k <= n; k += std::max<std::uint64_t>(1, n / 11)) {
      const Interval interval = clopper_pearson(k, n);
      if (k > 0) {
        EXPECT_NEAR(static_cast<double>(sum(binomial(n, interval.low), k, n)), 0.025, 1e-9)
            << k << " of " << n;
      } else {
        EXPECT_EQ(interval.low, 0);
      }
      if (k < n) {
        EXPECT_NEAR(static_cast<double>(sum(binomial(n, interval.high), 0, k)), 0.025, 1e-9)
            << k << " of " << n;
      } else {
        EXPECT_EQ(interval.high, 1);
      }
    }
  }
}

TEST(ClopperPearson, of_no_hit_has_a_closed_form) {
  // (1 - p)^n = 0.025
  for (const std::uint64_t n : {1U, 10U, 1'000U, 10'000U}) {
    EXPECT_NEAR(clopper_pearson(0, n).high, 1 - std::pow(0.025, 1.0 / static_cast<double>(n)),
                1e-12);
    EXPECT_NEAR(clopper_pearson(n, n).low, std::pow(0.025, 1.0 / static_cast<double>(n)), 1e-12);
  }
  // "No violation in 10,000 runs means below 0.04 %."
  EXPECT_LT(clopper_pearson(0, 10'000).high, 0.0004);
  EXPECT_EQ(clopper_pearson(0, 0).low, 0);
  EXPECT_EQ(clopper_pearson(0, 0).high, 1);
}

TEST(ClopperPearson, covers_at_least_95_percent_whatever_the_share) {
  for (const std::uint64_t n : {1U, 5U, 10U, 30U, 100U}) {
    for (int percent = 0; percent <= 100; ++percent) {
      EXPECT_GE(coverage(n, static_cast<Sum>(percent) / 100), 0.95L - 1e-12L)
          << n << " runs, " << percent << " %";
    }
  }
}

TEST(ClopperPearson, covers_in_sampling_what_the_binomial_sum_says) {
  constexpr std::uint64_t n = 40;
  constexpr std::uint64_t samples = 20'000;
  const Random random(7);
  for (const std::uint32_t percent : {3U, 20U, 50U}) {
    std::uint64_t covered = 0;
    for (std::uint32_t sample = 0; sample < samples; ++sample) {
      std::uint64_t hits = 0;
      for (std::uint32_t run = 0; run < n; ++run) {
        hits +=
            random.strikes({sample, run, 0, Purpose::fault, percent}, percent * 10'000'000) ? 1 : 0;
      }
      const Interval interval = clopper_pearson(hits, n);
      const double share = percent / 100.0;
      covered += interval.low <= share && share <= interval.high ? 1 : 0;
    }
    const double expected = static_cast<double>(coverage(n, percent / 100.0L));
    // Five standard errors: one in two million.
    const double error = std::sqrt(expected * (1 - expected) / samples);
    EXPECT_NEAR(static_cast<double>(covered) / samples, expected, 5 * error) << percent << " %";
  }
}

RatioSums sums_of(const std::vector<PairedSums::Run>& runs) {
  RatioSums sums;
  for (const PairedSums::Run& run : runs) {
    sums.add(run.x, run.y);
  }
  return sums;
}

double half_width(const Estimate& estimate) {
  return (estimate.interval->high - estimate.interval->low) / 2;
}

TEST(RatioSums, has_the_interval_that_one_works_out_by_hand) {
  // x/y: 1/4, 3/4, 2/8. r = 6/16. Deviations x - r y: -0.5, 1.5, -1. Squares: 0.25 + 2.25 + 1 = 3.5; over n - 1: 1.75. The
  // mean of y is 16/3, so the standard error is sqrt(1.75 / 3) / (16/3) = 0.143205; t with 2 degrees is 4.302653.
  const Estimate estimate = *sums_of({{1, 4}, {3, 4}, {2, 8}}).ratio();
  EXPECT_DOUBLE_EQ(estimate.value, 0.375);
  EXPECT_NEAR(half_width(estimate), 4.302653 * 0.143205, 1e-5);
}

TEST(RatioSums, of_one_run_has_a_value_and_no_interval_and_of_none_nothing) {
  EXPECT_FALSE(sums_of({{1, 4}}).ratio()->interval);
  EXPECT_FALSE(sums_of({}).ratio());
  EXPECT_FALSE(sums_of({{1, 0}, {2, 0}}).ratio());
}

TEST(RatioSums, is_exact_where_runs_hardly_differ) {
  // A mean of 10^12 with a standard deviation of 1: doubles of squares would know nothing of it.
  constexpr std::int64_t base = 1'000'000'000'000;
  RatioSums sums;
  for (int i = 0; i < 1'000; ++i) {
    sums.add(base + (i % 2 == 0 ? 1 : -1), 1);
  }
  EXPECT_NEAR(half_width(*sums.ratio()), 1.96234 * std::sqrt(1.0 / 999), 1e-3);
}

TEST(RatioSums, adds_up_in_any_order) {
  const Random random(3);
  std::vector<RatioSums> parts(8);
  RatioSums all;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    const auto x = static_cast<std::int64_t>(random.bits({i, 0, 0, Purpose::fault, 0}) >> 24U);
    const auto y = static_cast<std::int64_t>(random.bits({i, 1, 0, Purpose::fault, 0}) >> 24U);
    all.add(x, y);
    parts[i % parts.size()].add(x, y);
  }
  RatioSums backwards;
  for (std::size_t i = parts.size(); i-- > 0;) {
    backwards.merge(parts[i]);
  }
  EXPECT_TRUE(backwards == all);
}

TEST(RatioSums, covers_the_true_share_when_operations_of_a_run_go_wrong_together) {
  // Every run has 20 operations and goes wrong as a whole in one of four cases, then in every second operation: 12.5 % of
  // operations. Were they taken for independent, the interval would hold the truth in about half of all samples.
  constexpr std::uint32_t samples = 2'000;
  const Random random(11);
  std::uint64_t covered = 0;
  std::uint64_t covered_as_if_independent = 0;
  for (std::uint32_t sample = 0; sample < samples; ++sample) {
    RatioSums sums;
    std::uint64_t wrong = 0;
    for (std::uint32_t run = 0; run < 100; ++run) {
      const bool bad = random.strikes({sample, run, 0, Purpose::fault, 0}, 250'000'000);
      sums.add(bad ? 10 : 0, 20);
      wrong += bad ? 10 : 0;
    }
    const Interval interval = *sums.ratio()->interval;
    covered += interval.low <= 0.125 && 0.125 <= interval.high ? 1 : 0;
    const Interval naive = clopper_pearson(wrong, 2'000);
    covered_as_if_independent += naive.low <= 0.125 && 0.125 <= naive.high ? 1 : 0;
  }
  EXPECT_GE(covered, samples * 93 / 100);
  EXPECT_LE(covered, samples * 97 / 100);
  EXPECT_LE(covered_as_if_independent, samples * 70 / 100);
}

TEST(PairedSums, sees_what_weather_hides) {
  // The same weather makes both slow or fast; b is always one slower. Apart, each has a wide interval; paired, the difference
  // is exactly -1.
  std::vector<PairedSums::Run> a;
  std::vector<PairedSums::Run> b;
  PairedSums paired;
  const Random random(5);
  for (std::uint32_t run = 0; run < 200; ++run) {
    const auto weather =
        static_cast<std::int64_t>(random.bits({run, 0, 0, Purpose::fault, 0}) >> 54U);
    a.push_back({weather, 1});
    b.push_back({weather + 1, 1});
    paired.add(a.back(), b.back());
  }
  const Estimate difference = *paired.difference(sums_of(a), sums_of(b));
  EXPECT_NEAR(difference.value, -1, 1e-9);
  EXPECT_NEAR(half_width(difference), 0, 1e-9);
  EXPECT_GT(half_width(*sums_of(a).ratio()), 20);
}

TEST(PairedSums, has_the_interval_of_the_runs_own_differences_when_each_counts_alike) {
  // With y = 1 everywhere the ratio is a mean, and the difference's interval that of the mean of x - u.
  const std::vector<std::int64_t> x{3, 9, 4, 7, 1};
  const std::vector<std::int64_t> u{2, 4, 4, 3, 2};
  PairedSums paired;
  RatioSums a;
  RatioSums b;
  RatioSums direct;
  for (std::size_t i = 0; i < x.size(); ++i) {
    paired.add({x[i], 1}, {u[i], 1});
    a.add(x[i], 1);
    b.add(u[i], 1);
    direct.add(x[i] - u[i], 1);
  }
  const Estimate difference = *paired.difference(a, b);
  EXPECT_NEAR(difference.value, direct.ratio()->value, 1e-12);
  EXPECT_NEAR(half_width(difference), half_width(*direct.ratio()), 1e-9);
}

}  // namespace
}  // namespace racelab::lab::statistics_test
