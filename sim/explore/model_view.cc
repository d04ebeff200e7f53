// Looking at a model between two steps: what each handler will ask next, without asking the store.
#include <algorithm>
#include <iterator>

#include "sim/explore/model.h"
#include "sim/explore/model_state.h"
#include "sim/kernel/expect.h"

namespace racelab {

namespace {

// The statement that a handler issues in a transition; nothing when it issues none.
const Statement* asked_in(const Transition& transition, std::size_t handler) {
  const auto ask = std::find_if(
      transition.actions.begin(), transition.actions.end(), [handler](const Action& action) {
        return action.kind == Action::Kind::ask && action.handler == handler;
      });
  return ask == transition.actions.end() ? nullptr : ask->statement;
}

}  // namespace

const Store& Model::store() const { return state_->store; }

std::vector<Model::View> Model::views(std::size_t client) {
  Process& process = *processes_[client];
  const LocalState& here = local(client);
  const auto name = [client](const auto& view) {
    return HandlerName{static_cast<std::uint8_t>(client), view.operation, view.attempt, view.copy};
  };
  const auto statement_cue = [](std::size_t place) {
    return Cue{.kind = Cue::Kind::statement, .place = static_cast<std::uint8_t>(place)};
  };
  // A client's live ones stand together, in the order they started.
  const auto first = std::find_if(state_->live.begin(), state_->live.end(),
                                  [client](const Live& live) { return live.client == client; });
  std::vector<View> views;
  for (std::size_t place = 0; place < here.handlers.size(); ++place) {
    const LocalState::HandlerView& handler = here.handlers[place];
    const Live& live = *std::next(first, static_cast<std::ptrdiff_t>(place));
    View view{.who = name(handler),
              .session = live.session,
              .waits = handler.asks,
              .dead = handler.dead,
              .slow = handler.slow};
    const Statement* statement = handler.dead ? nullptr : live.asked;
    if (handler.ready) {
      statement = asked_in(process.transition(here, statement_cue(place)), place);
    }
    if (statement != nullptr) {
      view.statement = resolve(*statement, live);
    }
    views.push_back(view);
  }
  for (std::size_t place = 0; place < here.requests.size(); ++place) {
    View view{.who = name(here.requests[place])};
    const Cue arrives{.kind = Cue::Kind::request, .place = static_cast<std::uint8_t>(place)};
    const LocalState& started = *process.transition(here, arrives).to;
    const std::size_t handler = here.handlers.size();  // the last one, if it needs a statement
    if (started.handlers.size() > handler && started.handlers[handler].ready) {
      const Statement* asked =
          asked_in(process.transition(started, statement_cue(handler)), handler);
      RACELAB_EXPECT(asked != nullptr);
      view.statement = *asked;  // it has seen no version yet
    }
    views.push_back(view);
  }
  std::sort(views.begin(), views.end(), [](const View& a, const View& b) { return a.who < b.who; });
  return views;
}

}  // namespace racelab
