// How settings become the parts of a world.
#include "sim/scenario/setup.h"

namespace racelab {

namespace {

WorldSettings world_settings(const Settings& settings, std::size_t rows) {
  WorldSettings world;
  world.service.latency = {settings.latency - settings.latency / 4,
                           settings.latency + settings.latency / 4};
  world.service.lock_timeout = settings.lock_timeout;
  world.service.session_timeout = settings.session_timeout;
  world.service.slow_extra = settings.retry.timeout;
  world.service.tries_max = settings.tries_max;
  world.clients.clients = settings.clients;
  world.clients.operations = settings.operations;
  world.clients.open_loop = settings.arrivals_per_second > 0;
  if (world.clients.open_loop) {
    world.clients.mean_between_arrivals = seconds(1) / settings.arrivals_per_second;
  }
  if (settings.spike_arrivals_per_second > 0) {
    world.clients.mean_between_spike_arrivals = seconds(1) / settings.spike_arrivals_per_second;
  }
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
