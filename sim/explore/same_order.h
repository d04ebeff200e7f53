// The same order under another strategy: what is one order's worth elsewhere?
//
// Each letter runs that client's next step (A2: its second live attempt). Is it blocked, the letter is held and runs as soon as
// it can; is it finished, the letter is dropped; after the word, what is unfinished runs to its end in letter order. A fault is
// tied to client, attempt and kind: it moves to the nearest such point, or is dropped.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/explore/walker.h"
#include "sim/scenario/registry.h"
#include "sim/scenario/settings.h"

namespace racelab {

template <class World>
struct SameOrderOf {
  using Who = typename World::Who;
  std::vector<MoveOf<World>> moves;  // what really ran
  /// Of each move, the place of its letter in the order; nothing: it ran after the word, or is a request that is lost.
  std::vector<std::optional<std::size_t>> letters;
  std::vector<std::size_t> held;     // letters that ran later than their place
  std::vector<std::size_t> dropped;  // letters with nothing to run

  /// What became of a fault of the order.
  struct Struck {
    Fault fault = Fault::none;
    Who who{};
    std::size_t letter = 0;       // where it was
    std::uint32_t statement = 0;  // how many statements its handler had issued then
    std::optional<std::uint32_t>
        statement_here;  // … and has now, where it struck; nothing: dropped

    [[nodiscard]] bool dropped() const { return !statement_here; }
    [[nodiscard]] bool moved() const { return statement_here && *statement_here != statement; }
  };
  std::vector<Struck> faults;

  bool ended = false;               // false: it was longer than the limit
  typename World::Outcome outcome;  // of one that ended

  /// Whether every letter ran in its place and nothing after them.
  [[nodiscard]] bool exactly() const {
    return ended && held.empty() && dropped.empty() &&
           std::all_of(letters.begin(), letters.end(),
                       [](const auto& letter) { return letter.has_value(); }) &&
           std::none_of(faults.begin(), faults.end(),
                        [](const Struck& fault) { return fault.dropped() || fault.moved(); });
  }
};

using SameOrder = SameOrderOf<Model>;

/// `issued`: operations of each client. `order`: moves of another fleet, or of this one in another sequence.
SameOrder same_order(const Settings& settings, const Fleet& fleet,
                     const std::vector<std::uint32_t>& issued, const std::vector<Move>& order,
                     std::uint64_t steps_max);

}  // namespace racelab
