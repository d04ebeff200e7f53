// A policy is asked what it would do, failure by failure, as a run asks it.
#include "sim/scenario/stack.h"

#include <algorithm>

#include "sim/scenario/client_presets.h"
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

// How long all attempts take where each fails like that at its end.
std::optional<Duration> duration_of(const RetryPolicy& policy, Failure failure) {
  RetryState state = policy.start();
  Duration since_start{};
  for (std::uint16_t attempt = 1; attempt < RetryPolicy::attempts_endless; ++attempt) {
    const Duration patience = policy.patience(since_start);
    if (patience == Duration{}) {
      return std::nullopt;
    }
    since_start = since_start + patience;
    const RetryPolicy::Next next =
        policy.after({.failure = failure, .attempt = attempt, .since_start = since_start}, state,
                     [](Duration /*low*/, Duration high) { return high; });
    if (!next.again) {
      return since_start;
    }
    since_start = since_start + next.pause;
  }
  return std::nullopt;
}

std::optional<Duration> longest(const RetryPolicy& policy) {
  Duration most{};
  for (std::size_t kind = 0; kind < failure_kinds; ++kind) {
    const std::optional<Duration> took = duration_of(policy, static_cast<Failure>(kind));
    if (!took) {
      return std::nullopt;
    }
    most = std::max(most, *took);
  }
  return most;
}

std::uint32_t calls_after(const RetryPolicy& policy, Failure failure) {
  const bool waits_for_ever = failure == Failure::timeout && policy.patience({}) == Duration{};
  return waits_for_ever ? 1 : requests_after(policy, failure);
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
  for (std::uint32_t layer = settings.layers; layer >= 1; --layer) {
    const RetryPolicy policy = caller_policy(settings, layer);
    StackCaller& caller = callers[layer - 1];
    caller.calls = failure ? calls_after(policy, *failure) : policy.attempts_possible();
    if (const Duration patience = policy.patience({}); patience > Duration{}) {
      caller.gives_up = patience;
    }
    caller.goes_on = longest(policy);
    caller.ends_with_its_caller = policy.deadline_passed;
    if (failure) {
      failure = seen_by_caller(*failure);
    }
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
