// Taking steps: a process's actions are carried out on the store, the store's answers are the process's next cues.
#include "sim/explore/model.h"

#include <algorithm>
#include <bit>
#include <boost/container/small_vector.hpp>
#include <utility>

#include "sim/explore/model_state.h"
#include "sim/kernel/expect.h"

namespace racelab {

namespace {

bool same_change(const Change& a, const Change& b) {
  const bool both_in_place = a.in_place.has_value() && b.in_place.has_value();
  return a.rows == b.rows && a.amounts == b.amounts && a.function == b.function &&
         a.in_place.has_value() == b.in_place.has_value() &&
         (!both_in_place ||
          (a.in_place->key == b.in_place->key && a.in_place->amount == b.in_place->amount &&
           a.in_place->where.kind == b.in_place->where.kind &&
           a.in_place->where.operand == b.in_place->where.operand &&
           a.in_place->where.divisor == b.in_place->where.divisor));
}

bool same_endpoint(const Endpoint& a, const Endpoint& b) {
  return a.strategy == b.strategy && a.protections == b.protections && a.isolation == b.isolation &&
         a.retry_on == b.retry_on && a.key_per_attempt == b.key_per_attempt;
}

std::uint32_t issued_by(const Setup& setup, std::uint32_t client) {
  const ClientSettings& settings = setup.world.clients;
  return settings.issued.empty() ? settings.operations : settings.issued[client];
}

bool interchangeable(const Setup& setup, std::uint32_t a, std::uint32_t b) {
  if (issued_by(setup, a) != issued_by(setup, b) ||
      !same_endpoint(*setup.endpoints[setup.place_in_fleet(a)],
                     *setup.endpoints[setup.place_in_fleet(b)])) {
    return false;
  }
  for (std::uint32_t number = 0; number < issued_by(setup, a); ++number) {
    if (!same_change(setup.workload->change({a, number}), setup.workload->change({b, number}))) {
      return false;
    }
  }
  return true;
}

}  // namespace

Model::Model(const Setup& setup)
    : setup_(setup),
      clients_(setup.world.clients.clients),
      operations_(setup.world.clients.operations) {
  RACELAB_EXPECT(std::size_t{clients_} * operations_ <= operations_max);
  RACELAB_EXPECT(setup.world.initial_values.size() <= rows_max);
  for (std::uint32_t client = 0; client < clients_; ++client) {
    processes_.push_back(std::make_unique<Process>(setup, client));
    std::uint32_t same = 0;
    while (same < client && !interchangeable(setup, same, client)) {
      ++same;
    }
    class_of_.push_back(same);
  }
  find_alike();
  budget_in_all_ = setup.faults.total_max.value_or(UINT32_MAX);
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const FaultSetting& fault = setup.faults.settings[kind];
    any_budget_ = any_budget_ || fault.max.value_or(fault.rate_parts_per_billion) > 0;
    budget_[kind] = fault.max.value_or(fault.rate_parts_per_billion > 0 ? UINT32_MAX : 0);
  }

  state_ = arena_.create<State>(arena_, answers_);
  if (!setup.world.service.grants_first) {
    state_->store.set_grants(this);
  }
  // What grows later would leave its old place behind, in every copy.
  const std::size_t rows = setup.world.initial_values.size();
  const std::size_t versions = rows + (std::size_t{clients_} * operations_);
  state_->store.reserve(rows, versions, clients_);
  state_->contents.reserve(versions);
  state_->applied.reserve(rows);
  state_->local.reserve(clients_);
  state_->live.reserve(clients_);
  for (const std::int64_t value : setup.world.initial_values) {
    state_->store.create_row(value);
  }
  changes_only_.resize(rows);
  amounts_.resize(std::size_t{clients_} * operations_ * rows);
  for (std::uint32_t operation = 0; operation < clients_ * operations_; ++operation) {
    const Change change =
        setup.workload->change({operation / operations_, operation % operations_});
    for (std::size_t i = 0; i < change.rows.size(); ++i) {
      amounts_[(operation * rows) + change.rows[i].number()] = change.amounts[i];
    }
    if (change.rows.size() == 1) {
      changes_only_[change.rows[0].number()] |= std::uint64_t{1} << operation;
    }
  }
  state_->contents.resize(state_->store.versions().size());
  state_->applied.resize(setup.world.initial_values.size());
  for (const auto& process : processes_) {
    state_->local.push_back(&process->initial());
  }
  for (std::uint32_t client = 0; client < clients_; ++client) {
    if (issued_by(setup, client) > 0) {
      play(client, {.kind = Cue::Kind::begin});
    }
  }
}

void Model::find_alike() {
  for (std::uint32_t client = 0; client < clients_; ++client) {
    order_.push_back(client);
    rank_.push_back(client);
  }
  colors_.resize(clients_);
  first_live_.resize(clients_);
  owner_.resize(std::size_t{clients_} * operations_);
  for (std::size_t operation = 0; operation < owner_.size(); ++operation) {
    owner_[operation] = static_cast<std::uint8_t>(operation / operations_);
  }
  has_twin_.resize(clients_);
  std::vector<std::vector<std::uint32_t>> classes(clients_);
  for (std::uint32_t client = 0; client < clients_; ++client) {
    classes[class_of_[client]].push_back(client);
  }
  for (const std::vector<std::uint32_t>& clients : classes) {
    if (clients.size() > 1) {
      alike_.push_back({clients, clients});
      for (const std::uint32_t client : clients) {
        has_twin_[client] = 1;
      }
    }
  }
}

Model::~Model() = default;  // what lies in the arena owns nothing outside it

const LocalState& Model::local(std::size_t client) const { return *state_->local[client]; }

bool Model::overflowed() const { return state_->overflowed; }

// ---- steps

std::size_t Model::first_live(std::size_t client) const {
  std::size_t index = 0;
  while (index < state_->live.size() && state_->live[index].client < client) {
    ++index;
  }
  return index;
}

Model::Live& Model::live_at(std::size_t client, std::size_t place) {
  const std::size_t index = first_live(client) + place;
  RACELAB_EXPECT(index < state_->live.size() && state_->live[index].client == client);
  return state_->live[index];
}

std::size_t Model::place_of(std::size_t live) const {
  std::size_t first = live;
  while (first > 0 && state_->live[first - 1].client == state_->live[live].client) {
    --first;
  }
  return live - first;
}

std::size_t Model::live_with(SessionId session) const {
  std::size_t index = 0;
  while (index < state_->live.size() && state_->live[index].session != session) {
    ++index;
  }
  RACELAB_EXPECT(index < state_->live.size());
  return index;
}

const Transition& Model::play(std::size_t client, const Cue& cue) {
  const Transition& transition = processes_[client]->transition(*state_->local[client], cue);
  follow(client, transition);
  return transition;
}

void Model::follow(std::size_t client, const Transition& transition) {
  state_->local[client] = transition.to;
  if (transition.to->any_settled) {
    const auto& settled = transition.to->settled;
    for (std::size_t told = 0; told < settled.size(); ++told) {
      state_->settled[told] |= settled[told] << (client * operations_);
    }
  }
  if (transition.actions.empty()) {
    return;
  }
  const std::size_t first = first_live(client);
  for (const Action& action : transition.actions) {
    if (action.kind == Action::Kind::connect) {
      const auto after = std::find_if(state_->live.begin() + static_cast<std::ptrdiff_t>(first),
                                      state_->live.end(),
                                      [client](const Live& it) { return it.client != client; });
      const auto before = static_cast<std::size_t>(after - state_->live.begin()) - first;
      Live& live = *state_->live.emplace(after);
      live.client = static_cast<std::uint8_t>(client);
      live.operation = static_cast<std::uint8_t>(action.operation);
      if (before < transition.to->handlers.size()) {  // otherwise it has ended already
        live.attempt = transition.to->handlers[before].attempt;
        live.copy = transition.to->handlers[before].copy;
      }
      live.session = state_->store.connect();
      continue;
    }
    const std::size_t index = first + action.handler;
    RACELAB_EXPECT(index < state_->live.size() && state_->live[index].client == client);
    Live& live = state_->live[index];
    switch (action.kind) {
      case Action::Kind::disconnect:
        state_->store.disconnect(live.session);
        state_->live.erase(state_->live.begin() + static_cast<std::ptrdiff_t>(index));
        break;
      case Action::Kind::start_try:
        state_->overflowed = state_->overflowed || state_->executions == executions_max;
        live.execution = static_cast<std::uint8_t>(
            std::min<std::uint32_t>(state_->executions++, executions_max - 1));
        live.seen_count = 0;
        live.rows_written = 0;
        live.stands = false;
        state_->store.set_execution(live.session, live.execution);
        break;
      case Action::Kind::execute:
        state_->store.execute(live.session, *action.statement);
        break;
      default:
        live.asked = action.statement;
        asked_and_done_ = state_->store.execute(live.session, resolve(*action.statement, live)) ==
                          Database::Progress::done;
        break;
    }
  }
}

// A statement with the version that its WHERE really checks.
const Statement& Model::resolve(const Statement& asked, const Live& live) {
  if (asked.where.kind != Where::Kind::version_is) {
    return asked;
  }
  version_checked_ = true;
  const VersionId seen = live.seen[static_cast<std::size_t>(asked.where.operand)];
  const std::uint32_t number = state_->store.versions()[seen].number;
  for (const Resolved& known : resolved_) {
    if (known.asked == &asked && known.statement.where.operand == number) {
      return known.statement;
    }
  }
  Resolved& added = resolved_.emplace_back(Resolved{&asked, asked});
  added.statement.where.operand = number;
  return added.statement;
}

// Provenance: what the version just written contains, and what a transaction that has just been committed applied.
void Model::account(std::size_t index, const StatementResult& result, bool in_transaction) {
  Live& live = state_->live[index];
  const Statement& statement = *live.asked;
  for (const SeenRow& row : result.rows) {
    state_->overflowed = state_->overflowed || live.seen_count == Live::seen_max;
    live.seen[std::min<std::size_t>(live.seen_count, Live::seen_max - 1)] = row.version;
    live.seen_count = std::min<std::uint8_t>(live.seen_count + 1, Live::seen_max);
  }
  const std::uint32_t operation = (live.client * operations_) + live.operation;
  const auto& versions = state_->store.versions();
  state_->contents.resize(versions.size());
  if (result.written != no_version && statement.keys.front().table() == Table::rows) {
    const VersionId base =
        statement.verb == Verb::update_add      ? versions[result.written].computed_from
        : statement.computed_from == no_version ? no_version
                                                : live.seen[statement.computed_from];
    Contents& contents = state_->contents[result.written];
    contents = base == no_version ? Contents{} : state_->contents[base];
    const std::uint32_t row = statement.keys.front().number();
    const std::int64_t amount = amounts_[(operation * state_->applied.size()) + row];
    live.wrote_wrong = live.wrote_wrong || base == no_version ||
                       versions[base].key != versions[result.written].key ||
                       versions[result.written].value != versions[base].value + amount;
    contents.excess += contents.has(live.execution) ? amount : 0;
    contents.add(live.execution, operation);
    live.rows_written |= std::uint64_t{1} << row;
  }
  if (in_transaction) {
    return;
  }
  const bool committed = result.error == StatementError::none && !result.rolled_back &&
                         statement.verb != Verb::rollback;
  live.stands = live.stands || (committed && live.rows_written != 0);
  for (std::uint64_t rows = committed ? live.rows_written : 0; rows != 0; rows &= rows - 1) {
    state_->applied[static_cast<std::size_t>(std::countr_zero(rows))] |= std::uint64_t{1}
                                                                         << operation;
  }
  state_->wrong = state_->wrong || (committed && live.wrote_wrong);
  live.rows_written = 0;
  live.wrote_wrong = false;
}

void Model::answer(std::size_t index) {
  const std::size_t client = state_->live[index].client;
  const SessionId session = state_->live[index].session;
  const StatementResult& result = state_->store.result(session);
  const bool in_transaction = state_->store.in_transaction(session);
  effects_.near_misses.add(near_misses_in(*state_->live[index].asked, result));
  account(index, result, in_transaction);
  state_->live[index].asked = nullptr;

  Cue cue{.kind = Cue::Kind::answer, .place = static_cast<std::uint8_t>(place_of(index))};
  const Transition* transition =
      &processes_[client]->transition(*state_->local[client], cue, result, in_transaction);
  if (transition->replied) {
    const bool too_many =
        effects_.replies == 8 && (budget_[static_cast<std::size_t>(FaultKind::lose_reply)] > 0 ||
                                  budget_[static_cast<std::size_t>(FaultKind::reset_reply)] > 0);
    state_->overflowed = state_->overflowed || too_many;  // Step::replies_lost has no bit for it
    cue.reply_fault = fault_of_reply(stepping_, effects_.replies);
    if (cue.reply_fault != Fault::none) {
      const LocalState::HandlerView& sender = local(client).handlers[cue.place];
      unheard_.push_back(
          {static_cast<std::uint8_t>(client), sender.operation, sender.attempt, sender.copy});
      transition =
          &processes_[client]->transition(*state_->local[client], cue, result, in_transaction);
      strike(kind_of(cue.reply_fault));
    }
    ++effects_.replies;
  }
  follow(client, *transition);
}

void Model::answer_woken() {
  Store& store = state_->store;
  for (std::size_t i = 0; i < store.woken().size(); ++i) {
    const SessionId session = store.woken()[i];
    answer(live_with(session));
  }
  store.clear_woken();
}

// Their order is that of their names, so that it hangs on nothing but the state.
std::size_t Model::next(std::span<const SessionId> waiters) {
  boost::container::small_vector<std::pair<HandlerName, std::size_t>, 32> named;
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    const Live& live = state_->live[live_with(waiters[i])];
    named.push_back({{live.client, live.operation, live.attempt, live.copy}, i});
  }
  std::sort(named.begin(), named.end());
  const std::size_t asked = effects_.others.size();
  std::size_t way = asked < stepping_.ways.size() ? stepping_.ways[asked] : 0;
  if (asked == Ways::size_max || named.size() > Ways::way_max + 1) {
    state_->overflowed = true;
    way = 0;
  } else {
    effects_.ways.push_back(way);
    effects_.others.push_back(named.size() - 1);
  }
  went_on_.push_back(named[way].first);
  return named[way].second;
}

const Model::Effects& Model::take(const Step& step) {
  stepping_ = step;
  unheard_.clear();
  went_on_.clear();
  effects_ = {};
  std::uint8_t place = step.place;
  if (step.kind == Step::Kind::request) {
    if (step.request_fault != Fault::none) {
      strike(kind_of(step.request_fault));
    }
    Cue cue{.kind = Cue::Kind::request, .place = step.place, .fault = step.request_fault};
    const std::size_t before = local(step.client).handlers.size();
    const Transition* transition =
        &processes_[step.client]->transition(*state_->local[step.client], cue);
    if (transition->replied) {  // a handler that needs no statement, or none: the call fails
      cue.reply_fault = fault_of_reply(step, 0);
      if (cue.reply_fault != Fault::none) {
        unheard_.push_back(who(step));
        transition = &processes_[step.client]->transition(*state_->local[step.client], cue);
        strike(kind_of(cue.reply_fault));
      }
      effects_.replies = 1;  // of no statement: it cannot be slow
    }
    follow(step.client, *transition);
    const bool started = local(step.client).handlers.size() > before;
    if (!started) {
      return effects_;
    }
    place = static_cast<std::uint8_t>(before);
  }
  switch (step.kind) {
    case Step::Kind::request:
    case Step::Kind::statement: {
      if (step.statement_fault != Fault::none) {
        strike(kind_of(step.statement_fault));
      }
      const SessionId session = live_at(step.client, place).session;
      const bool slow = local(step.client).handlers[place].slow;
      asked_and_done_ = false;
      play(step.client,
           {.kind = Cue::Kind::statement, .place = place, .fault = step.statement_fault});
      if (asked_and_done_) {
        answer(live_with(session));
        effects_.own_reply = effects_.replies > 0 && !slow;
      }
      break;
    }
    case Step::Kind::session_end:
      play(step.client, {.kind = Cue::Kind::session_end, .place = place});
      break;
    case Step::Kind::lock_timeout:
    case Step::Kind::deadlock: {
      const SessionId session = live_at(step.client, place).session;
      if (step.kind == Step::Kind::deadlock) {
        state_->store.end_deadlock(session);
      } else {
        state_->store.time_out(session);
      }
      answer(live_with(session));
      break;
    }
  }
  answer_woken();
  return effects_;
}

}  // namespace racelab
