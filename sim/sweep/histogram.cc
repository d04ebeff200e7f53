// Below 128 µs a bucket a microsecond; then 128 buckets for every doubling.
#include "sim/sweep/histogram.h"

#include <algorithm>
#include <bit>

#include "sim/kernel/expect.h"

namespace racelab {

namespace {

constexpr unsigned precision_bits = 7;
constexpr std::uint64_t per_doubling = std::uint64_t{1} << precision_bits;
constexpr std::size_t buckets_max = (64 - precision_bits) * per_doubling;

std::size_t bucket_of(std::uint64_t value) {
  if (value < per_doubling) {
    return value;
  }
  const auto doublings = static_cast<unsigned>(std::bit_width(value)) - 1 - precision_bits;
  return (doublings * per_doubling) + (value >> doublings);
}

std::int64_t last_of_bucket(std::size_t bucket) {
  if (bucket < per_doubling) {
    return static_cast<std::int64_t>(bucket);
  }
  const std::size_t doublings = (bucket / per_doubling) - 1;
  const std::uint64_t leading = bucket - (doublings * per_doubling);
  return static_cast<std::int64_t>(((leading + 1) << doublings) - 1);
}

}  // namespace

void Histogram::add(Duration span) {
  RACELAB_EXPECT(span.microseconds >= 0);
  const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(span.microseconds));
  if (bucket >= buckets_.size()) {
    buckets_.resize(bucket + 1, 0);
  }
  ++buckets_[bucket];
  ++count_;
  max_ = std::max(max_, span);
}

void Histogram::merge(const Histogram& other) {
  buckets_.resize(std::max(buckets_.size(), other.buckets_.size()), 0);
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) {
    buckets_[i] += other.buckets_[i];
  }
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::optional<Duration> Histogram::percentile(std::uint32_t per_mille) const {
  if (count_ == 0) {
    return std::nullopt;
  }
  const std::uint64_t rank = std::max<std::uint64_t>(
      1, (count_ / 1000 * per_mille) + ((count_ % 1000 * per_mille) + 999) / 1000);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) {
      return std::min(max_, Duration{last_of_bucket(bucket)});
    }
  }
  return max_;
}

std::optional<Histogram> Histogram::of(std::vector<std::uint64_t> buckets, Duration max) {
  if (buckets.size() > buckets_max || (!buckets.empty() && buckets.back() == 0) ||
      max < Duration{}) {
    return std::nullopt;
  }
  const std::size_t last = buckets.empty() ? 0 : buckets.size() - 1;
  if (bucket_of(static_cast<std::uint64_t>(max.microseconds)) != last) {
    return std::nullopt;
  }
  Histogram histogram;
  for (const std::uint64_t count : buckets) {
    histogram.count_ += count;
  }
  histogram.buckets_ = std::move(buckets);
  histogram.max_ = max;
  return histogram;
}

}  // namespace racelab
