// A world around a strategy that touches no row and fails as often as a test wants: what is measured is the clients' own
// doing. An attempt's fate is drawn from its name, so it does not depend on when it arrives.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/client/world.h"
#include "sim/kernel/choice.h"
#include "sim/kernel/random.h"
#include "tests/service/story_lines.h"

namespace racelab::lab {

constexpr std::uint32_t one_percent = 10'000'000;  // in parts per billion

/// Answers conflict in so many percent of attempts, ok in the others.
template <std::uint32_t percent_failing>
Task<Reply> flaky(Session& /*db*/, const Request& request) {
  const DrawName name{request.operation.client, request.operation.operation, request.attempt,
                      Purpose::fault, UINT32_MAX};
  const bool fails = Random(1).strikes(name, percent_failing * one_percent);
  co_return fails ? Reply::conflict() : Reply::ok();
}

class OneRow final : public Workload {
 public:
  [[nodiscard]] Change change(OperationName /*operation*/) const override {
    Change change;
    change.rows.push_back(RowKey::row(0));
    change.amounts[0] = 1;
    change.function = add_amounts;
    return change;
  }
};

/// What came of a world that has run to its end.
struct FlakyRun {
  ClientCounts clients;
  ServiceCounts service;
  GatewayCounts gateways;
  std::uint64_t operations = 0;
  std::uint64_t ok = 0;
  std::vector<OperationRecord> records;
  std::vector<Execution> executions;
  std::vector<std::string> story;

  /// Of the operations.
  [[nodiscard]] double success() const {
    return static_cast<double>(ok) / static_cast<double>(operations);
  }
  /// Attempts per operation.
  [[nodiscard]] double load() const {
    return static_cast<double>(clients.attempts) / static_cast<double>(operations);
  }
};

inline FlakyRun run_flaky(StrategyFunction strategy, WorldSettings settings,
                          const FaultPlan& faults = {}) {
  Timed timed(1, faults);
  Arena arena;
  const OneRow workload;
  const Endpoint endpoint(strategy, {});
  settings.initial_values = {0};
  settings.service.latency = {microseconds(750), microseconds(1'250)};
  settings.service.slow_extra = settings.clients.retry.timeout;
  World world(arena, timed, workload, {&endpoint}, settings);
  world.run();
  FlakyRun run;
  run.clients = world.clients().counts();
  run.service = world.service().counts();
  run.gateways = world.gateways().counts();
  for (std::uint32_t client = 0; client < settings.clients.clients; ++client) {
    for (std::uint32_t number = 0; number < world.clients().issued_by(client); ++number) {
      run.records.push_back(
          world.clients()
              .operations()[(std::size_t{client} * settings.clients.operations) + number]);
      run.ok += run.records.back().told == Told::ok ? 1 : 0;
    }
  }
  run.operations = run.records.size();
  run.executions.assign(world.service().executions().begin(), world.service().executions().end());
  run.story = StoryLines({world.trace().events().data(), world.trace().events().size()},
                         {world.trace().rows().data(), world.trace().rows().size()})
                  .lines(true);
  return run;
}

}  // namespace racelab::lab
