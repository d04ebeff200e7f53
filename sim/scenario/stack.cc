// A policy is asked what it would do, failure by failure, as a run asks it.
#include "sim/scenario/stack.h"

#include <algorithm>
#include <array>

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

// Whether a caller asks again for ever, whatever time that takes.
bool asks_for_ever(const RetryPolicy& policy, Failures kinds) {
  bool some = false;
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    some = some || (kinds.contain(static_cast<Failure>(kind)) && !policy.retries_max[kind] &&
                    policy.retry_on.contain(static_cast<Failure>(kind)));
  }
  return some && policy.attempts_max == 0 && policy.deadline == Duration{};
}

// All attempts of a policy that fail alike.
struct Course {
  std::uint32_t calls = 0;
  std::optional<Duration> took{};  // none: without end
};

enum class Pauses : std::uint8_t { shortest, longest };

// Of a caller that hedges: at most so many attempts go out, and the last of them so long after the first. `call`: how long each takes
// until it fails; none: without end. `again`: a failure makes the next go out at once.
Course hedged_course(const RetryPolicy& policy, std::optional<Duration> call, bool again) {
  const Duration hedge_after{policy.hedge_after.value_or(0)};
  const Duration gap = again && call ? std::min(*call, hedge_after) : hedge_after;
  Course course{1, Duration{}};
  Duration at{};
  while (course.calls < policy.attempts_limit()) {
    at = at + gap;
    const bool too_late = policy.deadline > Duration{} && at >= policy.deadline;
    if (too_late || (!again && call && at >= *call)) {
      break;
    }
    ++course.calls;
    course.took = at;
  }
  if (!call) {
    course.took = std::nullopt;
  } else {
    course.took = *course.took + *call;
    if (policy.deadline > Duration{}) {
      course.took = std::min(*course.took, policy.deadline);
    }
  }
  return course;
}

// How long a call is waited for that takes so long (none: without end).
std::optional<Duration> waited(const RetryPolicy& policy, std::optional<Duration> call) {
  const Duration patience = policy.patience({});
  return patience == Duration{} ? call : call ? std::min(*call, patience) : patience;
}

// `call`: how long each takes until it fails; none: as long as it is waited for. A timeout takes that in any case.
Course course_of(const RetryPolicy& policy, Failure failure, std::optional<Duration> call,
                 Pauses pauses, Duration retry_after) {
  if (asks_for_ever(policy, {failure})) {
    return {RetryPolicy::attempts_endless, std::nullopt};
  }
  if (policy.hedge_after) {
    return hedged_course(policy, waited(policy, failure == Failure::timeout ? std::nullopt : call),
                         policy.retry_on.contain(failure));
  }
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

// How calls may fail, as their caller sees it, and how late.
struct Possible {
  Failures kinds = Failures::all();
  std::array<std::optional<Duration>, failure_kinds>
      at_most{};                                      // none: as late as it is waited for
  std::array<Duration, failure_kinds> retry_after{};  // that such an answer asks for
};

// A request that fails, is turned away, or comes to no connection, is told so at once; work, and what it waits for, takes as long
// as it may.
Possible of_last_service(const Settings& settings) {
  Possible possible;
  for (const Failure at_once : {Failure::refused, Failure::error, Failure::unavailable,
                                Failure::throttled, Failure::busy}) {
    possible.at_most[static_cast<std::size_t>(at_once)] = Duration{};
  }
  if (settings.faults[FaultKind::fail_call].rate_parts_per_billion > 0) {
    const Failure failure = failure_of(answer_of(settings.failed_call));
    possible.retry_after[static_cast<std::size_t>(failure)] = settings.failed_call.retry_after;
  }
  return possible;
}

// What makes a course longer: a resent request, which is no retry; then time, or for as many calls as can be, as little of it.
enum class Seek : std::uint8_t { time, calls };

struct Step {
  RetryPolicy::Next next;
  RetryState state;
  Duration took{};  // the call, and the pause after it
};

// Of the failures after which the caller asks again the one that makes the course longest; none: it asks no more.
std::optional<Step> next_step(const RetryPolicy& policy, const Possible& possible, Seek seek,
                              const RetryState& state, std::uint16_t attempt,
                              Duration since_start) {
  const Duration patience = policy.patience(since_start);
  std::optional<Step> best;
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    const auto failure = static_cast<Failure>(kind);
    if (!possible.kinds.contain(failure)) {
      continue;
    }
    const Duration latest = possible.at_most[kind].value_or(patience);
    const Duration call = seek == Seek::calls     ? Duration{}
                          : patience > Duration{} ? std::min(latest, patience)
                                                  : latest;
    Step step{.next = {}, .state = state};
    step.next = policy.after({.failure = failure,
                              .attempt = attempt,
                              .retry_after = possible.retry_after[kind],
                              .since_start = since_start + call},
                             step.state, [seek](Duration low, Duration high) {
                               return seek == Seek::calls ? low : high;
                             });
    step.took = call + step.next.pause;
    const bool better = !best || (step.next.resend && !best->next.resend) ||
                        (step.next.resend == best->next.resend &&
                         (seek == Seek::time ? step.took > best->took : step.took < best->took));
    if (step.next.again && better) {
      best = step;
    }
  }
  return best;
}

// How long a caller can go on: after failures that are possible it asks again, and its last call fails like that, as late as may be.
std::optional<Duration> longest(const RetryPolicy& policy, const Possible& possible, Failure last) {
  const std::optional<Duration>& at_most = possible.at_most[static_cast<std::size_t>(last)];
  if (asks_for_ever(policy, possible.kinds) || (!at_most && policy.patience({}) == Duration{})) {
    return std::nullopt;
  }
  if (policy.hedge_after) {
    return hedged_course(policy, waited(policy, std::nullopt), true).took;
  }
  RetryState state = policy.start();
  Duration since_start{};
  for (std::uint16_t attempt = 1; attempt < RetryPolicy::attempts_endless; ++attempt) {
    const std::optional<Step> step =
        next_step(policy, possible, Seek::time, state, attempt, since_start);
    if (!step) {
      break;
    }
    state = step->state;
    since_start = since_start + step->took;
  }
  const Duration patience = policy.patience(since_start);
  const Duration call = at_most.value_or(patience);
  return since_start + (patience > Duration{} ? std::min(call, patience) : call);
}

// How many calls it makes at most, whichever of these failures come, in whatever order.
std::uint32_t most_calls(const RetryPolicy& policy, const Possible& possible) {
  if (asks_for_ever(policy, possible.kinds)) {
    return RetryPolicy::attempts_endless;
  }
  if (policy.hedge_after) {
    const bool again = (policy.retry_on.bits() & possible.kinds.bits()) != 0;
    return hedged_course(policy, waited(policy, std::nullopt), again).calls;
  }
  RetryState state = policy.start();
  Duration since_start{};
  for (std::uint16_t attempt = 1; attempt < RetryPolicy::attempts_endless; ++attempt) {
    const std::optional<Step> step =
        next_step(policy, possible, Seek::calls, state, attempt, since_start);
    if (!step) {
      return attempt;
    }
    state = step->state;
    since_start = since_start + step->took;
  }
  return RetryPolicy::attempts_endless;
}

// What a service's caller may see of it: nothing when a call of its own is in doubt, otherwise the last failure.
Possible of_service(const RetryPolicy& policy, const Possible& its_calls) {
  Possible certain = its_calls;
  certain.kinds = {};
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    const auto failure = static_cast<Failure>(kind);
    if (failure != Failure::reset && failure != Failure::timeout) {
      certain.kinds = Failures::of_bits(certain.kinds.bits() | Failures{failure}.bits());
    }
  }
  Possible seen = certain;
  seen.kinds = Failures::of_bits(certain.kinds.bits() | Failures{Failure::timeout}.bits());
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    const auto failure = static_cast<Failure>(kind);
    seen.at_most[kind] =
        certain.kinds.contain(failure) ? longest(policy, certain, failure) : std::nullopt;
  }
  return seen;
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

bool is_endless(const StackCaller& caller) { return caller.calls == RetryPolicy::attempts_endless; }

std::vector<StackCaller> callers_after(const Settings& settings, std::optional<Failure> failure) {
  std::vector<StackCaller> callers(settings.layers);
  Seen seen;
  seen.failures = failure ? Failures{*failure} : Failures{};
  Possible possible = of_last_service(settings);
  for (std::uint32_t layer = settings.layers; layer >= 1; --layer) {
    const RetryPolicy policy = caller_policy(settings, layer);
    StackCaller& caller = callers[layer - 1];
    if (failure) {
      seen = ask(policy, seen, settings.failed_call.retry_after, caller);
    } else {
      caller.calls = most_calls(policy, possible);
    }
    if (const Duration patience = policy.patience({}); patience > Duration{}) {
      caller.gives_up = patience;
    }
    caller.goes_on = longest(policy, possible, Failure::timeout);
    caller.ends_with_its_caller = policy.deadline_passed;
    possible = of_service(policy, possible);
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
