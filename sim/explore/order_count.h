// A number of orders: exact, however large.
//
// A type of its own, because the library that does the arithmetic takes the compiler longer to read than everything else
// that a report includes.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace racelab {

class OrderCount {
 public:
  OrderCount() : OrderCount(0) {}
  OrderCount(std::uint64_t count);  // NOLINT: counts are written as numbers
  /// Of decimal digits.
  explicit OrderCount(std::string_view digits);
  /// high * 2^64 + low.
  struct Halves {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
  };
  explicit OrderCount(const Halves& halves);
  OrderCount(const OrderCount& other);
  OrderCount(OrderCount&& other) noexcept;
  OrderCount& operator=(const OrderCount& other);
  OrderCount& operator=(OrderCount&& other) noexcept;
  ~OrderCount();

  OrderCount& operator+=(const OrderCount& other);
  /// Expects other <= *this.
  OrderCount& operator-=(const OrderCount& other);
  OrderCount& operator*=(const OrderCount& other);
  friend OrderCount operator+(OrderCount a, const OrderCount& b) { return a += b; }
  friend OrderCount operator-(OrderCount a, const OrderCount& b) { return a -= b; }
  friend OrderCount operator*(OrderCount a, const OrderCount& b) { return a *= b; }
  friend bool operator==(const OrderCount& a, const OrderCount& b);
  friend std::strong_ordering operator<=>(const OrderCount& a, const OrderCount& b);

  /// In how many ways `chosen` of `all` can be chosen.
  static OrderCount binomial(std::uint32_t all, std::uint32_t chosen);

  /// Its decimal digits.
  [[nodiscard]] std::string str() const;
  /// part / whole to the precision of a double; 0 when the whole is 0.
  friend double ratio(const OrderCount& part, const OrderCount& whole);

 private:
  struct Number;
  std::unique_ptr<Number> number_;
};

}  // namespace racelab
