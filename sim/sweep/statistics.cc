// Squared deviations are worked out exactly before anything is rounded: of nearly equal runs, doubles would leave noise.
#include "sim/sweep/statistics.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

namespace racelab {

namespace {

using Exact = boost::multiprecision::cpp_int;

constexpr double each_tail = 0.025;

double as_double(WideInteger value) { return Exact(value).convert_to<double>(); }

// Student's t that 2.5 % exceed. With hundreds of runs and more it is the normal's, but for the third digit.
double t_of(std::uint64_t runs) {
  const boost::math::students_t_distribution<> t(static_cast<double>(runs - 1));
  return boost::math::quantile(boost::math::complement(t, each_tail));
}

double square_root_of_ratio(const Exact& numerator, const Exact& denominator) {
  // The numerator is a sum of squares: below zero it can be only by what a difference of two exact terms is not.
  if (numerator <= 0) {
    return 0;
  }
  return std::sqrt(numerator.convert_to<double>() / denominator.convert_to<double>());
}

Estimate around(double value, std::uint64_t runs, double standard_error) {
  if (runs < 2) {
    return {value, std::nullopt};
  }
  const double half = t_of(runs) * standard_error;
  return {value, Interval{value - half, value + half}};
}

}  // namespace

Interval clopper_pearson(std::uint64_t hits, std::uint64_t trials) {
  using boost::math::binomial_distribution;
  if (trials == 0) {
    return {0, 1};
  }
  const auto n = static_cast<double>(trials);
  const auto k = static_cast<double>(hits);
  return {hits == 0 ? 0 : binomial_distribution<>::find_lower_bound_on_p(n, k, each_tail),
          hits == trials ? 1 : binomial_distribution<>::find_upper_bound_on_p(n, k, each_tail)};
}

void RatioSums::add(std::int64_t x, std::int64_t y) {
  ++runs_;
  x_ += x;
  y_ += y;
  xx_ += WideInteger{x} * x;
  xy_ += WideInteger{x} * y;
  yy_ += WideInteger{y} * y;
}

void RatioSums::merge(const RatioSums& other) {
  runs_ += other.runs_;
  x_ += other.x_;
  y_ += other.y_;
  xx_ += other.xx_;
  xy_ += other.xy_;
  yy_ += other.yy_;
}

std::optional<Estimate> RatioSums::ratio() const {
  if (y_ == 0) {
    return std::nullopt;
  }
  const double value = as_double(x_) / as_double(y_);
  if (runs_ < 2) {
    return Estimate{value, std::nullopt};
  }
  // The sum of (x - r y)^2 with r = X / Y, the totals, times Y^2 to keep it whole. The variance of r is that sum times
  // n / (n - 1), over Y^2.
  const Exact total_x(x_);
  const Exact total_y(y_);
  const Exact squares = (Exact(xx_) * total_y * total_y) - (2 * total_x * total_y * Exact(xy_)) +
                        (total_x * total_x * Exact(yy_));
  return around(value, runs_,
                square_root_of_ratio(squares * runs_,
                                     Exact(runs_ - 1) * total_y * total_y * total_y * total_y));
}

void PairedSums::add(Run a, Run b) {
  xx_ += WideInteger{a.x} * b.x;
  xy_ += WideInteger{a.x} * b.y;
  yx_ += WideInteger{a.y} * b.x;
  yy_ += WideInteger{a.y} * b.y;
}

void PairedSums::merge(const PairedSums& other) {
  xx_ += other.xx_;
  xy_ += other.xy_;
  yx_ += other.yx_;
  yy_ += other.yy_;
}

std::optional<Estimate> PairedSums::difference(const RatioSums& a, const RatioSums& b) const {
  if (a.y_ == 0 || b.y_ == 0) {
    return std::nullopt;
  }
  const double value = (as_double(a.x_) / as_double(a.y_)) - (as_double(b.x_) / as_double(b.y_));
  if (a.runs_ < 2) {
    return Estimate{value, std::nullopt};
  }
  // The same with what a run adds to the difference: (a.x - ra a.y) / A - (b.x - rb b.y) / B, where A and B are the totals of y;
  // its square times (A B)^4.
  const Exact a_x(a.x_);
  const Exact a_y(a.y_);
  const Exact b_x(b.x_);
  const Exact b_y(b.y_);
  const Exact own_a =
      (Exact(a.xx_) * a_y * a_y) - (2 * a_x * a_y * Exact(a.xy_)) + (a_x * a_x * Exact(a.yy_));
  const Exact own_b =
      (Exact(b.xx_) * b_y * b_y) - (2 * b_x * b_y * Exact(b.xy_)) + (b_x * b_x * Exact(b.yy_));
  const Exact both = (Exact(xx_) * a_y * b_y) - (Exact(xy_) * a_y * b_x) -
                     (Exact(yx_) * a_x * b_y) + (Exact(yy_) * a_x * b_x);
  const Exact a_y2 = a_y * a_y;
  const Exact b_y2 = b_y * b_y;
  const Exact squares = (own_a * b_y2 * b_y2) + (own_b * a_y2 * a_y2) - (2 * both * a_y2 * b_y2);
  return around(
      value, a.runs_,
      square_root_of_ratio(squares * a.runs_, Exact(a.runs_ - 1) * a_y2 * a_y2 * b_y2 * b_y2));
}

}  // namespace racelab
