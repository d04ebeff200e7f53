// What a sample of runs says, and how sure it is. Sums are exact integers, so that they may be added up in any order, by any
// number of threads or machines, and give the same bytes; only the last step, from sums to an interval, is floating point.
//
// Operations of one run are not independent: one lost update makes the next one likelier. So everything that is counted
// per operation gets its interval from how much whole runs differ, never from the number of operations.
#pragma once

#include <cstdint>
#include <optional>

namespace racelab {

/// Wide enough for a million runs of squares of microseconds.
__extension__ using WideInteger = __int128;

/// Bounds that hold with 95 % confidence.
struct Interval {
  double low = 0;
  double high = 0;
};

/// The exact interval of Clopper and Pearson (Biometrika 26, 1934) for a share: `hits` of `trials` runs. Covers the true share
/// in at least 95 % of all samples, whatever it is. `hits` <= `trials`; no trials: from 0 to 1.
Interval clopper_pearson(std::uint64_t hits, std::uint64_t trials);

/// A value with its interval; no interval where one run alone was seen.
struct Estimate {
  double value = 0;
  std::optional<Interval> interval;
};

/// Sums over runs of two numbers of each run, x and y: all that the ratio of their totals needs. With y the run's operations
/// it is a share or a cost per operation; with y its time, a rate; with y = 1, a mean.
class RatioSums {
 public:
  void add(std::int64_t x, std::int64_t y);
  void merge(const RatioSums& other);

  /// Total x over total y, with the 95 % interval of a ratio estimator (Cochran, Sampling Techniques, 3rd ed., section 6.4)
  /// with Student's t. Nothing when total y is 0.
  [[nodiscard]] std::optional<Estimate> ratio() const;

  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] WideInteger x() const { return x_; }
  [[nodiscard]] WideInteger y() const { return y_; }

  /// Every sum in turn, for writing and reading: visit(name, value).
  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("x", self.x_);
    visit("y", self.y_);
    visit("xx", self.xx_);
    visit("xy", self.xy_);
    visit("yy", self.yy_);
  }
  void set_runs(std::uint64_t runs) { runs_ = runs; }

  friend bool operator==(const RatioSums&, const RatioSums&) = default;

 private:
  friend class PairedSums;

  std::uint64_t runs_ = 0;
  WideInteger x_ = 0;
  WideInteger y_ = 0;
  WideInteger xx_ = 0;
  WideInteger xy_ = 0;
  WideInteger yy_ = 0;
};

/// What two strategies' sums need beside them to be compared run by run: under one seed both meet the same weather, so most
/// of what makes runs differ cancels.
class PairedSums {
 public:
  struct Run {
    std::int64_t x = 0;
    std::int64_t y = 0;
  };
  void add(Run a, Run b);
  void merge(const PairedSums& other);

  /// Ratio of a minus ratio of b over the same runs, with its interval. Nothing where either has no ratio.
  [[nodiscard]] std::optional<Estimate> difference(const RatioSums& a, const RatioSums& b) const;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("xx", self.xx_);
    visit("xy", self.xy_);
    visit("yx", self.yx_);
    visit("yy", self.yy_);
  }

  friend bool operator==(const PairedSums&, const PairedSums&) = default;

 private:
  WideInteger xx_ = 0;  // a.x * b.x
  WideInteger xy_ = 0;  // a.x * b.y
  WideInteger yx_ = 0;  // a.y * b.x
  WideInteger yy_ = 0;  // a.y * b.y
};

}  // namespace racelab
