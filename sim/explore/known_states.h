// The states that a search has found.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/explore/fingerprint.h"
#include "sim/explore/huge_pages.h"

namespace racelab {

// The states found so far, by name: a hash table with open addressing. Nearly every look-up misses the caches, once: a bucket
// is one cache line, full ones overflow into the next, and a line can be asked for in advance. A name is as good as random
// already, so its upper half, as a fraction, is its place; in the order of places, growing reads and writes straight on.
class KnownStates {
 public:
  void prefetch(const Fingerprint& name) const { __builtin_prefetch(&buckets_[home(name)]); }

  /// The number of a state; 0: it is new, and the caller gives it one.
  std::uint32_t& operator[](const Fingerprint& name) {
    if (size_ == room()) {
      grow();
    }
    for (std::size_t place = home(name);; place = place + 1 == buckets_.size() ? 0 : place + 1) {
      Bucket& bucket = buckets_[place];
      for (std::size_t slot = 0; slot < slots; ++slot) {
        if (bucket.number[slot] == 0) {
          bucket.name[slot] = name;
          ++size_;
          return bucket.number[slot];
        }
        if (bucket.name[slot] == name) {
          return bucket.number[slot];
        }
      }
    }
  }

  [[nodiscard]] std::uint64_t bytes() const { return buckets_.size() * sizeof(Bucket); }

 private:
  static constexpr std::size_t slots = 3;
  struct alignas(64) Bucket {
    std::array<Fingerprint, slots> name;
    std::array<std::uint32_t, slots> number{};
  };

  using Buckets = std::vector<Bucket, HugePages<Bucket>>;

  [[nodiscard]] std::size_t home(const Fingerprint& name) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>((static_cast<Wide>(name.high) * buckets_.size()) >> 64U);
  }
  [[nodiscard]] std::size_t room() const { return buckets_.size() * slots * 4 / 5; }

  void grow() {
    Buckets old(buckets_.size() + (buckets_.size() / 2));
    old.swap(buckets_);
    size_ = 0;
    for (const Bucket& bucket : old) {
      for (std::size_t slot = 0; slot < slots && bucket.number[slot] != 0; ++slot) {
        (*this)[bucket.name[slot]] = bucket.number[slot];
      }
    }
  }

  Buckets buckets_ = Buckets(64);
  std::size_t size_ = 0;
};

}  // namespace racelab
