// Latencies of any number of runs in a fixed, small space: counts in buckets that grow with the value, so that two histograms
// add up and a percentile is never more than 1 in 128 too large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/kernel/time.h"

namespace racelab {

class Histogram {
 public:
  /// Counts a span; not negative.
  void add(Duration span);
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Duration max() const { return max_; }
  /// The smallest bucket bound that at least `per_mille` of the spans do not exceed (nearest rank), and never more than max().
  /// Nothing when nothing was counted.
  [[nodiscard]] std::optional<Duration> percentile(std::uint32_t per_mille) const;

  /// The counts by bucket, as far as they go; for writing.
  [[nodiscard]] const std::vector<std::uint64_t>& buckets() const { return buckets_; }
  /// A histogram as it was written; nothing when it cannot be one.
  static std::optional<Histogram> of(std::vector<std::uint64_t> buckets, Duration max);

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  std::vector<std::uint64_t> buckets_;  // the last one is not empty
  std::uint64_t count_ = 0;
  Duration max_{};
};

}  // namespace racelab
