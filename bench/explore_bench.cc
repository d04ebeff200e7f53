// Exploration: transitions per second and bytes per state, of the graph alone. Targets: 3 million transitions a second with five
// read-modify-write clients told apart, ten interchangeable ones in a second, fewer than 100 bytes a state.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "sim/explore/graph.h"
#include "sim/scenario/registry.h"

namespace racelab {

namespace {

void read_modify_writes(benchmark::State& state, bool symmetry) {
  Settings settings;
  for (std::uint32_t i = 0; i < workloads().size(); ++i) {
    settings.workload = workloads()[i].name == "increment" ? i : settings.workload;
  }
  settings.clients = static_cast<std::uint32_t>(state.range(0));
  const Fleet fleet = parse_fleet("read-modify-write").fleet;
  std::uint64_t transitions = 0;
  std::uint64_t states = 0;
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    const Setup setup(settings, fleet);
    Model model(setup);
    const StateGraph graph(model, {}, symmetry, false);
    transitions += graph.transitions();
    states = graph.size();
    bytes = graph.bytes();
  }
  state.counters["transitions_per_second"] =
      benchmark::Counter(static_cast<double>(transitions), benchmark::Counter::kIsRate);
  state.counters["states"] = static_cast<double>(states);
  state.counters["bytes_per_state"] = static_cast<double>(bytes) / static_cast<double>(states);
}

BENCHMARK_CAPTURE(read_modify_writes, told_apart, false)
    ->DenseRange(5, 7)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_modify_writes, interchangeable, true)
    ->Arg(7)
    ->Arg(10)
    ->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace racelab
