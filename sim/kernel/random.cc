// The one place that knows the generator: key = seed, counter = the draw's name.
#include "sim/kernel/random.h"

#include <Random123/philox.h>

#include "sim/kernel/expect.h"

namespace racelab {

namespace {

__extension__ using Wide = unsigned __int128;

// floor(bits * range / 2^64): uniform in [0, range) up to a bias of range / 2^64.
std::uint64_t scale(std::uint64_t bits, std::uint64_t range) {
  return static_cast<std::uint64_t>((static_cast<Wide>(bits) * range) >> 64U);
}

}  // namespace

std::uint64_t Random::bits(const DrawName& name) const {
  const r123::Philox4x32::ctr_type counter = {
      {name.client, name.operation,
       (static_cast<std::uint32_t>(name.attempt) << 16U) | static_cast<std::uint32_t>(name.purpose),
       name.index}};
  const r123::Philox4x32::key_type key = {
      {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32U)}};
  const r123::Philox4x32::ctr_type drawn = r123::Philox4x32{}(counter, key);
  return (static_cast<std::uint64_t>(drawn[1]) << 32U) | drawn[0];
}

Duration Random::uniform(const DrawName& name, Duration low, Duration high) const {
  if (high <= low) {
    return low;
  }
  const auto range = static_cast<std::uint64_t>((high - low).microseconds) + 1;
  return low + Duration{static_cast<std::int64_t>(scale(bits(name), range))};
}

bool Random::strikes(const DrawName& name, std::uint32_t parts_per_billion) const {
  return parts_per_billion > 0 && scale(bits(name), 1'000'000'000U) < parts_per_billion;
}

Duration Random::exponential(DrawName name, Duration mean) const {
  // One name is several draws: they are told apart above the bits that the index has, so that no other name's is among them.
  constexpr std::uint32_t next_draw = std::uint32_t{1} << exponential_index_bits;
  RACELAB_EXPECT(name.index < next_draw);
  // Draw a falling run u0 > u1 > … ; if its length is odd, the answer is (number of runs thrown away) + u0.
  std::int64_t whole = 0;
  while (true) {
    const std::uint64_t first = bits(name);
    std::uint64_t previous = first;
    bool odd = true;
    name.index += next_draw;
    for (std::uint64_t next = bits(name); next < previous; next = bits(name)) {
      previous = next;
      odd = !odd;
      name.index += next_draw;
    }
    name.index += next_draw;
    if (odd) {
      const auto part =
          static_cast<std::int64_t>(scale(first, static_cast<std::uint64_t>(mean.microseconds)));
      return mean * whole + Duration{part};
    }
    ++whole;
  }
}

}  // namespace racelab
