// Everything that shapes a run, as plain data. Every field is one entry of the option table (options.h), and reachable as
// a scenario file's key and as a flag.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/client/retry_limits.h"
#include "sim/client/retry_policy.h"
#include "sim/kernel/fault.h"
#include "sim/kernel/time.h"
#include "sim/scenario/hazard.h"
#include "sim/store/statement.h"

namespace racelab {

struct Settings {
  std::uint32_t workload = 0;  // index into workloads()
  Hazards hazards;
  std::uint32_t clients = 2;
  std::uint32_t operations = 1;  // per client
  std::uint32_t rows = 1;        // how many rows the clients spread over, where the workload can
  std::int64_t initial = 0;      // every row's value at the start
  std::int64_t amount = 1;       // of an operation
  std::int64_t amount_step = 0;  // how much each operation's amount exceeds the one before it

  Isolation isolation = Isolation::autocommit;
  std::uint16_t tries_max = 3;
  Duration lock_timeout{};                      // 0: none
  Duration session_timeout = milliseconds(30);  // 0: the store never notices a dead session
  Duration latency = milliseconds(1);
  Shape latency_shape = Shape::even;
  std::uint32_t latency_spread_parts_per_billion = 250'000'000;
  Duration statement_latency{};  // 0: same as latency
  Duration answer_latency{};     // 0: a statement's answer comes at once
  Duration service_time{};       // 0: handlers do nothing but ask the store
  Duration service_time_per_call{};
  bool service_time_varies = false;
  std::uint32_t workers = 0;               // 0: any number
  std::optional<std::uint32_t> queue_max;  // none: any number
  bool drops_expired = false;

  std::uint32_t layers = 1;                    // of services, each calling the next
  std::int64_t arrivals_per_second = 0;        // per client; 0: a closed loop
  std::int64_t spike_arrivals_per_second = 0;  // per client; 0: no spike
  Duration spike_at = seconds(20);
  Duration spike_for = seconds(5);
  Duration until{};  // no operation starts later; 0: however long it takes
  Duration think_time{};
  RetryPolicy retry{.timeout = milliseconds(50),
                    .attempts_max = 3,
                    .backoff = Backoff::exponential,
                    .base = milliseconds(5),
                    .cap = seconds(1),
                    .jitter = Jitter::full};
  RetryBudgetSettings retry_budget;
  BreakerSettings breaker;
  FaultPlan faults;
  std::uint64_t happenings_max = 10'000'000;
};

}  // namespace racelab
