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

// The draws that one name stands for. They are told apart above the bits that the index has, so that no other name's is
// among them. After 4,096 of them they come round again: no span needs a tenth of that.
class Draws {
 public:
  Draws(const Random& random, const DrawName& name) : random_(random), name_(name) {
    RACELAB_EXPECT(name.index < next_draw);
  }
  std::uint64_t next() {
    const std::uint64_t bits = random_.bits(name_);
    name_.index += next_draw;
    return bits;
  }
  // How long a run of ever smaller draws is, the first below `from`. The draw that ends it is used up.
  std::uint64_t falling_run(std::uint64_t from) {
    std::uint64_t length = 0;
    for (std::uint64_t drawn = next(); drawn < from; drawn = next()) {
      from = drawn;
      ++length;
    }
    return length;
  }

 private:
  static constexpr std::uint32_t next_draw = std::uint32_t{1} << 20U;
  const Random& random_;
  DrawName name_;
};

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

Duration Random::exponential(const DrawName& name, Duration mean) const {
  Draws draws(*this, name);
  // Draw a falling run u0 > u1 > … ; if its length is odd, the answer is (number of runs thrown away) + u0.
  std::int64_t whole = 0;
  while (true) {
    const std::uint64_t first = draws.next();
    if (draws.falling_run(first) % 2 == 0) {
      const auto part =
          static_cast<std::int64_t>(scale(first, static_cast<std::uint64_t>(mean.microseconds)));
      return mean * whole + Duration{part};
    }
    ++whole;
  }
}

namespace {

// True with probability exp(-1/2): the length of a falling run that starts below 1/2 is even.
bool half_exponential(Draws& draws) {
  constexpr std::uint64_t half = std::uint64_t{1} << 63U;
  return draws.falling_run(half) % 2 == 0;
}

// True with probability exp(-x (2k + x) / (2k + 2)): the same, of a run that starts below x and that each further step
// prolongs only with probability (2k + x) / (2k + 2). x is a fraction of 2^64.
bool exponential_of(std::uint64_t k, std::uint64_t x, Draws& draws) {
  bool even = true;
  std::uint64_t previous = x;
  while (true) {
    const std::uint64_t next = draws.next();
    if (next >= previous) {
      return even;
    }
    const std::uint64_t part = scale(draws.next(), (2 * k) + 2);
    if (part > 2 * k || (part == 2 * k && draws.next() >= x)) {
      return even;
    }
    previous = next;
    even = !even;
  }
}

// Karney's algorithm N, of one half: the whole part and the fraction of a standard normal's absolute value.
struct HalfNormal {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;  // of 2^64
};
HalfNormal half_normal(Draws& draws) {
  while (true) {
    HalfNormal value;
    while (half_exponential(draws)) {
      ++value.whole;
    }
    // The whole part is kept with probability exp(-k (k - 1) / 2) …
    const std::uint64_t k = value.whole;
    bool kept = true;
    for (std::uint64_t i = 1; kept && i < k * k - k + 1; ++i) {
      kept = half_exponential(draws);
    }
    if (!kept) {
      continue;
    }
    // … and the fraction x with probability exp(-x (2k + x) / 2).
    value.fraction = draws.next();
    for (std::uint64_t i = 0; kept && i < k + 1; ++i) {
      kept = exponential_of(k, value.fraction, draws);
    }
    if (kept) {
      return value;
    }
  }
}

}  // namespace

Duration Random::normal(const DrawName& name, const Normal& distribution) const {
  Draws draws(*this, name);
  const HalfNormal from_mean = half_normal(draws);
  const auto part = static_cast<std::int64_t>(
      scale(from_mean.fraction, static_cast<std::uint64_t>(distribution.deviation.microseconds)));
  const Duration off =
      distribution.deviation * static_cast<std::int64_t>(from_mean.whole) + Duration{part};
  const bool below = draws.next() % 2 == 1;
  const Duration span = below ? distribution.mean - off : distribution.mean + off;
  return span < Duration{} ? Duration{} - span : span;
}

}  // namespace racelab
