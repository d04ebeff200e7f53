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
  // r = X / Y. The sum of (x - r y)^2, times Y^2; the variance of r is that over (n - 1), times n, over Y^2.
  const Exact X(x_);
  const Exact Y(y_);
  const Exact squares = (Exact(xx_) * Y * Y) - (2 * X * Y * Exact(xy_)) + (X * X * Exact(yy_));
  return around(value, runs_,
                square_root_of_ratio(squares * runs_, Exact(runs_ - 1) * Y * Y * Y * Y));
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
  // The run's share in the difference is n ((a.x - ra a.y) / A - (b.x - rb b.y) / B), A and B the totals of y. Its squares,
  // times (A B)^4 to keep them whole.
  const Exact X(a.x_);
  const Exact A(a.y_);
  const Exact U(b.x_);
  const Exact B(b.y_);
  const Exact own_a = (Exact(a.xx_) * A * A) - (2 * X * A * Exact(a.xy_)) + (X * X * Exact(a.yy_));
  const Exact own_b = (Exact(b.xx_) * B * B) - (2 * U * B * Exact(b.xy_)) + (U * U * Exact(b.yy_));
  const Exact both =
      (Exact(xx_) * A * B) - (Exact(xy_) * A * U) - (Exact(yx_) * X * B) + (Exact(yy_) * X * U);
  const Exact A2 = A * A;
  const Exact B2 = B * B;
  const Exact squares = (own_a * B2 * B2) + (own_b * A2 * A2) - (2 * both * A2 * B2);
  return around(value, a.runs_,
                square_root_of_ratio(squares * a.runs_, Exact(a.runs_ - 1) * A2 * A2 * B2 * B2));
}

}  // namespace racelab
