// A running 64-bit hash over whole words, for trace hashes: any event that differs, in any field or in its place,
// changes it. Not cryptographic. The mixing step is a 64x64 -> 128 bit multiplication folded onto itself.
#pragma once

#include <cstdint>

namespace racelab {

class Hash {
 public:
  void add(std::uint64_t word) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(state_ ^ word) * multiplier;
    state_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U) ^
             (word + increment);
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  static constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15U;  // 2^64 / golden ratio, odd
  static constexpr std::uint64_t increment = 0xD1B54A32D192ED03U;
  std::uint64_t state_ = 0x2545F4914F6CDD1DU;
};

}  // namespace racelab
