// 128-bit names for states. Two different states get the same name with a probability of about n^2 / 2^129 for n states:
// for a billion of them 10^-21. The hash is NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: "UMAC: Fast and Secure Message
// Authentication", CRYPTO '99): products of pairs of keyed words, summed, twice with shifted keys; its multiplications do not
// wait for one another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace racelab {

struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(const Fingerprint&, const Fingerprint&) = default;
};

/// Spreads the bits of one word over the whole word, one to one (the finalizer of SplitMix64).
constexpr std::uint64_t spread(std::uint64_t word) {
  word += 0x9E3779B97F4A7C15U;
  word = (word ^ (word >> 30U)) * 0xBF58476D1CE4E5B9U;
  word = (word ^ (word >> 27U)) * 0x94D049BB133111EBU;
  return word ^ (word >> 31U);
}

/// Two words into one, in their order.
constexpr std::uint64_t combine(std::uint64_t a, std::uint64_t b) { return spread(spread(a) ^ b); }

/// Words in their order; then their name.
class Words {
 public:
  Words() = default;
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  void clear() { next_ = words_.data(); }
  void add(std::uint64_t word) {
    if (next_ == end_) {
      grow();
    }
    *next_++ = word;
  }
  [[nodiscard]] Fingerprint fingerprint() const;

 private:
  void grow();

  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(256);
  std::uint64_t* next_ = words_.data();
  std::uint64_t* end_ = words_.data() + words_.size();
};

/// Their name.
Fingerprint fingerprint_of(std::span<const std::uint64_t> words);
/// The same of a text.
Fingerprint fingerprint_of(std::string_view text);

}  // namespace racelab
