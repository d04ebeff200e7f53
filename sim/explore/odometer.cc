// A step of an order is several happenings of the world: a request, a statement, the replies, and the clients' own doings.
// The wheels are turned only between two steps.
#include "sim/explore/odometer.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <tuple>

#include "sim/kernel/expect.h"

namespace racelab {

namespace {

// A message counts deliveries in its index, what a handler has pending above its place.
HandlerName name_of(const Pending& pending) {
  const bool message =
      pending.happening == Happening::request || pending.happening == Happening::reply;
  const std::uint32_t copy = message ? pending.name.index : pending.name.index >> 16U;
  return {static_cast<std::uint8_t>(pending.name.client), pending.name.operation,
          pending.name.attempt, static_cast<std::uint8_t>(copy)};
}

Step::Kind kind_of_step(Happening happening) {
  switch (happening) {
    case Happening::request:
      return Step::Kind::request;
    case Happening::lock_timeout:
      return Step::Kind::lock_timeout;
    case Happening::deadlock_check:
      return Step::Kind::deadlock;
    case Happening::session_end:
      return Step::Kind::session_end;
    default:
      return Step::Kind::statement;
  }
}

// The fault of a kind that strikes requests.
Fault fault_of_request(FaultKind kind) {
  return kind == FaultKind::refuse_call  ? Fault::refuse_call
         : kind == FaultKind::reset_call ? Fault::reset_call
         : kind == FaultKind::fail_call  ? Fault::fail_call
                                         : Fault::lose_request;
}

// Whether a request's fault leaves no handler to start.
bool ends(Fault fault) { return fault != Fault::none && fault != Fault::duplicate_delivery; }

}  // namespace

Odometer::Odometer(const FaultPlan& faults, std::uint64_t steps_max)
    : steps_max_(steps_max),
      session_loss_(faults.session_loss),
      budget_in_all_(faults.total_max.value_or(UINT32_MAX)) {
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const FaultSetting& fault = faults.settings[kind];
    budget_[kind] = fault.max.value_or(fault.rate_parts_per_billion > 0 ? UINT32_MAX : 0);
  }
}

bool Odometer::next_order(bool violated) {
  RACELAB_EXPECT(offered_.empty());
  taken_.clear();
  slow_.clear();
  struck_ = {};
  struck_in_all_ = 0;
  cut_ = false;
  set_now({});
  if (!started_) {
    started_ = true;
    return true;
  }
  chance_ = violated ? 1 : 0;
  while (!wheels_.empty()) {
    Wheel& wheel = wheels_.back();
    wheel.sum += chance_;
    if (++wheel.place < wheel.alternatives.size()) {
      return true;
    }
    chance_ = wheel.sum / static_cast<double>(wheel.alternatives.size());
    wheels_.pop_back();
  }
  return false;
}

void Odometer::take_back(Pending& pending) {
  offered_.erase(std::find(offered_.begin(), offered_.end(), &pending));
}

// ---- budgets

std::uint32_t Odometer::left(FaultKind kind) const {
  const auto place = static_cast<std::size_t>(kind);
  return std::min(budget_[place] - struck_[place], budget_in_all_ - struck_in_all_);
}

void Odometer::strike(Fault fault) {
  if (fault != Fault::none) {
    ++struck_[static_cast<std::size_t>(kind_of(fault))];
    ++struck_in_all_;
  }
}

// ---- what happens next

Occurrence Odometer::decide() {
  if (current_.starts) {
    if (Pending* work = pending_of(current_.who, Happening::work)) {
      return take(*work, Fault::none);
    }
    current_.starts = false;
    if (Pending* statement = pending_of(current_.who, Happening::statement)) {
      current_.issues = true;
      return take(*statement, taken_.back().statement_fault);
    }
  }
  if (Pending* pending = private_happening()) {
    const bool reply = pending->happening == Happening::reply;
    return take(*pending, reply ? fault_of_reply(*pending) : Fault::none);
  }
  if (!taken_.empty()) {
    end_step();
  }
  find_options();
  if (options_.empty()) {
    return {};
  }
  if (taken_.size() == steps_max_) {
    cut_ = true;
    return {};
  }
  if (taken_.size() == wheels_.size()) {
    wheels_.push_back(new_wheel());
  }
  const Wheel& wheel = wheels_[taken_.size()];
  const Alternative& chosen = wheel.alternatives[wheel.place];
  RACELAB_EXPECT(chosen.option < options_.size());  // the same choices lead to the same place
  Pending& pending = *options_[chosen.option];
  const Step::Kind kind = kind_of_step(pending.happening);
  current_ = {.who = name_of(pending),
              .issues = kind == Step::Kind::statement,
              .starts = kind == Step::Kind::request && !ends(chosen.request_fault)};
  taken_.push_back({.who = current_.who,
                    .kind = kind,
                    .request_fault = chosen.request_fault,
                    .statement_fault = chosen.statement_fault,
                    .replies_lost = chosen.replies_lost,
                    .replies_reset = chosen.replies_reset,
                    .ways = chosen.ways});
  set_now(now() + milliseconds(1));
  return take(pending, kind == Step::Kind::request ? chosen.request_fault : chosen.statement_fault);
}

Occurrence Odometer::take(Pending& pending, Fault fault) {
  take_back(pending);
  strike(fault);
  if (fault == Fault::slow_call) {
    slow_.push_back(name_of(pending));
  }
  return {&pending, fault};
}

// What touches nothing shared happens at once, in the order that it became possible. A request waits for its turn: it
// starts with the first statement of its handler.
Pending* Odometer::private_happening() const {
  const auto found = std::find_if(offered_.begin(), offered_.end(), [](const Pending* pending) {
    return pending->happening == Happening::reply || only_takes_time(pending->happening) ||
           (pending->happening == Happening::timeout && pending->certain);
  });
  return found == offered_.end() ? nullptr : *found;
}

Pending* Odometer::pending_of(const HandlerName& who, Happening happening) const {
  const auto found = std::find_if(offered_.begin(), offered_.end(), [&](const Pending* pending) {
    return pending->happening == happening && name_of(*pending) == who;
  });
  return found == offered_.end() ? nullptr : *found;
}

Fault Odometer::fault_of_reply(const Pending& reply) {
  if (reply.immune) {
    return Fault::none;
  }
  const std::uint32_t number = current_.replies++;
  current_.own_reply = current_.own_reply || name_of(reply) == current_.who;
  const bool reset = ((taken_.back().replies_reset >> number) & 1U) != 0;
  const bool lost = ((taken_.back().replies_lost >> number) & 1U) != 0;
  return reset ? Fault::reset_reply : lost ? Fault::lose_reply : Fault::none;
}

// ---- the wheels

void Odometer::find_options() {
  options_.clear();
  for (Pending* pending : offered_) {
    if (pending->happening != Happening::timeout) {
      options_.push_back(pending);
    }
  }
  std::sort(options_.begin(), options_.end(),
            [](const Pending* a, const Pending* b) { return name_of(*a) < name_of(*b); });
}

Odometer::Wheel Odometer::new_wheel() const {
  Wheel wheel;
  for (std::size_t option = 0; option < options_.size(); ++option) {
    const Pending& pending = *options_[option];
    Alternative alternative{.option = option};
    wheel.alternatives.push_back(alternative);
    const bool request = pending.happening == Happening::request;
    if (pending.happening == Happening::statement) {
      const std::vector<Alternative> struck = with_statement_faults(alternative);
      wheel.alternatives.insert(wheel.alternatives.end(), struck.begin(), struck.end());
    }
    for (const FaultKind kind : {FaultKind::lose_request, FaultKind::refuse_call,
                                 FaultKind::reset_call, FaultKind::fail_call}) {
      if (request && !pending.immune && left(kind) > 0) {
        alternative.request_fault = fault_of_request(kind);
        wheel.alternatives.push_back(alternative);
      }
    }
    if (request && !pending.immune && left(FaultKind::duplicate_delivery) > 0) {
      alternative.request_fault = Fault::duplicate_delivery;
      wheel.alternatives.push_back(alternative);
    }
  }
  return wheel;
}

std::vector<Odometer::Alternative> Odometer::with_statement_faults(Alternative alternative) const {
  std::vector<Alternative> all;
  const auto add = [&](FaultKind kind, Fault fault) {
    if (left(kind) > 0) {
      alternative.statement_fault = fault;
      all.push_back(alternative);
    }
  };
  add(FaultKind::crash, Fault::crash);
  if (session_loss_ != SessionLoss::after) {
    add(FaultKind::lose_session, Fault::lose_session_before);
  }
  if (session_loss_ != SessionLoss::before) {
    add(FaultKind::lose_session, Fault::lose_session_after);
  }
  return all;
}

// In the order of their names.
std::size_t Odometer::who_goes_on(std::span<const DrawName> waiters) {
  std::vector<std::size_t> places(waiters.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::sort(places.begin(), places.end(), [&waiters](std::size_t a, std::size_t b) {
    const auto key = [&waiters](std::size_t place) {
      const DrawName& name = waiters[place];
      return std::tuple(name.client, name.operation, name.attempt, name.index);
    };
    return key(a) < key(b);
  });
  const std::vector<std::uint8_t>& given = taken_.back().ways;
  const std::size_t asked = current_.ways.size();
  current_.ways.push_back(asked < given.size() ? given[asked] : std::uint8_t{0});
  current_.others.push_back(static_cast<std::uint8_t>(waiters.size() - 1));
  return places[current_.ways.back()];
}

// Wherever the step could have gone another way than the first, which nobody had told it.
void Odometer::add_other_ways() {
  Wheel& wheel = wheels_[taken_.size() - 1];
  if (wheel.alternatives[wheel.place].went) {
    return;
  }
  wheel.alternatives[wheel.place].went = true;
  Alternative other = wheel.alternatives[wheel.place];
  other.grown = other.went = false;
  const std::size_t given = other.ways.size();
  for (std::size_t i = given; i < current_.others.size(); ++i) {
    for (std::uint8_t way = 1; way <= current_.others[i]; ++way) {
      other.ways.assign(current_.ways.begin(),
                        current_.ways.begin() + static_cast<std::ptrdiff_t>(i));
      other.ways.push_back(way);
      wheel.alternatives.insert(
          wheel.alternatives.begin() + static_cast<std::ptrdiff_t>(wheel.place) + 1, other);
    }
  }
}

// Now it is known which replies the step has sent: they may be lost, and if the handler has ended, it may be slow instead. And
// whether a request has led to a statement: that may be struck.
void Odometer::end_step() {
  add_other_ways();
  Wheel& wheel = wheels_[taken_.size() - 1];
  Alternative& done = wheel.alternatives[wheel.place];
  if (done.grown || done.replies_lost != 0) {
    return;
  }
  done.grown = true;
  const Alternative plain = done;
  auto place = wheel.alternatives.begin() + static_cast<std::ptrdiff_t>(wheel.place) + 1;
  const auto insert = [&](const Alternative& variant) {
    place = wheel.alternatives.insert(place, variant) + 1;
  };
  // A digit for each reply, to base 3: it arrives, it is lost, the connection is reset.
  std::uint32_t fates = 1;
  const bool any_left = left(FaultKind::lose_reply) + left(FaultKind::reset_reply) > 0;
  for (std::uint32_t reply = 0; any_left && reply < current_.replies; ++reply) {
    fates *= 3;
  }
  for (std::uint32_t fate = 1; fate < fates; ++fate) {
    Alternative variant = plain;
    variant.ways = current_.ways;
    variant.went = false;
    std::uint32_t digits = fate;
    for (std::uint32_t reply = 0; reply < current_.replies; ++reply, digits /= 3) {
      variant.replies_lost |= digits % 3 > 0 ? 1U << reply : 0U;
      variant.replies_reset |= digits % 3 > 1 ? 1U << reply : 0U;
    }
    const auto not_heard = static_cast<std::uint32_t>(std::popcount(variant.replies_lost));
    const auto reset = static_cast<std::uint32_t>(std::popcount(variant.replies_reset));
    if (not_heard - reset <= left(FaultKind::lose_reply) && reset <= left(FaultKind::reset_reply) &&
        not_heard <= budget_in_all_ - struck_in_all_) {
      insert(variant);
    }
  }
  const bool slow = std::find(slow_.begin(), slow_.end(), current_.who) != slow_.end();
  if (current_.issues && current_.own_reply && !slow && plain.statement_fault == Fault::none &&
      plain.ways.empty() && left(FaultKind::slow_call) > 0) {
    Alternative variant = plain;
    variant.statement_fault = Fault::slow_call;
    insert(variant);
  }
  const bool arrived = taken_.back().kind == Step::Kind::request;
  if (arrived && current_.issues && plain.statement_fault == Fault::none && plain.ways.empty()) {
    for (const Alternative& struck : with_statement_faults(plain)) {
      insert(struck);
    }
  }
}

// ---- every order

Outcome outcome_of(const RunResult& run) {
  Outcome outcome;
  for (const HistoryRow& row : run.history.rows) {
    outcome.final.push_back(row.final);
  }
  for (std::size_t told = 0; told < outcome.told.size(); ++told) {
    for (std::size_t surviving = 0; surviving < outcome.told[told].size(); ++surviving) {
      outcome.told[told][surviving] =
          static_cast<std::uint32_t>(run.judgement.told[told][surviving]);
    }
  }
  for (std::size_t anomaly = 0; anomaly < anomaly_kinds; ++anomaly) {
    outcome.anomalies[anomaly] =
        static_cast<std::uint32_t>(run.judgement.count(static_cast<Anomaly>(anomaly)));
  }
  outcome.stuck = static_cast<std::uint32_t>(run.stuck());
  outcome.invariant_broken = run.invariant_broken;
  outcome.ledger_adds_up = run.judgement.defects.empty();
  return outcome;
}

OrdersResult run_every_order(const Settings& settings, const Fleet& fleet,
                             const OrderLimits& limits) {
  constexpr std::uint64_t between_questions = 256;
  Runner runner(settings, fleet);
  Odometer odometer(settings.faults, limits.steps);
  OrdersResult result;
  std::map<Outcome, std::uint64_t> found;
  bool violated = false;
  while (odometer.next_order(violated)) {
    if (result.orders >= limits.orders) {
      result.stopped = OrdersResult::Stopped::orders;
      break;
    }
    if (limits.go_on && result.orders % between_questions == 0 && !limits.go_on(result.orders)) {
      result.stopped = OrdersResult::Stopped::asked;
      break;
    }
    const RunResult run = runner.run_under(odometer);
    if (odometer.cut() || run.end == World::End::gave_up) {
      result.stopped = OrdersResult::Stopped::steps;
      violated = false;
      continue;
    }
    const Outcome outcome = outcome_of(run);
    violated = outcome.violated();
    ++result.orders;
    result.steps += odometer.taken().size();
    result.orders_violating += violated ? 1 : 0;
    ++found[outcome];
  }
  for (const auto& [outcome, orders] : found) {
    result.outcomes.push_back(outcome);
    result.orders_by_outcome.push_back(orders);
  }
  result.uniform_scheduler = result.complete() ? odometer.uniform_scheduler() : 0;
  return result;
}

}  // namespace racelab
