// Which clients belong together: two of a part can touch something in common, or each what a third one touches; two of different
// parts cannot.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace racelab {

class Partition {
 public:
  /// At first every client is a part of its own.
  explicit Partition(std::uint32_t clients) : first_(clients) {
    std::iota(first_.begin(), first_.end(), 0U);
  }

  void join(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t stays = std::min(first_[a], first_[b]);
    const std::uint32_t goes = std::max(first_[a], first_[b]);
    for (std::uint32_t& first : first_) {
      first = first == goes ? stays : first;
    }
  }
  void join_all() { first_.assign(first_.size(), 0); }

  [[nodiscard]] bool together(std::uint32_t a, std::uint32_t b) const {
    return first_[a] == first_[b];
  }
  /// The clients of each part, ascending; parts by their first client.
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> parts() const {
    std::vector<std::vector<std::uint32_t>> all;
    for (std::uint32_t first = 0; first < first_.size(); ++first) {
      std::vector<std::uint32_t> part;
      for (std::uint32_t client = first; client < first_.size(); ++client) {
        if (first_[client] == first) {
          part.push_back(client);
        }
      }
      if (!part.empty()) {
        all.push_back(std::move(part));
      }
    }
    return all;
  }

 private:
  std::vector<std::uint32_t> first_;  // by client: the first one of its part
};

}  // namespace racelab
