// Taking steps: a process's actions are carried out on the store, the store's answers are the process's next cues.
#include "sim/explore/model.h"

#include <algorithm>
#include <bit>
#include <boost/container/small_vector.hpp>

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

unsigned Step::faults() const {
  return (request_fault != Fault::none ? 1U : 0U) + (statement_fault != Fault::none ? 1U : 0U) +
         static_cast<unsigned>(std::popcount(replies_lost));
}

bool Outcome::violated() const {
  return stuck > 0 || invariant_broken || !ledger_adds_up ||
         std::any_of(anomalies.begin(), anomalies.end(), [](std::uint32_t n) { return n > 0; });
}

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
  order_.resize(clients_);
  rank_.resize(clients_);
  colors_.resize(clients_);
  has_twin_.resize(clients_);
  std::vector<std::vector<std::uint32_t>> classes(clients_);
  for (std::uint32_t client = 0; client < clients_; ++client) {
    classes[class_of_[client]].push_back(client);
  }
  for (const std::vector<std::uint32_t>& clients : classes) {
    if (clients.size() > 1) {
      alike_.push_back(clients);
      for (const std::uint32_t client : clients) {
        has_twin_[client] = 1;
      }
    }
  }
}

Model::~Model() = default;  // what lies in the arena owns nothing outside it

const LocalState& Model::local(std::size_t client) const { return *state_->local[client]; }

bool Model::overflowed() const { return state_->overflowed; }

// ---- budgets

bool Model::budget_left(FaultKind kind) const {
  return state_->struck[static_cast<std::size_t>(kind)] < budget_[static_cast<std::size_t>(kind)] &&
         state_->struck_in_all < budget_in_all_;
}

void Model::strike(FaultKind kind) {
  ++state_->struck[static_cast<std::size_t>(kind)];
  ++state_->struck_in_all;
}

// ---- alternatives

void Model::add_statement_faults(Step step, std::vector<Step>& steps) const {
  const auto add = [&](Fault fault) {
    step.statement_fault = fault;
    steps.push_back(step);
  };
  // A step that meets one fault of the request and one of the statement needs room for both.
  const std::uint32_t already = step.request_fault != Fault::none ? 1 : 0;
  if (state_->struck_in_all + already >= budget_in_all_) {
    return;
  }
  if (budget_left(FaultKind::crash)) {
    add(Fault::crash);
  }
  if (budget_left(FaultKind::lose_session)) {
    if (setup_.faults.session_loss != SessionLoss::after) {
      add(Fault::lose_session_before);
    }
    if (setup_.faults.session_loss != SessionLoss::before) {
      add(Fault::lose_session_after);
    }
  }
}

void Model::add_request_faults(Step step, bool immune, std::vector<Step>& steps) const {
  // A handler that replies at once has no statement that could be struck.
  const LocalState& here = local(step.client);
  const Cue arrives{.kind = Cue::Kind::request, .place = step.place};
  const LocalState& there = *processes_[step.client]->transition(here, arrives).to;
  const bool asks = there.handlers.size() > here.handlers.size();
  if (asks) {
    add_statement_faults(step, steps);
  }
  if (!immune && budget_left(FaultKind::lose_request)) {
    step.request_fault = Fault::lose_request;
    steps.push_back(step);
  }
  if (!immune && budget_left(FaultKind::duplicate_delivery)) {
    step.request_fault = Fault::duplicate_delivery;
    steps.push_back(step);
    if (asks) {
      add_statement_faults(step, steps);
    }
  }
}

void Model::alternatives(std::vector<Step>& steps) const {
  for (std::uint32_t client = 0; client < clients_; ++client) {
    for (const LocalState::Option& option : state_->local[client]->options) {
      add_alternatives(client, option, steps);
    }
  }
}

void Model::add_alternatives(std::uint32_t client, const LocalState::Option& option,
                             std::vector<Step>& steps) const {
  // Field by field, in place: the processor would stall over a copy of what was put together a moment ago.
  const auto add = [&](Step::Kind kind) {
    Step& step = steps.emplace_back();
    step.client = static_cast<std::uint8_t>(client);
    step.kind = kind;
    step.place = option.place;
  };
  switch (option.kind) {
    case Cue::Kind::statement:
      add(Step::Kind::statement);
      if (any_budget_) {
        add_statement_faults(steps.back(), steps);
      }
      break;
    case Cue::Kind::request:
      add(Step::Kind::request);
      if (any_budget_) {
        add_request_faults(steps.back(), option.immune, steps);
      }
      break;
    case Cue::Kind::session_end:
      if (setup_.world.service.session_timeout > Duration{}) {
        add(Step::Kind::session_end);
      }
      break;
    default:  // a handler that waits
      if (setup_.world.service.lock_timeout > Duration{}) {
        add(Step::Kind::lock_timeout);
      }
  }
}

void Model::variants(const Step& step, const Effects& effects, std::vector<Step>& steps) const {
  if (!any_budget_ || step.replies_lost != 0 || overflowed()) {
    return;  // a step that overflowed has more replies than `replies_lost` has bits for
  }
  // The budgets are read after the step: its own faults are counted already.
  const auto lose_reply = static_cast<std::size_t>(FaultKind::lose_reply);
  const std::uint32_t left =
      std::min(budget_[lose_reply] -
                   std::min<std::uint32_t>(budget_[lose_reply], state_->struck[lose_reply]),
               budget_in_all_ - std::min(budget_in_all_, state_->struck_in_all));
  for (std::uint32_t lost = 1; lost < (1U << effects.replies); ++lost) {
    if (static_cast<std::uint32_t>(std::popcount(lost)) <= left) {
      Step variant = step;
      variant.replies_lost = static_cast<std::uint8_t>(lost);
      steps.push_back(variant);
    }
  }
  const bool issues = step.kind == Step::Kind::request || step.kind == Step::Kind::statement;
  if (issues && effects.own_reply && step.statement_fault == Fault::none &&
      budget_left(FaultKind::slow_call)) {
    Step variant = step;
    variant.statement_fault = Fault::slow_call;
    steps.push_back(variant);
  }
}

HandlerName Model::who(const Step& step) const {
  const LocalState& here = local(step.client);
  const auto name = [&step](const auto& view) {
    return HandlerName{step.client, view.operation, view.attempt, view.copy};
  };
  return step.kind == Step::Kind::request ? name(here.requests[step.place])
                                          : name(here.handlers[step.place]);
}

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
  const auto& settled = transition.to->settled;
  for (std::size_t told = 0; told < settled.size(); ++told) {
    state_->settled[told] |= settled[told] << (client * operations_);
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
      Live& live = *state_->live.emplace(after);
      live.client = static_cast<std::uint8_t>(client);
      live.operation = static_cast<std::uint8_t>(action.operation);
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
        asked_and_done_ = state_->store.execute(live.session, meant(*action.statement, live)) ==
                          Database::Progress::done;
        break;
    }
  }
}

// A statement with the version that its WHERE really checks.
const Statement& Model::meant(const Statement& statement, const Live& live) {
  if (statement.where.kind != Where::Kind::version_is) {
    return statement;
  }
  version_checked_ = true;
  const VersionId seen = live.seen[static_cast<std::size_t>(statement.where.operand)];
  const std::uint32_t number = state_->store.versions()[seen].number;
  for (const Meant& known : meant_) {
    if (known.written == &statement && known.statement.where.operand == number) {
      return known.statement;
    }
  }
  Meant& added = meant_.emplace_back(Meant{&statement, statement});
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
        effects_.replies == 8 && budget_[static_cast<std::size_t>(FaultKind::lose_reply)] > 0;
    state_->overflowed = state_->overflowed || too_many;  // Step::replies_lost has no bit for it
    cue.reply_lost = ((stepping_.replies_lost >> effects_.replies) & 1U) != 0;
    if (cue.reply_lost) {
      const LocalState::HandlerView& sender = local(client).handlers[cue.place];
      unheard_.push_back(
          {static_cast<std::uint8_t>(client), sender.operation, sender.attempt, sender.copy});
      transition =
          &processes_[client]->transition(*state_->local[client], cue, result, in_transaction);
      strike(FaultKind::lose_reply);
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

const Model::Effects& Model::take(const Step& step) {
  stepping_ = step;
  unheard_.clear();
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
    if (transition->replied) {  // a handler that needs no statement
      cue.reply_lost = (step.replies_lost & 1U) != 0;
      if (cue.reply_lost) {
        unheard_.push_back(who(step));
        transition = &processes_[step.client]->transition(*state_->local[step.client], cue);
        strike(FaultKind::lose_reply);
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
    case Step::Kind::lock_timeout: {
      const SessionId session = live_at(step.client, place).session;
      state_->store.time_out(session);
      answer(live_with(session));
      break;
    }
  }
  answer_woken();
  return effects_;
}

// ---- the end

Outcome Model::outcome() const {
  Outcome outcome;
  const Store& store = state_->store;
  for (std::uint32_t row = 0; row < state_->applied.size(); ++row) {
    const VersionId last = store.last_committed(RowKey::row(row));
    outcome.final.push_back(store.versions()[last].value);
    outcome.ledger_adds_up =
        outcome.ledger_adds_up && !state_->wrong && state_->contents[last].excess == 0;
  }
  std::uint32_t waits = 0;
  for (const Live& live : state_->live) {
    waits += store.waiting(live.session) ? 1 : 0;
  }
  for (std::uint32_t client = 0; client < clients_; ++client) {
    const LocalState& here = local(client);
    for (std::uint32_t number = 0; number < here.told.size(); ++number) {
      outcome.stuck += here.told[number] == 0 ? 1 : 0;
      if (number >= here.issued) {
        continue;  // it waits for one that is stuck
      }
      const Told told =
          here.told[number] == 0 ? Told::unknown : static_cast<Told>(here.told[number] - 1);
      const std::uint32_t operation = (client * operations_) + number;
      boost::container::static_vector<RowFate, rows_max> rows;
      const Change change = setup_.workload->change({client, number});
      for (std::uint32_t row = 0; row < state_->applied.size(); ++row) {
        const bool applied = ((state_->applied[row] >> operation) & 1U) != 0;
        const bool changes = std::find(change.rows.begin(), change.rows.end(), RowKey::row(row)) !=
                             change.rows.end();
        if (applied || changes) {
          const VersionId last = store.last_committed(RowKey::row(row));
          rows.push_back({row, applied ? 1U : 0U, state_->contents[last].count(operation)});
        }
      }
      const OperationFate fate = fate_of(told, {rows.data(), rows.size()});
      ++outcome.told[static_cast<std::size_t>(told)][std::min(fate.surviving, 2U)];
      for (std::size_t kind = 0; kind < anomaly_kinds; ++kind) {
        outcome.anomalies[kind] += fate.anomalies[kind] ? 1 : 0;
      }
    }
  }
  outcome.stuck = outcome.stuck > 0 ? outcome.stuck : waits;
  outcome.invariant_broken =
      setup_.entry->keeps_invariant != nullptr && outcome.stuck == 0 &&
      !setup_.entry->keeps_invariant(setup_.world.initial_values, outcome.final);
  return outcome;
}

}  // namespace racelab
