// after() is the one question; the rest are its formulas.
#include "sim/client/retry_policy.h"

#include <algorithm>

#include "sim/client/polly_jitter.h"

namespace racelab {

namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t all_parts = 1'000'000'000;
constexpr Duration longest = seconds(1'000'000);  // so that nothing overflows where there is no cap

Duration times(Duration span, std::int64_t parts_per_billion) {
  const Wide product = Wide{span.microseconds} * parts_per_billion / all_parts;
  return {static_cast<std::int64_t>(std::min<Wide>(product, longest.microseconds))};
}

Duration shorter(Duration a, Duration b) {
  return a == Duration{} ? b : b == Duration{} ? a : std::min(a, b);
}

}  // namespace

RetryState RetryPolicy::start() const {
  RetryState state;
  state.slept = base;
  return state;
}

Duration RetryPolicy::patience(Duration since_start) const {
  return deadline == Duration{} ? timeout : shorter(timeout, std::max(deadline - since_start, {1}));
}

Duration RetryPolicy::capped(Duration pause) const {
  return std::min(pause, cap == Duration{} ? longest : cap);
}

std::optional<Duration> RetryPolicy::hedge_delay(std::uint32_t attempt,
                                                 Duration since_start) const {
  const Duration delay{hedge_after.value_or(0)};
  const bool too_late = deadline > Duration{} && since_start + delay >= deadline;
  return hedge_after && attempt < attempts_limit() && !too_late ? std::optional(delay)
                                                                : std::nullopt;
}

bool RetryPolicy::resends(const Failed& failed, const RetryState& state) const {
  return connection_kept && failed.failure == Failure::reset && failed.attempt == 1 &&
         !state.resent &&
         (resend == Resend::always || (resend == Resend::keyed && key != KeySent::none));
}

RetryPolicy::Next RetryPolicy::after(const Failed& failed, RetryState& state,
                                     const Draw& draw) const {
  if (resends(failed, state)) {
    state.resent = true;
    return {.again = true, .resend = true};
  }
  const auto kind = static_cast<std::size_t>(failed.failure);
  const auto retry = static_cast<std::uint32_t>(failed.attempt - (state.resent ? 1 : 0));
  const std::optional<std::uint32_t>& most = retries_max[kind];
  if (!retry_on.contain(failed.failure) || retry >= attempts_limit() ||
      (most && state.counts[kind] >= *most)) {
    return {};
  }
  if (most) {
    ++state.counts[kind];
  }
  Next next{.again = true, .pauses = backoff != Backoff::none && !hedge_after};
  next.pause = next.pauses ? back_off(retry, failed.failure, state, draw) : Duration{};
  if (failed.retry_after > Duration{} && retry_after != RetryAfter::ignored) {
    if (retry_after_end > Duration{} && failed.retry_after > retry_after_end) {
      return {};
    }
    Duration asked = shorter(failed.retry_after, retry_after_max);
    if (retry_after_slack > Duration{}) {
      asked = std::min(asked, next.pause + retry_after_slack);
    }
    next.pause = retry_after == RetryAfter::replaces ? asked : std::max(asked, next.pause);
    next.pauses = true;
  }
  if (deadline > Duration{} && failed.since_start + next.pause >= deadline) {
    return {};
  }
  state.slept = next.pause;
  return next;
}

// The pause before it is spread.
Duration RetryPolicy::span(std::uint32_t retry, Duration base_of_it) const {
  const std::uint32_t power = retry - 1 + power_first;
  switch (backoff) {
    case Backoff::none:
      return {};
    case Backoff::fixed:
      return base_of_it;
    case Backoff::linear:
      return std::min(base_of_it * power, longest);
    case Backoff::quadratic:
      return std::min(base_of_it * (std::int64_t{power} * power), longest);
    case Backoff::exponential:
      break;
  }
  Duration span = base_of_it;
  const Duration enough = capped(longest);
  for (std::uint32_t i = 0; i < power && span < enough && span > Duration{}; ++i) {
    span = times(span, multiplier);
  }
  return span;
}

Duration RetryPolicy::back_off(std::uint32_t retry, Failure failure, RetryState& state,
                               const Draw& draw) const {
  if (retry == 1 && first) {
    return {*first};
  }
  const Duration own = base_after[static_cast<std::size_t>(failure)];
  const Duration base_of_it = own > Duration{} ? own : base;
  const Duration plain = span(retry, base_of_it);
  const Duration before = capped(plain);
  Duration pause = before;
  switch (jitter) {
    case Jitter::none:
      break;
    case Jitter::full:
      pause = draw({}, before);
      break;
    case Jitter::equal:
      pause = draw(before / 2, before);
      break;
    case Jitter::decorrelated:
      pause = capped(draw(capped(base_of_it), state.slept * 3));
      break;
    case Jitter::factor: {
      const Duration from = factor_after_cap ? before : plain;
      const Duration drawn = draw(times(from, factor_low), times(from, factor_high));
      pause = factor_after_cap ? drawn : capped(drawn);
      break;
    }
    case Jitter::addend:
      pause = draw(before, before + addend);
      break;
    case Jitter::polly:
      pause = capped(polly_pause(retry, base_of_it, draw, state.polly_before));
      break;
  }
  return std::max(pause, floor);
}

}  // namespace racelab
