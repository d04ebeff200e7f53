// What each client's next steps have to do with, and what it may still come to: learned from what it was seen to do. As long as
// a statement teaches something new, what was left out before it may have mattered (refine_touches).
#include "sim/explore/model_state.h"

namespace racelab {

namespace {

// A client's bit for each row that it has to do with; a row that is not there is nobody's.
void note(std::uint64_t rows, std::uint32_t client, std::vector<std::uint64_t>& by_row) {
  for (std::size_t row = 0; row < by_row.size() && (rows >> row) != 0; ++row) {
    by_row[row] |= ((rows >> row) & 1U) << client;
  }
}

}  // namespace

bool Model::refine_touches() {
  std::uint64_t learned = 0;
  for (const auto& process : processes_) {
    learned += process->touches_learned();
  }
  if (learned == touches_learned_ && !reach_.empty()) {
    return false;
  }
  touches_learned_ = learned;
  reach_.assign(clients_, {});
  // Interchangeable clients may do whatever one of them was seen to do.
  std::vector<Touches> touched(std::size_t{clients_} * operations_);
  for (std::uint32_t client = 0; client < clients_; ++client) {
    for (std::uint32_t operation = 0; operation < operations_; ++operation) {
      touched[(class_of_[client] * operations_) + operation] |=
          processes_[client]->touched(operation);
    }
  }
  const bool refined = touched != touched_;
  touched_ = std::move(touched);
  return refined;
}

const Model::Reach& Model::reach_of(std::uint32_t client) {
  const LocalState& here = local(client);
  std::vector<Reach>& known = reach_[client];
  if (known.size() <= here.number) {
    known.resize(here.number + std::size_t{1});
  }
  Reach& it = known[here.number];
  if (it.known) {
    return it;
  }
  it.known = true;
  const std::uint64_t settled = here.settled[0] | here.settled[1] | here.settled[2];
  for (std::uint32_t operation = 0; operation < here.told.size(); ++operation) {
    if (((settled >> operation) & 1U) == 0) {
      it.future |= touched_[(class_of_[client] * operations_) + operation];
    }
  }
  Process& process = *processes_[client];
  bool anything = it.future.snapshot;  // a snapshot has to do with all that it will be asked for
  for (const LocalState::Option& option : here.options) {
    const Transition* next = nullptr;
    if (option.kind == Cue::Kind::request || option.kind == Cue::Kind::statement) {
      next = &process.transition(here, {.kind = option.kind, .place = option.place});
      it.next |= next->touches;
    }
    if (option.kind == Cue::Kind::request && next->to->handlers.size() > here.handlers.size()) {
      const auto started = static_cast<std::uint8_t>(here.handlers.size());
      it.next |=
          process.transition(*next->to, {.kind = Cue::Kind::statement, .place = started}).touches;
    }
    anything = anything || option.kind == Cue::Kind::answer;  // it waits, and is woken by others
  }
  if (anything) {
    it.next = it.future;
  }
  return it;
}

void Model::keep_enough(std::vector<Step>& steps) {
  meetings_.assign(clients_, {});
  for (const Step& step : steps) {
    ++meetings_[step.client].alternatives;
  }
  next_.resize(clients_);
  may_read_.assign(state_->applied.size(), 0);
  may_write_.assign(state_->applied.size(), 0);
  for (std::uint32_t client = 0; client < clients_; ++client) {
    const Reach& reach = reach_of(client);
    next_[client] = reach.next;
    note(reach.future.reads, client, may_read_);
    note(reach.future.writes, client, may_write_);
  }
  // Whatever a handler does next may end its transaction, and give up what it holds.
  for (std::size_t index = 0; index < state_->applied.size(); ++index) {
    const SessionId holder = state_->store.row(index).holder;
    if (holder != no_session) {
      next_[state_->live[live_with(holder)].client].writes |= std::uint64_t{1} << index;
    }
  }
  for (std::uint32_t client = 0; client < clients_; ++client) {
    std::uint64_t& meets = meetings_[client].meets;
    for (std::size_t row = 0; row < state_->applied.size(); ++row) {
      const bool writes = ((next_[client].writes >> row) & 1U) != 0;
      const bool reads = ((next_[client].reads >> row) & 1U) != 0;
      meets |= writes ? may_read_[row] | may_write_[row] : reads ? may_write_[row] : 0;
    }
    meets &= ~(std::uint64_t{1} << client);
  }
  const std::uint64_t enough = enough_clients(meetings_);
  std::erase_if(steps, [enough](const Step& step) { return ((enough >> step.client) & 1U) == 0; });
}

}  // namespace racelab
