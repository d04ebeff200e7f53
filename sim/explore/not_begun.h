// Interchangeable clients that have done nothing yet: the first step of one leads to the same state as that of another, up to who is
// who, so with symmetry one of them is taken and the others are known.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/explore/process.h"

namespace racelab {

/// Of one state's steps. A world without classes of clients, as the one of endpoints in SQL, has none.
template <class World>
class NotBegun {
 public:
  using Step = typename World::Step;

  /// The world stands at the state whose steps these are.
  void look(const World& world, const std::vector<Step>& steps) {
    first_like_.clear();
    if constexpr (requires { world.class_of(0U); }) {
      for (const Step& step : steps) {
        if (step.client >= first_like_.size()) {
          first_like_.resize(step.client + std::size_t{1}, nobody);
          if (has_not_begun(world, step.client)) {
            first_like_[step.client] = first_like(world, step.client);
          }
        }
      }
    }
  }

  /// The place of the step that this one is like, which is before it; its own place: none is known.
  [[nodiscard]] std::size_t same_as(const std::vector<Step>& steps, std::size_t place) const {
    const Step& step = steps[place];
    if (step.client >= first_like_.size() || first_like_[step.client] == nobody ||
        first_like_[step.client] == step.client) {
      return place;
    }
    Step other = step;
    other.client = static_cast<decltype(other.client)>(first_like_[step.client]);
    for (std::size_t before = 0; before < place; ++before) {
      if (steps[before] == other) {
        return before;
      }
    }
    return place;
  }

 private:
  static constexpr std::size_t nobody = SIZE_MAX;

  // Its first request is under way as it was sent, and nothing else ever was. (The second copy of one that was delivered twice
  // may be all that is left of it, too.)
  static bool has_not_begun(const World& world, std::size_t client) {
    return world.local(client).cue.kind == Cue::Kind::begin &&
           world.local(client).requests.size() == 1;
  }

  // Steps come client by client, so who is before it is known already.
  [[nodiscard]] std::size_t first_like(const World& world, std::size_t client) const {
    for (std::size_t other = 0; other < client; ++other) {
      if (first_like_[other] == other && world.class_of(static_cast<std::uint32_t>(other)) ==
                                             world.class_of(static_cast<std::uint32_t>(client))) {
        return other;
      }
    }
    return client;
  }

  std::vector<std::size_t> first_like_;  // by client; nobody: it has begun, or has no step
};

}  // namespace racelab
