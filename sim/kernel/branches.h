// What can go several ways within one step: each question is a branch. A step is taken with the answers that are given; what was
// not given takes the first way, and how many there were is kept, so that the others can be taken next. Or else what was not given is
// drawn.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace racelab {

class Branches {
 public:
  using Ways = std::vector<std::uint8_t>;

  Branches() = default;
  explicit Branches(Ways given) : taken_(std::move(given)) {}
  /// Draws one of so many ways, counted from 0, wherever it is asked.
  using Draw = std::function<std::uint8_t(std::size_t ways)>;
  explicit Branches(Draw draw) : draw_(std::move(draw)) {}

  /// One of so many ways (at least one; at most 255), counted from 0.
  std::uint8_t choose(std::size_t ways) {
    if (ways < 2) {
      return 0;
    }
    if (asked_.size() == taken_.size()) {
      taken_.push_back(draw_ ? draw_(ways) : std::uint8_t{0});
    }
    asked_.push_back(static_cast<std::uint8_t>(ways));
    return taken_[asked_.size() - 1];
  }

  /// The ways that were taken.
  [[nodiscard]] const Ways& taken() const { return taken_; }
  /// Of every question, how many ways there were.
  [[nodiscard]] const Ways& asked() const { return asked_; }

  /// Calls `visit` with every other list of answers that this one, of which the first `given` were given, leaves to be taken.
  template <class Visit>
  void each_other(std::size_t given, Visit visit) const {
    for (std::size_t i = given; i < asked_.size(); ++i) {
      for (std::uint8_t way = 1; way < asked_[i]; ++way) {
        Ways other(taken_.begin(), taken_.begin() + static_cast<std::ptrdiff_t>(i));
        other.push_back(way);
        visit(other);
      }
    }
  }

 private:
  Ways taken_;
  Ways asked_;
  Draw draw_;  // empty: the first way
};

}  // namespace racelab
