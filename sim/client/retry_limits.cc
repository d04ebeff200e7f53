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

bool RetryBudget::take(Failure failure) {
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

}  // namespace racelab
