// A list of saved points is all that going back needs.
#include "sim/explore/walker.h"

#include "sim/kernel/expect.h"

namespace racelab {

Move move_of(const Model& model, const Step& step) {
  Move move;
  move.step = step;
  move.who = model.who(step);
  const LocalState& here = model.local(step.client);
  const bool dead = step.kind == Step::Kind::session_end;
  const auto counts = [&](const auto& view, bool view_dead) {
    const HandlerName name{step.client, view.operation, view.attempt, view.copy};
    move.ordinal += view_dead == dead && name < move.who ? 1 : 0;
  };
  for (const LocalState::HandlerView& handler : here.handlers) {
    counts(handler, handler.dead);
  }
  for (const LocalState::RequestView& request : here.requests) {
    counts(request, false);
  }
  if (step.kind != Step::Kind::request) {
    move.statement = here.handlers[step.place].statements;
  }
  move.issues = step.request_fault != Fault::lose_request;
  return move;
}

Walker::Walker(Model& model) : model_(model) { look(); }

void Walker::look() {
  model_.save(points_.emplace_back());
  possible_.clear();
  model_.alternatives(possible_);
}

Walker::Trial Walker::try_out(const Step& step) {
  Trial trial;
  trial.move = move_of(model_, step);
  const Model::Effects effects = model_.take(step);
  trial.move.unheard = model_.unheard();
  trial.replies = effects.replies;
  trial.overflows = model_.overflowed();
  model_.variants(step, effects, trial.variants);
  model_.restore(here());
  return trial;
}

std::vector<Move> Walker::next() {
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

void Walker::take(const Step& step) {
  moves_.push_back(move_of(model_, step));
  model_.take(step);
  moves_.back().unheard = model_.unheard();
  look();
}

void Walker::back_to(std::size_t moves) {
  RACELAB_EXPECT(moves <= moves_.size());
  moves_.resize(moves);
  points_.resize(moves + 1);
  model_.restore(here());
  possible_.clear();
  model_.alternatives(possible_);
}

}  // namespace racelab
