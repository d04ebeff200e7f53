// One execution, taken step by step by whoever asks, in whatever world: what is possible next, where that leads, and every step
// undone and taken again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/graph.h"
#include "sim/explore/odds.h"
#include "sim/explore/walker.h"

namespace racelab {

/// What may still come.
struct Outlook {
  static constexpr std::uint32_t never = UINT32_MAX;
  struct Way {
    double chance = 0;  // of a violation, when every next step is as likely as the others;
                        // exactly 1: doomed
    std::uint32_t steps = never;  // to the nearest end that violates
  };
  Way here;
  std::vector<Way> next;  // after each step that is possible
};

/// A letter with its marks as it stands in a word: "A'" is "A2", "A1" is "A".
std::string plain_letter(std::string_view letter);

/// By node: how many steps the nearest end that violates is away.
std::vector<std::uint32_t> steps_to_violation(const OrderGraph& graph);

template <class World>
class StepWalk {
 public:
  using Move = MoveOf<World>;

  /// From where the model stands, which must outlive this. Looks ahead through at most so many states.
  StepWalk(World& model, std::uint64_t states_max)
      : model_(model), walker_(model), states_max_(states_max) {
    look();
  }

  /// The steps that were taken and not undone.
  [[nodiscard]] const std::vector<Move>& moves() const { return walker_.moves(); }
  /// Every step that is possible; none: the execution has ended.
  [[nodiscard]] const std::vector<Move>& next() const { return next_; }
  [[nodiscard]] bool ended() const { return next_.empty(); }

  /// Takes the step that a letter with its marks names ("A", "A2", "A'", "Ar"). False: it is not possible here, or would be one
  /// execution too many to keep account of; nothing has changed.
  bool take(std::string_view letter) {
    const std::string plain = plain_letter(letter);
    const auto found = std::find_if(next_.begin(), next_.end(),
                                    [&plain](const Move& move) { return word_of(move) == plain; });
    if (found == next_.end()) {
      return false;
    }
    const Move move = *found;
    if (walker_.try_out(move.step).overflows) {
      return false;
    }
    way_.resize(moves().size());
    way_.push_back(move);
    go(move);
    return true;
  }

  /// One step back; false at the start.
  bool undo() {
    if (moves().empty()) {
      return false;
    }
    walker_.back_to(moves().size() - 1);
    look();
    return true;
  }

  /// Takes the step that was undone last; false when there is none.
  bool redo() {
    if (moves().size() == way_.size()) {
      return false;
    }
    go(way_[moves().size()]);
    return true;
  }

  /// Where this stands, with what could be redone: to come back to.
  struct Place {
    std::vector<Move> way;
    std::size_t taken = 0;
  };
  [[nodiscard]] Place place() const { return {way_, moves().size()}; }
  void go_to(const Place& place) {
    std::size_t common = 0;
    while (common < std::min(moves().size(), place.taken) &&
           way_[common].step == place.way[common].step) {
      ++common;
    }
    walker_.back_to(common);
    way_ = place.way;
    for (std::size_t i = common; i < place.taken; ++i) {
      walker_.take(way_[i].step);
    }
    look();
  }

  /// What may still come; nullptr when that is too large to know.
  const Outlook* outlook() {
    if (!looked_ahead_) {
      looked_ahead_ = true;
      look_ahead();
    }
    return outlook_ ? &*outlook_ : nullptr;
  }

 private:
  void go(const Move& move) {
    walker_.take(move.step);
    look();
  }

  void look() {
    next_ = walker_.next();
    outlook_.reset();
    looked_ahead_ = false;
  }

  void look_ahead() {
    const Limits limits{.states = states_max_, .go_on = {}};
    const GraphOf<World> graph(model_, limits, true, true);
    model_.restore(walker_.here());
    if (!graph.complete()) {
      return;
    }
    const std::vector<double> chances = violation_chances(graph);
    const std::vector<std::uint32_t> steps = steps_to_violation(graph);
    const auto way = [&](OrderGraph::Node node) {
      return Outlook::Way{chances[node], steps[node]};
    };
    outlook_.emplace(Outlook{way(graph.root()), {}});
    const auto labels = graph.labels(graph.root());
    RACELAB_EXPECT(labels.size() == next_.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      RACELAB_EXPECT(labels[i].step == next_[i].step);
      outlook_->next.push_back(way(graph.next(graph.root())[i]));
    }
  }

  World& model_;
  WalkerOf<World> walker_;
  std::uint64_t states_max_;
  std::vector<Move> next_;
  std::vector<Move> way_;           // the steps taken, then those that can be redone
  std::optional<Outlook> outlook_;  // of this point, when it was asked for
  bool looked_ahead_ = false;
};

}  // namespace racelab
