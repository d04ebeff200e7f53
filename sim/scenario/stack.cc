// A policy is asked what it would do, failure by failure, as a run asks it.
#include "sim/scenario/stack.h"

#include <algorithm>

#include "sim/scenario/layers.h"

namespace racelab {

namespace {

constexpr std::uint32_t all_of_them = 1'000'000'000;  // in parts per billion

// How a call fails that this strikes; none: it may be answered.
std::optional<Failure> failure_by(FaultKind fault, const Settings& settings) {
  switch (fault) {
    case FaultKind::lose_request:
    case FaultKind::lose_reply:
    case FaultKind::slow_call:
      return Failure::timeout;
    case FaultKind::refuse_call:
      return Failure::refused;
    case FaultKind::reset_call:
    case FaultKind::reset_reply:
      return Failure::reset;
    case FaultKind::fail_call:
      return failure_of(answer_of(settings.failed_call));
    default:
      return std::nullopt;
  }
}

// What the caller of a service sees, where each call that the service makes fails like that: silence, if one is in doubt.
Failure seen_by_caller(Failure failure) {
  return failure == Failure::reset ? Failure::timeout : failure;
}

// All attempts of a policy that fail alike.
struct Course {
  std::uint32_t calls = 0;
  std::optional<Duration> took{};  // none: without end
};

enum class Pauses : std::uint8_t { shortest, longest };

// `call`: how long each takes until it fails; none: as long as it is waited for. A timeout takes that in any case.
Course course_of(const RetryPolicy& policy, Failure failure, std::optional<Duration> call,
                 Pauses pauses, Duration retry_after) {
  RetryState state = policy.start();
  Duration since_start{};
  std::uint16_t attempt = 0;
  while (true) {
    ++attempt;
    const Duration patience = policy.patience(since_start);
    const bool to_the_end = failure == Failure::timeout || !call;
    if (to_the_end && patience == Duration{}) {
      return {attempt, std::nullopt};
    }
    since_start = since_start + (to_the_end               ? patience
                                 : patience == Duration{} ? *call
                                                          : std::min(*call, patience));
    const RetryPolicy::Next next = policy.after({.failure = failure,
                                                 .attempt = attempt,
                                                 .retry_after = retry_after,
                                                 .since_start = since_start},
                                                state, [pauses](Duration low, Duration high) {
                                                  return pauses == Pauses::shortest ? low : high;
                                                });
    if (!next.again) {
      return {attempt, since_start};
    }
    if (attempt == RetryPolicy::attempts_endless) {
      return {attempt, std::nullopt};
    }
    since_start = since_start + next.pause;
  }
}

// How long a caller can go on, whatever fails, each time in the last moment.
std::optional<Duration> longest(const RetryPolicy& policy) {
  Duration most{};
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    const Course course =
        course_of(policy, static_cast<Failure>(kind), std::nullopt, Pauses::longest, {});
    if (!course.took) {
      return std::nullopt;
    }
    most = std::max(most, *course.took);
  }
  return most;
}

// What a caller may see of a call, and how soon: failures, and the shortest and the longest time until then.
struct Seen {
  Failures failures;
  Duration least{};
  std::optional<Duration> most = Duration{};  // none: without end
};

// Who waits for less than that sees a timeout instead, or may see one.
Failures seen_within(Duration patience, const Seen& seen) {
  const Failures timeout{Failure::timeout};
  if (patience == Duration{} || (seen.most && *seen.most <= patience)) {
    return seen.failures;
  }
  return seen.least > patience ? timeout : Failures::of_bits(seen.failures.bits() | timeout.bits());
}

bool carries_retry_after(Failure failure) {
  return failure != Failure::refused && failure != Failure::reset && failure != Failure::timeout;
}

// What a caller makes of what it sees of its calls, and what its own caller then sees.
Seen ask(const RetryPolicy& policy, const Seen& seen, Duration retry_after, StackCaller& caller) {
  const Failures possible = seen_within(policy.patience({}), seen);
  Seen next;
  bool first = true;
  caller.calls = 0;
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    const auto failure = static_cast<Failure>(kind);
    if (!possible.contain(failure)) {
      continue;
    }
    const Duration asked_to_wait = carries_retry_after(failure) ? retry_after : Duration{};
    const Course soon = course_of(policy, failure, seen.least, Pauses::shortest, asked_to_wait);
    const Course late = course_of(policy, failure, seen.most, Pauses::longest, asked_to_wait);
    caller.calls = std::max({caller.calls, soon.calls, late.calls});
    const Duration least = soon.took.value_or(seconds(1'000'000));
    next.least = first ? least : std::min(next.least, least);
    next.most =
        next.most && late.took ? std::optional(std::max(*next.most, *late.took)) : std::nullopt;
    next.failures =
        Failures::of_bits(next.failures.bits() | Failures{seen_by_caller(failure)}.bits());
    first = false;
  }
  return next;
}

}  // namespace

std::optional<Failure> only_failure(const Settings& settings) {
  std::optional<Failure> failure;
  std::size_t striking = 0;
  for (const FaultDescription& fault : fault_descriptions()) {
    const FaultSetting& setting = settings.faults[fault.kind];
    if (setting.rate_parts_per_billion == 0) {
      continue;
    }
    ++striking;
    if (setting.rate_parts_per_billion == all_of_them && !setting.max) {
      failure = failure_by(fault.kind, settings);
    }
  }
  return striking == 1 && !settings.faults.total_max ? failure : std::nullopt;
}

std::vector<StackCaller> callers_after(const Settings& settings, std::optional<Failure> failure) {
  std::vector<StackCaller> callers(settings.layers);
  Seen seen;
  seen.failures = failure ? Failures{*failure} : Failures{};
  for (std::uint32_t layer = settings.layers; layer >= 1; --layer) {
    const RetryPolicy policy = caller_policy(settings, layer);
    StackCaller& caller = callers[layer - 1];
    if (failure) {
      seen = ask(policy, seen, settings.failed_call.retry_after, caller);
    } else {
      caller.calls = policy.attempts_possible();
    }
    if (const Duration patience = policy.patience({}); patience > Duration{}) {
      caller.gives_up = patience;
    }
    caller.goes_on = longest(policy);
    caller.ends_with_its_caller = policy.deadline_passed;
  }
  return callers;
}

std::vector<StackCaller> callers_of(const Settings& settings) {
  return callers_after(settings, only_failure(settings));
}

Failure worst_failure(const Settings& settings) {
  Failure worst{};
  std::uint64_t most = 0;
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    const auto failure = static_cast<Failure>(kind);
    const std::uint64_t calls = calls_of_one_operation(callers_after(settings, failure));
    if (calls > most) {
      most = calls;
      worst = failure;
    }
  }
  return worst;
}

std::uint64_t calls_of_one_operation(const std::vector<StackCaller>& callers) {
  std::uint64_t calls = 1;
  for (const StackCaller& caller : callers) {
    calls *= caller.calls;
  }
  return calls;
}

}  // namespace racelab
