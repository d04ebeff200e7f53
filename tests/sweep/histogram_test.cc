// Percentiles from buckets against percentiles of the sorted spans.
#include "sim/sweep/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sim/kernel/random.h"

namespace racelab::lab::histogram_test {
namespace {

Histogram histogram_of(const std::vector<std::int64_t>& spans) {
  Histogram histogram;
  for (const std::int64_t span : spans) {
    histogram.add(microseconds(span));
  }
  return histogram;
}

TEST(Histogram, is_exact_below_128_microseconds) {
  std::vector<std::int64_t> spans;
  for (std::int64_t span = 1; span <= 100; ++span) {
    spans.push_back(span);
  }
  const Histogram histogram = histogram_of(spans);
  EXPECT_EQ(histogram.percentile(500), microseconds(50));
  EXPECT_EQ(histogram.percentile(990), microseconds(99));
  EXPECT_EQ(histogram.percentile(999), microseconds(100));
  EXPECT_EQ(histogram.max(), microseconds(100));
  EXPECT_EQ(histogram.count(), 100);
}

TEST(Histogram, of_nothing_has_no_percentile_and_of_one_span_only_it) {
  EXPECT_FALSE(Histogram{}.percentile(500));
  EXPECT_EQ(histogram_of({123'457}).percentile(1), microseconds(123'457));
  EXPECT_EQ(histogram_of({0}).percentile(999), microseconds(0));
}

TEST(Histogram, is_never_below_the_nearest_rank_and_at_most_one_in_128_above) {
  const Random random(1);
  std::vector<std::int64_t> spans;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    // From microseconds to days.
    const std::uint64_t bits = random.bits({i, 0, 0, Purpose::fault, 0});
    spans.push_back(static_cast<std::int64_t>(bits >> (26 + (bits % 36))));
  }
  const Histogram histogram = histogram_of(spans);
  std::sort(spans.begin(), spans.end());
  for (const std::uint32_t per_mille : {1U, 100U, 500U, 900U, 990U, 999U, 1'000U}) {
    const std::int64_t exact = spans[((spans.size() * per_mille) + 999) / 1'000 - 1];
    const std::int64_t found = histogram.percentile(per_mille)->microseconds;
    EXPECT_GE(found, exact) << per_mille;
    EXPECT_LE(found, exact + (exact / 128)) << per_mille;
  }
  EXPECT_EQ(histogram.percentile(1'000), histogram.max());
}

TEST(Histogram, adds_up_to_what_one_would_have_been) {
  const std::vector<std::int64_t> all{1, 5, 70'000, 3, 900, 12, 5'000'000, 128, 127, 129};
  const Histogram whole = histogram_of(all);
  Histogram sum = histogram_of({5'000'000, 128, 127, 129});
  sum.merge(histogram_of({1, 5, 70'000, 3, 900, 12}));
  EXPECT_TRUE(sum == whole);
}

TEST(Histogram, is_read_back_as_it_was_written_and_nothing_else_is) {
  const Histogram whole = histogram_of({1, 5, 70'000});
  EXPECT_TRUE(*Histogram::of(whole.buckets(), whole.max()) == whole);
  EXPECT_FALSE(Histogram::of(whole.buckets(), microseconds(5)));   // not in the last bucket
  EXPECT_FALSE(Histogram::of(whole.buckets(), microseconds(-1)));  // no span
  EXPECT_FALSE(Histogram::of({1, 0}, microseconds(1)));            // an empty last bucket
  EXPECT_FALSE(Histogram::of(std::vector<std::uint64_t>(100'000, 1), microseconds(1)));
}

}  // namespace
}  // namespace racelab::lab::histogram_test
