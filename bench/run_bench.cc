// Whole executions, as ratios to the same floor (see floor.h): the shortest one there is, and full runs with store,
// provenance and ledger. An event here is one that the trace hash covers. Target of a full run: 250 ns per event where
// the floor takes 13 ns, that is 19 floors.
#include <benchmark/benchmark.h>

#include "bench/floor.h"
#include "sim/scenario/run.h"

namespace racelab {

namespace {

Settings settings_for(std::uint32_t clients, std::uint32_t operations) {
  Settings settings;
  for (std::uint32_t i = 0; i < workloads().size(); ++i) {
    settings.workload = workloads()[i].name == "increment" ? i : settings.workload;
  }
  settings.clients = clients;
  settings.operations = operations;
  return settings;
}

// Two clients, one operation each, from an empty world to its end: what a search does over and over.
void short_execution(benchmark::State& state) {
  Runner runner(settings_for(2, 1), parse_fleet("read-modify-write").fleet);
  std::uint64_t seed = 0;
  run_against_floor(state, 400, [&]() -> std::uint64_t {
    benchmark::DoNotOptimize(runner.run_only(++seed));
    return 1;
  });
}

void full_run(benchmark::State& state, const char* fleet) {
  Settings settings = settings_for(4, 25);
  settings.faults[FaultKind::lose_reply].rate_parts_per_billion = 20'000'000;  // 2%
  Runner runner(settings, parse_fleet(fleet).fleet);
  std::uint64_t seed = 0;
  run_against_floor(state, 4, [&]() -> std::uint64_t { return runner.run(++seed).events; });
}

BENCHMARK(short_execution);
BENCHMARK_CAPTURE(full_run, read_modify_write, "read-modify-write");
BENCHMARK_CAPTURE(full_run, atomic_increment, "atomic-increment");
BENCHMARK_CAPTURE(full_run, optimistic_version_idempotency_key,
                  "optimistic-version+idempotency-key");
BENCHMARK_CAPTURE(full_run, pessimistic_lock_idempotency_key, "pessimistic-lock+idempotency-key");

}  // namespace

}  // namespace racelab
