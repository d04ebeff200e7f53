// Fixed point: a number x is kept as x * 2^32 in 64 bits; products are 128 bits wide.
#include "sim/client/polly_jitter.h"

#include <algorithm>

namespace racelab {

namespace {

__extension__ using Wide = __int128;

constexpr unsigned point = 32;
constexpr std::int64_t one = std::int64_t{1} << point;
constexpr std::int64_t ln_2 = 2'977'044'472;  // ln 2 * 2^32, rounded
constexpr std::uint32_t power_max = 30;       // beyond it pauses are as between its last two points

std::int64_t product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>((Wide{a} * b) >> point);
}

// e^x for x from 0 to 1, by its series.
std::int64_t exp_of_fraction(std::int64_t x) {
  std::int64_t sum = one;
  std::int64_t term = one;
  for (std::int64_t n = 1; term > 0; ++n) {
    term = product(term, x) / n;
    sum += term;
  }
  return sum;
}

// e^-x for x >= 0: e^-x = 1 / (2^n e^f), where x = n ln 2 + f.
std::int64_t exp_of_negative(std::int64_t x) {
  const std::int64_t halvings = x / ln_2;
  const std::int64_t rest = exp_of_fraction(x % ln_2);
  const auto inverse = static_cast<std::int64_t>((Wide{one} << point) / rest);
  return halvings >= 62 ? 0 : inverse >> halvings;
}

// Newton's method, from above.
std::int64_t square_root(std::int64_t x) {
  if (x == 0) {
    return 0;
  }
  const Wide radicand = Wide{x} << point;
  Wide root = (Wide{1} << 50U);
  for (Wide next = (root + radicand / root) / 2; next < root; next = (root + radicand / root) / 2) {
    root = next;
  }
  return static_cast<std::int64_t>(root);
}

}  // namespace

std::int64_t polly_curve(std::int64_t t) {
  const std::int64_t whole = t >> point;
  const std::int64_t power = exp_of_fraction(product(t & (one - 1), ln_2));
  const std::int64_t falls = exp_of_negative(4 * square_root(t));  // e^-2x, with x = sqrt(4 t)
  const auto tanh = static_cast<std::int64_t>((Wide{one - falls} << point) / (one + falls));
  return product(power, tanh) << whole;
}

Duration polly_pause(std::uint32_t retry, Duration base,
                     const std::function<Duration(Duration low, Duration high)>& draw,
                     std::int64_t& before) {
  const Duration drawn = draw({}, {one - 1});
  const std::int64_t t =
      (std::int64_t{std::min(retry - 1, power_max - 1)} << point) + drawn.microseconds;
  const std::int64_t here = polly_curve(t);
  // There the curve doubles from point to point: half of the one before is where that would be, one stretch earlier.
  before = retry > power_max ? before / 2 : before;
  const std::int64_t rise = std::max<std::int64_t>(here - before, 0);
  before = here;
  // 1 / 1.4 = 5 / 7
  return {static_cast<std::int64_t>(((Wide{rise} * base.microseconds * 5) / 7) >> point)};
}

}  // namespace racelab
