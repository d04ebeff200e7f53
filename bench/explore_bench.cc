// Exploration: transitions per second and bytes per state, of the graph alone. Targets: 3 million transitions a second with five
// read-modify-write clients told apart, ten interchangeable ones in a second, fewer than 100 bytes a state.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <ctime>

#include "sim/explore/explore.h"
#include "sim/explore/graph.h"
#include "sim/scenario/registry.h"

namespace racelab {

namespace {

Settings increments(std::uint32_t clients) {
  Settings settings;
  for (std::uint32_t i = 0; i < workloads().size(); ++i) {
    settings.workload = workloads()[i].name == "increment" ? i : settings.workload;
  }
  settings.clients = clients;
  return settings;
}

void read_modify_writes(benchmark::State& state, bool symmetry) {
  const Settings settings = increments(static_cast<std::uint32_t>(state.range(0)));
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

// Clients each on a row of their own: no two are alike, and the default must take no longer than --no-symmetry. Both in
// turns, so that a busy machine slows both.
void nobody_is_alike(benchmark::State& state) {
  Settings settings = increments(static_cast<std::uint32_t>(state.range(0)));
  settings.rows = settings.clients;
  const Setup setup(settings, parse_fleet("read-modify-write").fleet);
  std::array<std::clock_t, 2> spent{};
  for (auto _ : state) {
    for (const bool symmetry : {false, true}) {
      Model model(setup);
      const std::clock_t start = std::clock();
      const StateGraph graph(model, {}, symmetry, false);
      spent[symmetry ? 1 : 0] += std::clock() - start;
      state.counters["states"] = static_cast<double>(graph.size());
    }
  }
  state.counters["symmetry_over_none"] =
      static_cast<double>(spent[1]) / static_cast<double>(spent[0]);
}

BENCHMARK(nobody_is_alike)->Arg(9)->Unit(benchmark::kMillisecond);

// Twelve clients on so many rows, whole explorations in parts: at most 100 ms on twelve rows, 500 ms on six.
void twelve_clients(benchmark::State& state) {
  Settings settings = increments(12);
  settings.rows = static_cast<std::uint32_t>(state.range(0));
  const Fleet fleet = parse_fleet("read-modify-write").fleet;
  for (auto _ : state) {
    const Exploration all = explore(settings, fleet, {});
    state.counters["parts"] = static_cast<double>(all.parts);
    state.counters["states"] = static_cast<double>(all.states);
  }
}

BENCHMARK(twelve_clients)->Arg(12)->Arg(6)->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace racelab
