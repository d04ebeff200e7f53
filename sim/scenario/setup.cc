// How settings become the parts of a world.
#include "sim/scenario/setup.h"

namespace racelab {

namespace {

// A hop of that mean, in the shape that all hops have.
Delay spread(Duration mean, const Settings& settings) {
  if (settings.latency_shape == Shape::exponential) {
    return Delay::exponentially(mean);
  }
  constexpr std::int64_t all_parts = 1'000'000'000;
  const Duration off = mean * settings.latency_spread_parts_per_billion / all_parts;
  return {.low = mean - off, .high = mean + off, .shape = settings.latency_shape};
}

WorldSettings world_settings(const Settings& settings, std::size_t rows) {
  WorldSettings world;
  world.service.latency = spread(settings.latency, settings);
  if (settings.statement_latency > Duration{}) {
    world.service.statement_latency = spread(settings.statement_latency, settings);
  }
  if (settings.answer_latency > Duration{}) {
    world.service.answer_latency = spread(settings.answer_latency, settings);
  }
  world.service.lock_timeout = settings.lock_timeout;
  world.service.session_timeout = settings.session_timeout;
  world.service.slow_extra = settings.retry.timeout;
  world.service.tries_max = settings.tries_max;
  world.service.service_time = settings.service_time;
  world.service.service_time_per_call = settings.service_time_per_call;
  world.service.service_time_varies = settings.service_time_varies;
  world.service.workers = settings.workers;
  world.service.queue_max = settings.queue_max;
  world.service.drops_expired = settings.drops_expired;
  world.clients.clients = settings.clients;
  world.clients.operations = settings.operations;
  world.clients.arrivals_per_second = settings.arrivals_per_second;
  world.clients.spike_arrivals_per_second = settings.spike_arrivals_per_second;
  world.clients.spike_at = Instant{} + settings.spike_at;
  world.clients.spike_for = settings.spike_for;
  world.clients.until = settings.until;
  world.clients.think_time = settings.think_time;
  world.clients.retry = settings.retry;
  world.clients.budget = settings.retry_budget;
  world.clients.breaker = settings.breaker;
  world.layers = settings.layers;
  world.initial_values.assign(rows, settings.initial);
  world.happenings_max = settings.happenings_max;
  return world;
}

}  // namespace

Setup::Setup(const Settings& settings, const Fleet& fleet)
    : entry(&workloads()[settings.workload]),
      workload(entry->make(settings)),
      row_names(entry->row_names(settings)),
      world(world_settings(settings, row_names.size())),
      faults(settings.faults) {
  for (const Combination& combination : fleet) {
    owned_endpoints.push_back(combination.endpoint(settings));
    endpoints.push_back(owned_endpoints.back().get());
  }
}

}  // namespace racelab
