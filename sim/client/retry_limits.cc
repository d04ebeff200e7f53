// Whole numbers only: a share is compared by multiplying, never by dividing.
#include "sim/client/retry_limits.h"

#include <algorithm>

namespace racelab {

namespace {

// failures / of > threshold; false of nothing.
bool exceeds(std::uint64_t failures, std::uint64_t of, std::uint32_t threshold) {
  constexpr std::uint64_t all_parts = 1'000'000'000;
  return failures * all_parts > std::uint64_t{threshold} * of;
}

}  // namespace

void RetryBudget::add(std::int64_t parts) {
  tokens_ = std::clamp<std::int64_t>(tokens_ + parts, 0, full());
}

void RetryBudget::add_operation() {
  if (settings_.filled_by == BudgetFilledBy::operation) {
    add(settings_.share.value_or(0));
  }
}

void RetryBudget::add_failure() {
  if (settings_.taken_by == BudgetTakenBy::failure) {
    add(-token);
  }
}

void RetryBudget::add_ok(std::uint32_t taken) {
  if (settings_.refund && taken > 0) {
    add(token * taken);
  } else if (settings_.filled_by == BudgetFilledBy::ok) {
    add(settings_.share.value_or(0));
  }
}

std::uint32_t RetryBudget::cost_of(Failure failure) const {
  if (!settings_.share || settings_.taken_by == BudgetTakenBy::failure) {
    return 0;
  }
  return failure == Failure::throttled && settings_.cost_throttled > 0 ? settings_.cost_throttled
                                                                       : settings_.cost;
}

bool RetryBudget::too_many_under_way() const {
  constexpr std::int64_t all_parts = 1'000'000'000;
  if (!settings_.active_share) {
    return false;
  }
  const std::int64_t share = active_ * *settings_.active_share / all_parts;
  return retries_ >= std::max<std::int64_t>(share, settings_.active_min);
}

bool RetryBudget::take(Failure failure) {
  const bool granted = !too_many_under_way() && take_tokens(failure);
  retries_ += granted ? 1 : 0;
  return granted;
}

bool RetryBudget::take_tokens(Failure failure) {
  if (!settings_.share) {
    return true;
  }
  if (settings_.taken_by == BudgetTakenBy::failure) {
    return tokens_ > std::int64_t{settings_.threshold} * settings_.burst;
  }
  const std::int64_t cost = token * cost_of(failure);
  const bool enough =
      settings_.filled_by == BudgetFilledBy::operation ? tokens_ > cost : tokens_ >= cost;
  if (enough) {
    tokens_ -= cost;
  }
  return enough;
}

RetryBreaker::RetryBreaker(Arena& arena, const BreakerSettings& settings)
    : settings_(settings), by_operation_(ArenaAllocator<std::uint32_t>(arena)) {
  if (settings.kind == BreakerKind::retries) {
    by_operation_.resize(settings.window, 0);
  }
}

void RetryBreaker::add_operation() {
  if (!by_operation_.empty()) {
    std::uint32_t& place = by_operation_[operations_ % by_operation_.size()];
    failures_ -= place;  // of the operation that leaves the window
    place = 0;
  }
  ++operations_;
}

void RetryBreaker::add_failure(std::uint32_t operation) {
  if (by_operation_.empty()) {
    ++failures_;
  } else if (operations_ - operation <= by_operation_.size()) {
    ++by_operation_[operation % by_operation_.size()];
    ++failures_;
  }
}

bool RetryBreaker::allows_retry() const {
  if (settings_.kind != BreakerKind::retries) {
    return true;
  }
  const std::uint64_t counted = by_operation_.empty()
                                    ? operations_
                                    : std::min<std::uint64_t>(operations_, by_operation_.size());
  return !exceeds(failures_, counted, settings_.threshold);
}

CallBreaker::CallBreaker(Arena& arena, const BreakerSettings& settings)
    : settings_(settings), last_(ArenaAllocator<Outcome>(arena)) {
  if (settings.kind == BreakerKind::calls) {
    last_.resize(settings.window);
  }
}

CallBreaker::Pass CallBreaker::ask(Instant now) {
  const bool acts =
      settings_.kind == BreakerKind::calls || settings_.kind == BreakerKind::consecutive;
  if (!acts || state_ == State::closed) {
    return Pass::granted;
  }
  if (state_ == State::open && now >= opened_ + settings_.open_for) {
    state_ = State::half_open;
    return Pass::probe;
  }
  return Pass::refused;
}

void CallBreaker::add_outcome(Pass pass, bool ok, Instant now) {
  if (settings_.kind != BreakerKind::calls && settings_.kind != BreakerKind::consecutive) {
    return;
  }
  if (pass == Pass::probe) {
    if (ok) {
      close();
    } else {
      open(now);
    }
  } else if (state_ == State::closed) {
    count(ok, now);
    if (has_enough()) {
      open(now);
    }
  }
}

bool CallBreaker::has_enough() const {
  if (settings_.kind == BreakerKind::consecutive) {
    return in_a_row_ >= settings_.failures_max;
  }
  const std::uint64_t counted = seen_ - forgotten_;
  const std::uint64_t usual = last_.empty() ? outcomes_min : last_.size();
  const std::uint64_t enough = settings_.volume > 0 ? settings_.volume : usual;
  return counted >= enough && exceeds(failures_, counted, settings_.threshold);
}

void CallBreaker::count(bool ok, Instant now) {
  in_a_row_ = ok ? 0 : in_a_row_ + 1;
  forget_old(now);
  if (!last_.empty()) {
    last_[seen_ % last_.size()] = {now, !ok};
  }
  failures_ += ok ? 0 : 1;
  ++seen_;
}

// Outcomes that are too old, or whose place in the ring the next one takes.
void CallBreaker::forget_old(Instant now) {
  while (!last_.empty() && forgotten_ < seen_) {
    const Outcome& oldest = last_[forgotten_ % last_.size()];
    const bool full = seen_ - forgotten_ == last_.size();
    const bool old = settings_.window_time > Duration{} && now - oldest.at > settings_.window_time;
    if (!full && !old) {
      return;
    }
    failures_ -= oldest.failed ? 1 : 0;
    ++forgotten_;
  }
}

void CallBreaker::open(Instant now) {
  state_ = State::open;
  opened_ = now;
}

void CallBreaker::close() {
  state_ = State::closed;
  seen_ = forgotten_ = failures_ = 0;
  in_a_row_ = 0;
}

std::uint32_t RetryLimits::begin() {
  budget_.add_operation();
  retry_breaker_.add_operation();
  return operations_++;
}

bool RetryLimits::may_send(LimitedAttempt& attempt, Instant now) {
  attempt.pass = call_breaker_.ask(now);
  if (attempt.pass == CallBreaker::Pass::refused) {
    not_sent(attempt);
    return false;
  }
  budget_.add_active(1);
  return true;
}

RetryLimits::Verdict RetryLimits::allows_retry(Failure failure) {
  return !retry_breaker_.allows_retry() ? Verdict::breaker
         : budget_.take(failure)        ? Verdict::allowed
                                        : Verdict::no_budget;
}

void RetryLimits::not_sent(const LimitedAttempt& attempt) {
  if (attempt.is_retry) {
    budget_.end_retry();
  }
}

void RetryLimits::leave(const LimitedAttempt& attempt) {
  budget_.add_active(-1);
  not_sent(attempt);
}

void RetryLimits::ended(const LimitedAttempt& attempt, std::uint32_t operation,
                        const std::optional<Reply>& reply, std::uint32_t tokens_taken,
                        Instant now) {
  const bool ok = reply == Reply::ok();
  leave(attempt);
  call_breaker_.add_outcome(attempt.pass, ok, now);
  if (ok) {
    budget_.add_ok(tokens_taken);
    return;
  }
  retry_breaker_.add_failure(operation);
  if (reply != Reply::refused()) {
    budget_.add_failure();
  }
}

// A probe that nobody hears of has proved nothing: the breaker stays open for another while, or it would wait for ever.
void RetryLimits::dropped(const LimitedAttempt& attempt, Instant now) {
  leave(attempt);
  if (attempt.pass == CallBreaker::Pass::probe) {
    call_breaker_.add_outcome(attempt.pass, false, now);
  }
}

}  // namespace racelab
