// How settings become the parts of a world.
#include "sim/scenario/setup.h"

#include "sim/scenario/checked_workload.h"
#include "sim/scenario/layers.h"

namespace racelab {

namespace {

// A hop of that mean, in the shape that all hops have.
Delay spread(Duration mean, const LatencySettings& settings) {
  if (settings.latency_shape == Shape::exponential) {
    return Delay::exponentially(mean);
  }
  constexpr std::int64_t all_parts = 1'000'000'000;
  const Duration off = mean * settings.latency_spread_parts_per_billion / all_parts;
  return {.low = mean - off, .high = mean + off, .shape = settings.latency_shape};
}

}  // namespace

WorldSettings world_settings(const Settings& settings, std::size_t rows) {
  WorldSettings world{settings};
  world.service = {settings};
  world.service.latency = spread(settings.latency, settings);
  if (settings.statement_latency > Duration{}) {
    world.service.statement_latency = spread(settings.statement_latency, settings);
  }
  if (settings.answer_latency > Duration{}) {
    world.service.answer_latency = spread(settings.answer_latency, settings);
  }
  world.service.slow_extra = caller_policy(settings, settings.layers).patience({});
  for (std::uint32_t layer = 2; is_stack(settings) && layer <= settings.layers; ++layer) {
    const LayerCaller caller = caller_of(settings, layer);
    world.service_retries.push_back(caller.retry);
    world.service_limits.push_back(caller);
  }
  world.clients = {settings};
  world.initial_values.assign(rows, settings.initial);
  return world;
}

Setup::Setup(const Settings& settings, const Fleet& fleet)
    : entry(&workloads()[settings.workload]),
      workload(workload_of(*entry, settings)),
      row_names(row_names_of(*entry, settings)),
      world(world_settings(settings, row_names.size())),
      faults(settings.faults) {
  for (const Combination& combination : fleet) {
    owned_endpoints.push_back(combination.endpoint(settings));
    endpoints.push_back(owned_endpoints.back().get());
  }
}

}  // namespace racelab
