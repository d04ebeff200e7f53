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

void RetryBudget::add_operation() {
  tokens_ = std::min(full(), tokens_ + std::int64_t{settings_.share.value_or(0)});
}

bool RetryBudget::take() {
  if (!settings_.share) {
    return true;
  }
  if (tokens_ <= token) {
    return false;
  }
  tokens_ -= token;
  return true;
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
    : settings_(settings), last_(ArenaAllocator<std::uint8_t>(arena)) {
  if (settings.kind == BreakerKind::calls) {
    last_.resize(settings.window, 0);
  }
}

CallBreaker::Pass CallBreaker::ask(Instant now) {
  if (settings_.kind != BreakerKind::calls || state_ == State::closed) {
    return Pass::granted;
  }
  if (state_ == State::open && now >= opened_ + settings_.open_for) {
    state_ = State::half_open;
    return Pass::probe;
  }
  return Pass::refused;
}

void CallBreaker::add_outcome(Pass pass, bool ok, Instant now) {
  if (settings_.kind != BreakerKind::calls) {
    return;
  }
  if (pass == Pass::probe) {
    if (ok) {
      close();
    } else {
      open(now);
    }
  } else if (state_ == State::closed) {
    count(ok);
    const std::uint64_t enough = last_.empty() ? outcomes_min : last_.size();
    const std::uint64_t counted = last_.empty() ? seen_ : last_.size();
    if (seen_ >= enough && exceeds(failures_, counted, settings_.threshold)) {
      open(now);
    }
  }
}

void CallBreaker::count(bool ok) {
  const std::uint8_t failure = ok ? 0 : 1;
  if (!last_.empty()) {
    std::uint8_t& place = last_[seen_ % last_.size()];
    failures_ -= place;
    place = failure;
  }
  failures_ += failure;
  ++seen_;
}

void CallBreaker::open(Instant now) {
  state_ = State::open;
  opened_ = now;
}

void CallBreaker::close() {
  state_ = State::closed;
  seen_ = failures_ = 0;
  std::fill(last_.begin(), last_.end(), std::uint8_t{0});
}

}  // namespace racelab
