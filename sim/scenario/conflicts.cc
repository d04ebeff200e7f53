// A sentence for each, in the order in which they are told: only the first conflict is.
#include "sim/scenario/conflicts.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdlib>
#include <memory>

#include "sim/scenario/checked_workload.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"
#include "sim/scenario/registry.h"

namespace racelab {

namespace {

constexpr std::int64_t operations_total_max = 1'000'000;
constexpr std::int64_t attempt_numbers_max = 65'535;
// Rows and ledgers are 64-bit integers; a sum of two such, or a difference, still fits.
constexpr std::int64_t sum_max = 4'000'000'000'000'000'000;

// How many calls an operation can become, or one more than there can be numbers for.
std::int64_t calls_of_an_operation(const Settings& settings) {
  std::int64_t calls = 1;
  for (std::uint32_t layer = 1; layer <= settings.layers; ++layer) {
    calls *= attempts_possible(settings, layer);
    if (calls > attempt_numbers_max) {
      return attempt_numbers_max + 1;
    }
  }
  return calls;
}

Conflict conflict_in_load(const Settings& settings) {
  const auto spike = settings.spike_arrivals_per_second;
  if (spike > 0 && settings.arrivals_per_second == 0) {
    return {
        "spike-arrivals needs an open loop to be a spike of: it means nothing with "
        "arrivals=closed",
        {"spike-arrivals", "arrivals"}};
  }
  if (spike > 0 && settings.until > Duration{} && settings.spike_at >= settings.until) {
    return {"spike-at (" + format_duration(settings.spike_at.microseconds) +
                ") must be before until (" + format_duration(settings.until.microseconds) +
                "), or the spike never comes",
            {"spike-arrivals", "spike-at", "until"}};
  }
  if (calls_of_an_operation(settings) > attempt_numbers_max && is_stack(settings)) {
    std::string factors;
    std::uint32_t most = 1;  // the layer that asks most often
    for (std::uint32_t layer = 1; layer <= settings.layers; ++layer) {
      const bool endless = caller_policy(settings, layer).attempts_max == 0;
      const std::uint32_t attempts = attempts_possible(settings, layer);
      factors += (layer == 1 ? "" : " x ") + (endless ? "endless" : std::to_string(attempts));
      most = attempts > attempts_possible(settings, most) ? layer : most;
    }
    const std::string key =
        most == 1 ? "attempts-max" : "layer." + std::to_string(most) + ".attempts-max";
    return {"the attempts of the layers multiply: " + factors + " could make more than " +
                std::to_string(attempt_numbers_max) + " calls for one operation; set " + key,
            {"layers", "attempts-max", key}};
  }
  if (calls_of_an_operation(settings) > attempt_numbers_max) {
    return {"layers and attempts-max multiply: " + std::to_string(settings.layers) + " layers of " +
                std::to_string(settings.retry.attempts_possible()) +
                " attempts each could make more than " + std::to_string(attempt_numbers_max) +
                " calls for one operation",
            {"layers", "attempts-max"}};
  }
  return {};
}

Conflict conflict_in_work(const Settings& settings) {
  if (settings.latency_shape == Shape::exponential &&
      settings.latency_spread_parts_per_billion != Settings{}.latency_spread_parts_per_billion) {
    return {
        "latency-spread needs latency-shape=even or normal: an exponential distribution has no "
        "spread but its mean",
        {"latency-spread", "latency-shape"}};
  }
  const bool works =
      settings.service_time > Duration{} || settings.service_time_per_call > Duration{};
  if (settings.service_time_varies && !works) {
    return {
        "service-shape=exponential needs a service-time: it means nothing with "
        "service-time=none",
        {"service-shape", "service-time", "service-time-per-call"}};
  }
  if (settings.workers == 0 && settings.queue_max) {
    return {"queue-max needs workers to wait for: it means nothing with workers=any",
            {"queue-max", "workers"}};
  }
  if (settings.workers == 0 && settings.drops_expired) {
    return {"expired=drop needs workers to wait for: it means nothing with workers=any",
            {"expired", "workers"}};
  }
  return {};
}

// The same of what the workload really gives, as far as it is asked before any work.
Conflict conflict_in_changes(const Settings& settings, std::int64_t times) {
  using Exact = boost::multiprecision::cpp_int;
  constexpr std::uint32_t operations_max = 1'000;
  const WorkloadEntry& entry = workloads()[settings.workload];
  const std::unique_ptr<Workload> workload = workload_of(entry, settings, Asked::twice);
  Exact sum = 0;
  std::uint32_t asked = 0;
  for (std::uint32_t client = 0; client < settings.clients; ++client) {
    for (std::uint32_t number = 0; number < settings.operations; ++number) {
      if (++asked > operations_max) {
        return {};
      }
      std::int64_t most = 0;
      for (const std::int64_t amount : workload->change({client, number}).amounts) {
        most = std::max(most, std::abs(amount));
      }
      sum += most;
      if (sum * times > sum_max) {
        return {"the workload '" + entry.name +
                    "' changes rows by more than they can hold: all "
                    "amounts must sum up to at most " +
                    std::to_string(sum_max),
                {"workload"}};
      }
    }
  }
  return {};
}

// The most that a row, or a term of the ledger, can come to: every operation's amount for each of its calls, and each of
// those delivered twice.
Conflict conflict_in_amounts(const Settings& settings) {
  using Exact = boost::multiprecision::cpp_int;
  const std::int64_t operations = std::int64_t{settings.clients} * settings.operations;
  const std::int64_t times = 2 * calls_of_an_operation(settings);
  const std::int64_t pairs = operations * (operations - 1) / 2;
  const Exact once = (Exact(settings.amount) * operations) + (Exact(settings.amount_step) * pairs);
  const Exact most = (Exact(std::abs(settings.initial)) * settings.rows) + (once * times);
  if (most <= sum_max) {
    return conflict_in_changes(settings, times);
  }
  return {"initial and the amounts of all operations, each applied up to " + std::to_string(times) +
              " times, must sum up to at most " + std::to_string(sum_max) + ", not " + most.str(),
          {"clients", "operations", "rows", "initial", "amount", "amount-step", "attempts-max",
           "layers"}};
}

// `prefix`: of its keys.
Conflict conflict_in_policy(const RetryPolicy& retry, const std::string& prefix) {
  const bool capped = retry.cap > Duration{};
  if (retry.backoff != Backoff::none && capped && retry.base > retry.cap) {
    return {prefix + "backoff-base (" + format_duration(retry.base.microseconds) +
                ") must not be longer than " + prefix + "backoff-cap (" +
                format_duration(retry.cap.microseconds) + ")",
            {prefix + "backoff-base", prefix + "backoff-cap"}};
  }
  if (retry.jitter == Jitter::factor && retry.factor_low > retry.factor_high) {
    return {prefix + "jitter-low must not be more than " + prefix + "jitter-high",
            {prefix + "jitter-low", prefix + "jitter-high"}};
  }
  if (retry.hedge_after && retry.attempts_max == 0) {
    return {prefix + "hedge-after sends attempts beside one another: it needs a number for " +
                prefix + "attempts-max, not endless",
            {prefix + "hedge-after", prefix + "attempts-max"}};
  }
  if (retry.hedge_after && retry.connection_kept && retry.resend != Resend::never) {
    return {prefix + "hedge-after sends attempts on connections of their own: it needs " + prefix +
                "resend=never, or " + prefix + "connection=new",
            {prefix + "hedge-after", prefix + "resend", prefix + "connection"}};
  }
  return {};
}

// Whether such a fault may strike: in exploration one with a .max does, whatever its rate.
bool can_strike(const FaultSetting& fault) {
  return fault.max ? *fault.max > 0 : fault.rate_parts_per_billion > 0;
}

}  // namespace

Conflict conflict_in(const Settings& settings) {
  const std::int64_t total = std::int64_t{settings.clients} * settings.operations;
  if (total > operations_total_max) {
    return {"clients x operations must be from 1 to " + std::to_string(operations_total_max) +
                ", not " + std::to_string(settings.clients) + " x " +
                std::to_string(settings.operations) + " = " + std::to_string(total),
            {"clients", "operations"}};
  }
  const WorkloadEntry& workload = workloads()[settings.workload];
  if (settings.rows != Settings{}.rows && !workload.spreads_over_rows) {
    return {"rows needs a workload that spreads over rows: it means nothing with workload=" +
                workload.name,
            {"rows"}};
  }
  for (std::uint32_t layer = 1; layer <= settings.layers; ++layer) {
    const bool own = layer > 1 && is_stack(settings);
    if (Conflict conflict = conflict_in_policy(caller_policy(settings, layer),
                                               own ? "layer." + std::to_string(layer) + "." : "");
        !conflict.problem.empty()) {
      return conflict;
    }
  }
  if (settings.arrivals_per_second > 0 && settings.think_time > Duration{}) {
    return {"think-time needs a closed loop: it means nothing with arrivals=" +
                std::to_string(settings.arrivals_per_second) + "/s",
            {"think-time", "arrivals"}};
  }
  for (const auto& conflict_in_part : {conflict_in_load, conflict_in_work, conflict_in_amounts}) {
    if (Conflict conflict = conflict_in_part(settings); !conflict.problem.empty()) {
      return conflict;
    }
  }
  const bool slow = settings.faults[FaultKind::slow_call].rate_parts_per_billion > 0;
  const RetryPolicy last = caller_policy(settings, settings.layers);
  if (slow && last.patience({}) == Duration{}) {
    return {"slow-call needs a timeout to be slower than: it means nothing with timeout=none",
            {"slow-call.rate", "timeout"}};
  }
  return {};
}

std::string problem_with(const Settings& settings) { return conflict_in(settings).problem; }

std::vector<Conflict> idle_in(const Settings& settings) {
  static const Settings defaults;
  std::vector<Conflict> idle;
  const auto add = [&settings, &idle](const std::string& key, const std::string& needs) {
    const Option& option = *find_option(key);
    if (option.get(settings) != option.get(defaults)) {
      idle.push_back({key + " needs " + needs, {key}});
    }
  };
  for (const auto& [key, value] : layer_settings_given(settings)) {
    const std::uint32_t layer = layer_of_key(key);
    if (layer > settings.layers) {
      idle.push_back(
          {key + " needs layers=" + std::to_string(layer) +
               " or more: it means nothing with layers=" + std::to_string(settings.layers),
           {key}});
    }
  }
  if (settings.spike_arrivals_per_second == 0) {
    for (const char* key : {"spike-at", "spike-for"}) {
      add(key, "a spike: it means nothing with spike-arrivals=none");
    }
  }
  // jitter=none is not said to do anything, with any backoff.
  if (settings.retry.backoff == Backoff::none && settings.retry.jitter != Jitter::none) {
    add("jitter", "pauses to spread: it means nothing with backoff=none");
  }
  if (settings.retry.attempts_max == 1) {
    add("hedge-after", "attempts to send beside the first: it means nothing with attempts-max=1");
  }
  if (settings.retry.patience({}) == Duration{} && !settings.retry.hedge_after) {
    add("on-timeout", "a timeout: it means nothing with timeout=none");
  }
  if (!settings.retry_budget.active_share) {
    add("retry-budget-active-min",
        "a share to be the least of: it means nothing with retry-budget-active=none");
  }
  if (!settings.retry_budget.share) {
    add("retry-budget-burst",
        "a budget to be the size of: it means nothing with retry-budget=none");
  }
  if (settings.breaker.kind == BreakerKind::none) {
    for (const char* key : {"breaker-threshold", "breaker-window", "breaker-open-for"}) {
      add(key, "a breaker: it means nothing with breaker=none");
    }
  }
  if (settings.breaker.kind == BreakerKind::retries) {
    add("breaker-open-for", "breaker=calls: it means nothing with breaker=retries");
  }
  if (!can_strike(settings.faults[FaultKind::lose_session])) {
    add("lose-session.side",
        "sessions to be lost: it means nothing without lose-session.rate or lose-session.max");
  }
  return idle;
}

}  // namespace racelab
