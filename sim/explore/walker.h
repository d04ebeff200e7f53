// One execution, walked move by move, and back. Whoever follows an order walks it with this: a word that is checked, the same
// order under another strategy, a scheduler who may undo.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/explore/model.h"

namespace racelab {

/// A step with its place in an order.
struct Move {
  Step step;
  HandlerName who;
  std::uint32_t ordinal =
      0;  // among the client's live handlers, oldest first; of a dead session: among its dead ones
  std::uint32_t statement = 0;       // how many the handler had issued before
  std::vector<HandlerName> unheard;  // whose replies it loses
  bool issues = true;  // a statement is issued, or a wait or a session ends: the store is reached
};

/// The move that a step would be, as the model stands; whose replies it loses shows when it is taken.
Move move_of(const Model& model, const Step& step);

class Walker {
 public:
  /// From where the model stands. It must outlive this, and stand here() whenever this is asked.
  explicit Walker(Model& model);

  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] const Arena::Snapshot& here() const { return points_.back(); }

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
  [[nodiscard]] Trial try_out(const Step& step);

  /// Every move that is possible here, in the order of StateGraph's alternatives.
  [[nodiscard]] std::vector<Move> next();

  void take(const Step& step);
  /// Undoes all moves but the first so many.
  void back_to(std::size_t moves);

 private:
  void look();

  Model& model_;
  std::vector<Arena::Snapshot> points_;  // before each move, and here
  std::vector<Move> moves_;
  std::vector<Step> possible_;
};

}  // namespace racelab
