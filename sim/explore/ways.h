// Which way a step goes wherever the store is free: the answers to its questions, in their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/kernel/expect.h"

namespace racelab {

/// A short list of small numbers in one word, since steps are copied often.
class Ways {
 public:
  static constexpr std::size_t size_max = 12;
  static constexpr std::size_t way_max = 31;

  [[nodiscard]] constexpr bool empty() const { return packed_ == 0; }
  [[nodiscard]] constexpr std::size_t size() const { return packed_ >> bits_of_all; }
  [[nodiscard]] constexpr std::size_t operator[](std::size_t place) const {
    return (packed_ >> (bits_of_way * place)) & way_max;
  }
  /// Expects fewer than size_max, and a way of at most way_max.
  constexpr void push_back(std::size_t way) {
    RACELAB_EXPECT(size() < size_max && way <= way_max);
    packed_ += (std::uint64_t{1} << bits_of_all) | (std::uint64_t{way} << (bits_of_way * size()));
  }
  /// The first so many, and then another one.
  [[nodiscard]] constexpr Ways with(std::size_t first, std::size_t way) const {
    Ways other;
    for (std::size_t i = 0; i < first; ++i) {
      other.push_back((*this)[i]);
    }
    other.push_back(way);
    return other;
  }
  /// As a list; see word_of_ways().
  [[nodiscard]] std::vector<std::uint8_t> list() const {
    std::vector<std::uint8_t> all;
    for (std::size_t i = 0; i < size(); ++i) {
      all.push_back(static_cast<std::uint8_t>((*this)[i]));
    }
    return all;
  }
  friend constexpr bool operator==(const Ways&, const Ways&) = default;

 private:
  static constexpr unsigned bits_of_way = 5;
  static constexpr unsigned bits_of_all = 60;
  std::uint64_t packed_ = 0;
};

}  // namespace racelab
