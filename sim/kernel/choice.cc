// Timed and Replay: two short answers to the same question.
#include "sim/kernel/choice.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sim/kernel/expect.h"
#include "sim/kernel/fault_rules.h"

namespace racelab {

namespace {

// Faults strike what is on its way: requests, statements, replies.
bool is_target(Happening happening) {
  return happening >= Happening::request && happening <= Happening::reply;
}
FaultTarget target_of(Happening happening) {
  return happening == Happening::request     ? FaultTarget::request
         : happening == Happening::statement ? FaultTarget::statement
                                             : FaultTarget::reply;
}

// The four lowest bits of the index that names a fault's draw. They must stay what they are: seeds are kept. The side of a
// statement on which a session is lost came before the kinds that are after lose_session.
constexpr std::uint32_t draw_of_side = 6;
std::uint32_t draw_of(FaultKind kind) {
  const auto number = static_cast<std::uint32_t>(kind);
  return number < draw_of_side ? number : number + 1;
}
static_assert(fault_kinds < 16);

}  // namespace

Duration Timed::draw(const DrawName& name, const Delay& delay) const {
  switch (delay.shape) {
    case Shape::exponential:
      return random_.exponential(name, delay.high);
    case Shape::normal:
      return random_.normal(
          name, {.mean = (delay.low + delay.high) / 2, .deviation = (delay.high - delay.low) / 2});
    default:
      return delay.low < delay.high ? random_.uniform(name, delay.low, delay.high) : delay.low;
  }
}

void Timed::add(Pending& pending) {
  if (pending.delay.exact()) {
    queue_.schedule(pending, queue_.now() + pending.delay.low);
  } else {
    add_drawn(pending);
  }
}

void Timed::add_drawn(Pending& pending) {
  const Delay& delay = pending.delay;
  const Duration drawn = draw(pending.name, delay);
  const bool bound = delay.at_most > Duration{} && drawn > delay.at_most;
  queue_.schedule(pending, queue_.now() + (bound ? delay.at_most : drawn));
}

Occurrence Timed::decide() {
  auto* pending = static_cast<Pending*>(queue_.pop());
  if (pending == nullptr) {
    return {};
  }
  set_now(queue_.now());
  return {pending,
          is_target(pending->happening) && !pending->immune ? strike(*pending) : Fault::none};
}

bool Timed::strikes(const Pending& pending, FaultKind kind) {
  const FaultSetting& setting = plan_[kind];
  std::uint32_t& struck = struck_[static_cast<std::size_t>(kind)];
  if (setting.rate_parts_per_billion == 0 || (setting.max && struck >= *setting.max) ||
      (plan_.total_max && struck_in_all_ >= *plan_.total_max)) {
    return false;
  }
  DrawName name = pending.name;
  name.purpose = Purpose::fault;
  name.index = (pending.name.index << 4U) | draw_of(kind);
  if (!random_.strikes(name, setting.rate_parts_per_billion)) {
    return false;
  }
  ++struck;
  ++struck_in_all_;
  return true;
}

Fault Timed::strike(const Pending& pending) {
  const FaultTarget target = target_of(pending.happening);
  for (const FaultRule& rule : fault_rules) {
    if (rule.target != target || rule.fault == Fault::lose_session_after ||
        !strikes(pending, rule.kind)) {
      continue;
    }
    if (rule.kind != FaultKind::lose_session) {
      return rule.fault;
    }
    // Both sides of a lost session are one draw, and which one it is another.
    DrawName side = pending.name;
    side.purpose = Purpose::fault;
    side.index = (pending.name.index << 4U) | draw_of_side;
    const bool after = plan_.session_loss == SessionLoss::after ||
                       (plan_.session_loss == SessionLoss::either && random_.bits(side) % 2 == 1);
    return after ? Fault::lose_session_after : Fault::lose_session_before;
  }
  return Fault::none;
}

void Timed::restart(std::uint64_t seed, const FaultPlan& plan) {
  queue_.reset();
  random_ = Random{seed};
  plan_ = plan;
  struck_ = {};
  struck_in_all_ = 0;
  set_now({});
}

namespace {

// A handler by age, and which delivery of its attempt it serves: a message counts deliveries in its index, a statement above
// its place.
std::uint32_t copy_of(const Pending& pending) {
  return pending.happening == Happening::request || pending.happening == Happening::reply
             ? pending.name.index
             : pending.name.index >> 16U;
}
DrawName handler_of(const Pending& pending) {
  return {pending.name.client, pending.name.operation, pending.name.attempt, Purpose::fault,
          copy_of(pending)};
}
auto age(const DrawName& handler) {
  return std::tie(handler.operation, handler.attempt, handler.index);
}
bool same_handler(const DrawName& a, const DrawName& b) {
  return a.client == b.client && age(a) == age(b);
}

}  // namespace

void Replay::died(const Pending& pending) {
  const DrawName handler = handler_of(pending);
  std::erase_if(waiting_, [&](const DrawName& other) { return same_handler(other, handler); });
}

std::size_t Replay::who_goes_on(std::span<const DrawName> waiters) {
  if (going_on_.empty()) {
    return 0;
  }
  const DrawName next = going_on_.front();
  going_on_.erase(going_on_.begin());
  const auto found = std::find_if(waiters.begin(), waiters.end(), [&next](const DrawName& waiter) {
    return same_handler(waiter, next);
  });
  return found == waiters.end() ? 0 : static_cast<std::size_t>(found - waiters.begin());
}

void Replay::add(Pending& pending) {
  if (pending.happening != Happening::lock_timeout && pending.happening != Happening::timeout &&
      pending.happening != Happening::deadlock_check) {
    died(pending);  // if it waited, it waits no longer
  }
  offered_.push_back(&pending);
}

void Replay::take_back(Pending& pending) {
  const auto place = std::find(offered_.begin(), offered_.end(), &pending);
  RACELAB_EXPECT(place != offered_.end());
  offered_.erase(place);
}

Occurrence Replay::decide() {
  for (Pending* pending : offered_) {
    const bool private_step = pending->happening == Happening::request ||
                              pending->happening == Happening::reply ||
                              only_takes_time(pending->happening) ||
                              (pending->happening == Happening::timeout && pending->certain);
    if (private_step) {
      return take(*pending);
    }
  }
  Pending* chosen = next_turn();
  for (const Happening last : {Happening::statement, Happening::session_end,
                               Happening::deadlock_check, Happening::lock_timeout}) {
    chosen = chosen != nullptr ? chosen : first_of(last);
  }
  if (chosen == nullptr) {
    return {};
  }
  set_now(now() + milliseconds(1));
  return take(*chosen);
}

Occurrence Replay::take(Pending& pending) {
  take_back(pending);
  const Fault fault = planned(pending);
  // A session that is lost ends its handler; whether it must wait before that does not show.
  const bool ends = fault == Fault::crash || fault == Fault::lose_session_before ||
                    fault == Fault::lose_session_after;
  if (pending.happening == Happening::statement && !ends) {
    waiting_.push_back(handler_of(pending));
  }
  return {&pending, fault};
}

Pending* Replay::next_turn() {
  for (auto held = held_.begin(); held != held_.end(); ++held) {
    if (Pending* pending = ready(*held)) {
      going_on_ = held->went_on;
      held_.erase(held);
      return pending;
    }
  }
  while (next_turn_ < order_.turns.size()) {
    const Order::Turn& turn = order_.turns[next_turn_++];
    if (Pending* pending = ready(turn)) {
      going_on_ = turn.went_on;
      return pending;
    }
    held_.push_back(turn);
  }
  return nullptr;
}

Pending* Replay::ready(const Order::Turn& turn) const {
  if (turn.whose) {
    const auto found = std::find_if(offered_.begin(), offered_.end(), [&turn](const Pending* it) {
      return it->happening == turn.happening && same_handler(handler_of(*it), *turn.whose);
    });
    return found == offered_.end() ? nullptr : *found;
  }
  struct Live {
    DrawName handler;
    Pending* pending;  // nullptr: it waits
  };
  std::vector<Live> live;
  for (Pending* pending : offered_) {
    const bool counts = turn.happening == Happening::session_end
                            ? pending->happening == Happening::session_end
                            : pending->happening == Happening::statement;
    if (counts && pending->name.client == turn.client) {
      live.push_back({handler_of(*pending), pending});
    }
  }
  const auto add_waiting = [&](const DrawName& handler) {
    const bool known = std::any_of(live.begin(), live.end(), [&handler](const Live& other) {
      return same_handler(other.handler, handler);
    });
    if (turn.happening != Happening::session_end && handler.client == turn.client && !known) {
      live.push_back({handler, nullptr});
    }
  };
  std::for_each(waiting_.begin(), waiting_.end(), add_waiting);
  for (const Pending* pending : offered_) {
    if (pending->happening == Happening::lock_timeout) {
      add_waiting(handler_of(*pending));
    }
  }
  std::sort(live.begin(), live.end(),
            [](const Live& a, const Live& b) { return age(a.handler) < age(b.handler); });
  if (turn.handler >= live.size()) {
    return nullptr;
  }
  const Live& meant = live[turn.handler];
  if (turn.happening != Happening::lock_timeout) {
    return meant.pending;
  }
  const auto timeout = std::find_if(offered_.begin(), offered_.end(), [&](const Pending* pending) {
    return pending->happening == Happening::lock_timeout &&
           same_handler(handler_of(*pending), meant.handler);
  });
  return timeout == offered_.end() ? nullptr : *timeout;
}

Pending* Replay::first_of(Happening happening) const {
  Pending* first = nullptr;
  for (Pending* pending : offered_) {
    if (pending->happening == happening &&
        (first == nullptr || pending->name.client < first->name.client)) {
      first = pending;
    }
  }
  return first;
}

Fault Replay::planned(const Pending& pending) {
  if (pending.immune) {
    return Fault::none;
  }
  const auto fits = [&pending](const Order::Strike& strike) {
    const bool same_attempt =
        strike.client == pending.name.client && strike.operation == pending.name.operation &&
        strike.attempt == pending.name.attempt && strike.copy == copy_of(pending);
    const bool that_statement = strike.statement.value_or(0) == (pending.name.index & 0xFFFFU);
    const bool before_statement = strike.fault == Fault::slow_call && strike.statement;
    const FaultTarget target =
        before_statement ? FaultTarget::statement : rule_of(strike.fault).target;
    return same_attempt && is_target(pending.happening) && target == target_of(pending.happening) &&
           (target != FaultTarget::statement || that_statement);
  };
  const auto strike = std::find_if(order_.strikes.begin(), order_.strikes.end(), fits);
  if (strike == order_.strikes.end()) {
    return Fault::none;
  }
  const Fault fault = strike->fault;
  order_.strikes.erase(strike);
  return fault;
}

std::size_t Replay::unused() const {
  return held_.size() + (order_.turns.size() - next_turn_) + order_.strikes.size();
}

}  // namespace racelab
