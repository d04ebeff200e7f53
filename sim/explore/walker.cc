// What a step of the world of strategies in C++ is called among those that are possible beside it.
#include "sim/explore/walker.h"

#include "sim/kernel/fault_rules.h"

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
  move.issues = !ends_call(step.request_fault);
  return move;
}

}  // namespace racelab
