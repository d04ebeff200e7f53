// The arithmetic is Boost.Multiprecision's.
#include "sim/explore/order_count.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

#include "sim/kernel/expect.h"

namespace racelab {

struct OrderCount::Number {
  boost::multiprecision::cpp_int value;
};

OrderCount::OrderCount(std::uint64_t count) : number_(new Number{count}) {}
OrderCount::OrderCount(std::string_view digits)
    : number_(new Number{boost::multiprecision::cpp_int(digits)}) {}
OrderCount::OrderCount(const Halves& halves) : OrderCount(halves.high) {
  number_->value <<= 64U;
  number_->value += halves.low;
}
OrderCount::OrderCount(const OrderCount& other) : number_(new Number(*other.number_)) {}
OrderCount::OrderCount(OrderCount&& other) noexcept = default;
OrderCount& OrderCount::operator=(const OrderCount& other) { return *this = OrderCount(other); }
OrderCount& OrderCount::operator=(OrderCount&& other) noexcept = default;
OrderCount::~OrderCount() = default;

OrderCount& OrderCount::operator+=(const OrderCount& other) {
  number_->value += other.number_->value;
  return *this;
}
OrderCount& OrderCount::operator-=(const OrderCount& other) {
  RACELAB_EXPECT(other <= *this);
  number_->value -= other.number_->value;
  return *this;
}
OrderCount& OrderCount::operator*=(const OrderCount& other) {
  number_->value *= other.number_->value;
  return *this;
}
OrderCount OrderCount::binomial(std::uint32_t all, std::uint32_t chosen) {
  RACELAB_EXPECT(chosen <= all);
  OrderCount ways(1);
  for (std::uint32_t i = 1; i <= std::min(chosen, all - chosen); ++i) {
    ways.number_->value *= all - i + 1;
    ways.number_->value /= i;  // without a rest: binomial(all, i)
  }
  return ways;
}
bool operator==(const OrderCount& a, const OrderCount& b) {
  return a.number_->value == b.number_->value;
}
std::strong_ordering operator<=>(const OrderCount& a, const OrderCount& b) {
  return a.number_->value.compare(b.number_->value) <=> 0;
}

std::string OrderCount::str() const { return number_->value.str(); }

double ratio(const OrderCount& part, const OrderCount& whole) {
  const auto& below = whole.number_->value;
  const auto& above = part.number_->value;
  if (below == 0) {
    return 0;
  }
  // 2^64 steps are more than a double can tell apart between 1/2 and 1; for small shares, more.
  const auto bits =
      above == 0 ? 64 : 64 + static_cast<unsigned>(msb(below) - std::min(msb(below), msb(above)));
  const boost::multiprecision::cpp_int scaled = (above << bits) / below;
  return std::ldexp(scaled.convert_to<double>(), -static_cast<int>(bits));
}

}  // namespace racelab
