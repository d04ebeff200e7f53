// NH over blocks of the key's length; the sums of the blocks are chained.
#include "sim/explore/fingerprint.h"

#include <algorithm>

namespace racelab {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t block_words = 128;

constexpr std::array<std::uint64_t, block_words + 2> make_keys() {
  std::array<std::uint64_t, block_words + 2> keys{};
  std::uint64_t state = 0x243F6A8885A308D3U;  // the fraction of pi
  for (std::uint64_t& key : keys) {
    state = spread(state);
    key = state;
  }
  return keys;
}

constexpr std::array<std::uint64_t, block_words + 2> keys = make_keys();

Wide product(std::uint64_t a, std::uint64_t b) { return static_cast<Wide>(a) * b; }

inline std::uint64_t fold(Wide sum) {
  return spread(static_cast<std::uint64_t>(sum)) + static_cast<std::uint64_t>(sum >> 64U);
}

}  // namespace

void Words::grow() {
  const std::size_t size = words_.size();
  words_.resize(size * 2);
  next_ = words_.data() + size;
  end_ = words_.data() + words_.size();
}

Fingerprint Words::fingerprint() const {
  const auto size = static_cast<std::size_t>(next_ - words_.data());
  Fingerprint name{size, ~std::uint64_t{size}};
  for (std::size_t start = 0; start < size; start += block_words) {
    const std::size_t count = std::min(block_words, size - start);
    const std::uint64_t* words = words_.data() + start;
    Wide first = 0;
    Wide second = 0;
    std::size_t i = 0;
    for (; i + 2 <= count; i += 2) {
      first += product(words[i] + keys[i], words[i + 1] + keys[i + 1]);
      second += product(words[i] + keys[i + 2], words[i + 1] + keys[i + 3]);
    }
    if (i < count) {
      first += product(words[i] + keys[i], keys[i + 1]);
      second += product(words[i] + keys[i + 2], keys[i + 3]);
    }
    name.high = combine(name.high, fold(first));
    name.low = combine(name.low, fold(second));
  }
  return name;
}

Fingerprint fingerprint_of(std::span<const std::uint64_t> words) {
  Words all;
  for (const std::uint64_t word : words) {
    all.add(word);
  }
  return all.fingerprint();
}

Fingerprint fingerprint_of(std::string_view text) {
  std::vector<std::uint64_t> words{text.size()};
  for (std::size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    for (std::size_t i = at; i < std::min(at + sizeof(word), text.size()); ++i) {
      word = (word << 8U) | static_cast<unsigned char>(text[i]);
    }
    words.push_back(word);
  }
  return fingerprint_of(words);
}

}  // namespace racelab
