// One execution, walked move by move, and back. Whoever follows an order walks it with this: a word that is checked, the same
// order under another strategy, a scheduler who may undo. One walker serves every world that can be explored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/explore/model.h"
#include "sim/kernel/expect.h"

namespace racelab {

/// A step with its place in an order.
template <class World>
struct MoveOf {
  typename World::Step step;
  typename World::Who who;
  std::uint32_t ordinal =
      0;  // among the client's live handlers, oldest first; of a dead session: among its dead ones
  std::uint32_t statement = 0;               // how many the handler had issued before
  std::vector<typename World::Who> unheard;  // whose replies it loses
  std::vector<typename World::Who> went_on;  // who, wherever several could
  bool issues = true;  // a statement is issued, or a wait or a session ends: the store is reached
};

using Move = MoveOf<Model>;

/// The move that a step would be, as the model stands; whose replies it loses shows when it is taken.
Move move_of(const Model& model, const Step& step);

/// A world is Model, or another with the same members and a move_of() of its own.
template <class World>
class WalkerOf {
 public:
  using Step = typename World::Step;
  using Move = MoveOf<World>;

  /// From where the model stands. It must outlive this, and stand here() whenever this is asked.
  explicit WalkerOf(World& model) : model_(model) { look(); }

  [[nodiscard]] const World& model() const { return model_; }
  [[nodiscard]] const typename World::Saved& here() const { return points_.back(); }

  [[nodiscard]] const typename World::Saved& start() const { return points_.front(); }

  /// The moves that were taken and not undone.
  [[nodiscard]] const std::vector<Move>& moves() const { return moves_; }
  /// The steps that are possible here, without the variants that show when one is tried.
  [[nodiscard]] const std::vector<Step>& possible() const { return possible_; }
  [[nodiscard]] bool ended() const { return possible_.empty(); }

  /// What a step would do.
  struct Trial {
    Move move;
    std::vector<Step> variants;  // of it: see Model::variants()
    unsigned replies = 0;        // that it sends
    bool overflows = false;      // one execution too many to keep account of
  };
  [[nodiscard]] Trial try_out(const Step& step) {
    Trial trial;
    trial.move = move_of(model_, step);
    const typename World::Effects effects = model_.take(step);
    note_effects(trial.move);
    trial.replies = effects.replies;
    trial.overflows = model_.overflowed();
    model_.variants(step, effects, trial.variants);
    model_.restore(here());
    return trial;
  }

  /// Every move that is possible here, in the order of the graph's alternatives.
  [[nodiscard]] std::vector<Move> next() {
    std::vector<Move> moves;
    std::vector<Step> steps = possible_;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      Trial trial = try_out(steps[i]);
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(i) + 1, trial.variants.begin(),
                   trial.variants.end());
      moves.push_back(std::move(trial.move));
    }
    return moves;
  }

  void take(const Step& step) {
    moves_.push_back(move_of(model_, step));
    model_.take(step);
    note_effects(moves_.back());
    look();
  }

  /// Undoes all moves but the first so many.
  void back_to(std::size_t moves) {
    RACELAB_EXPECT(moves <= moves_.size());
    moves_.resize(moves);
    points_.resize(moves + 1);
    model_.restore(here());
    possible_.clear();
    model_.alternatives(possible_);
  }

 private:
  void note_effects(Move& move) const {
    move.unheard = model_.unheard();
    if constexpr (requires { model_.went_on(); }) {
      move.went_on = model_.went_on();
    }
  }

  void look() {
    model_.save(points_.emplace_back());
    possible_.clear();
    model_.alternatives(possible_);
  }

  World& model_;
  std::vector<typename World::Saved> points_;  // before each move, and here
  std::vector<Move> moves_;
  std::vector<Step> possible_;
};

using Walker = WalkerOf<Model>;

}  // namespace racelab
