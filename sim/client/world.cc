// The loop. Everything nondeterministic was decided by Choice before anything here runs.
#include "sim/client/world.h"

#include "sim/client/run_loop.h"

namespace racelab {

namespace {

std::vector<GatewaySettings> gateway_settings(const WorldSettings& settings) {
  std::vector<GatewaySettings> all;
  for (std::uint32_t layer = 1; layer < settings.layers; ++layer) {
    const bool own = layer <= settings.service_retries.size();
    all.push_back({.layer = static_cast<std::uint8_t>(layer),
                   .latency = settings.service.latency,
                   .retry = own ? settings.service_retries[layer - 1] : settings.clients.retry,
                   .limits = layer <= settings.service_limits.size()
                                 ? settings.service_limits[layer - 1]
                                 : RetryLimitSettings{}});
  }
  return all;
}

}  // namespace

World::World(Arena& arena, Choice& choice, const Workload& workload,
             const std::vector<const Endpoint*>& fleet, const WorldSettings& settings)
    : choice_(choice),
      happenings_max_(settings.happenings_max),
      trace_(arena, settings.keep_trace),
      store_(arena),
      fleet_(fleet.begin(), fleet.end(), ArenaAllocator<const Endpoint*>(arena)),
      service_(arena, choice, store_, trace_, settings.service),
      gateways_(arena, choice, trace_, service_, gateway_settings(settings)),
      clients_(arena, choice, trace_, gateways_.front(), workload, settings.clients, fleet_) {
  if (choice.decides_who_goes_on() && !settings.service.grants_first) {
    store_.set_grants(&service_);
  }
  for (const std::int64_t value : settings.initial_values) {
    store_.create_row(value);
  }
}

bool World::step() {
  const Occurrence occurrence = choice_.next();
  if (occurrence.pending == nullptr) {
    return false;
  }
  ++happenings_;
  switch (occurrence.pending->happening) {
    case Happening::timer:
    case Happening::timeout:
      clients_.happen(*occurrence.pending);
      break;
    case Happening::gateway:
      Gateway::happen(*occurrence.pending);
      break;
    default:
      service_.happen(*occurrence.pending, occurrence.fault);
  }
  return true;
}

World::End World::run() {
  clients_.start();
  constexpr std::uint64_t between_questions = 4096;  // a millisecond
  const RunEnd end = run_to_end(choice_, happenings_, happenings_max_, between_questions,
                                [this] { return step(); });
  trace_.finish();
  ended_ = end.at;
  if (end.more) {
    return End::gave_up;
  }
  return service_.waits().empty() && clients_.unanswered().empty() ? End::finished : End::stuck;
}

}  // namespace racelab
