// A world in which only so many switches from one handler to another are left: a smallest violation is looked for with none, then
// with one, two …, and what takes more of them is never walked.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/explore/fingerprint.h"
#include "sim/explore/near_miss.h"

namespace racelab {

/// Model, or another with the members that GraphOf needs; has them itself.
template <class World>
class FewSwitches {
 public:
  using Step = typename World::Step;
  using Who = typename World::Who;
  using Effects = typename World::Effects;
  struct Saved {
    typename World::Saved world;
    std::optional<Who> last;
    std::uint32_t left = 0;
  };
  struct Outcome {
    std::optional<typename World::Outcome> end;  // nothing: no switch was left to go on with
    [[nodiscard]] bool violated() const { return end && end->violated(); }
    friend bool operator<(const Outcome& a, const Outcome& b) {
      return a.end && b.end ? *a.end < *b.end : a.end.has_value() < b.end.has_value();
    }
  };

  /// From where the world stands, which must outlive this.
  FewSwitches(World& world, std::uint32_t switches) : world_(world), left_(switches) {}

  void alternatives(std::vector<Step>& steps) const {
    world_.alternatives(steps);
    if (left_ == 0 && last_) {
      std::erase_if(steps, [this](const Step& step) { return world_.who(step) != *last_; });
    }
  }
  const Effects& take(const Step& step) {
    const Who who = world_.who(step);
    left_ -= last_ && *last_ != who ? 1 : 0;
    last_ = who;
    return world_.take(step);
  }
  void variants(const Step& step, const Effects& effects, std::vector<Step>& steps) const {
    world_.variants(step, effects, steps);
  }
  [[nodiscard]] Who who(const Step& step) const { return world_.who(step); }
  [[nodiscard]] Fingerprint name(bool symmetry) {
    const Fingerprint name = world_.name(symmetry);
    std::uint64_t last = left_;
    if (last_) {
      const std::uint64_t attempt = (std::uint64_t{last_->attempt} << 8U) | last_->copy;
      last |= (std::uint64_t{last_->client} << 40U) | (attempt << 48U);
      last = combine(last, last_->operation);
    }
    return {combine(name.high, last), combine(name.low, ~last)};
  }
  [[nodiscard]] bool refine_names() { return world_.refine_names(); }
  [[nodiscard]] bool overflowed() const { return world_.overflowed(); }
  [[nodiscard]] Outcome outcome() const {
    std::vector<Step> steps;
    world_.alternatives(steps);
    return steps.empty() ? Outcome{world_.outcome()} : Outcome{};
  }
  void save(Saved& into) const {
    world_.save(into.world);
    into.last = last_;
    into.left = left_;
  }
  void restore(const Saved& from) {
    world_.restore(from.world);
    last_ = from.last;
    left_ = from.left;
  }

 private:
  World& world_;
  std::optional<Who> last_;
  std::uint32_t left_;
};

}  // namespace racelab
