// One execution: clients, service and store around one Choice, all in one arena, and the loop that asks what happens
// next until nothing can, or a limit is reached.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/client/clients.h"
#include "sim/client/gateway.h"
#include "sim/kernel/arena.h"
#include "sim/kernel/choice.h"
#include "sim/service/service.h"
#include "sim/service/trace.h"
#include "sim/store/store.h"

namespace racelab {

struct WorldSettings : RunSettings {
  ServiceSettings service{};
  ClientSettings clients{};
  std::vector<std::int64_t> initial_values{};  // of the rows, by RowKey::row(0), row(1), …
  /// Of service 1, 2, …, by which each calls the next; whoever has none here goes by the clients'.
  std::vector<RetryPolicy> service_retries{};
  /// The budgets and breakers of services 1, 2, …; whoever has none here has none.
  std::vector<RetryLimitSettings> service_limits{};
  TraceKeeping keep_trace{};
};

class World {
 public:
  /// `fleet`: what serves client 0, 1, …, repeated as needed; not empty. Everything given must outlive the world.
  World(Arena& arena, Choice& choice, const Workload& workload,
        const std::vector<const Endpoint*>& fleet, const WorldSettings& settings);
  ~World() { store_.set_grants(nullptr); }  // what is open when it ends is nobody's choice
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  enum class End : std::uint8_t { finished, stuck, gave_up };
  /// Runs from the start to the end; given up at the limit, and when it is asked to stop.
  End run();

  /// One more happening; false when nothing can happen any more.
  bool step();

  [[nodiscard]] const Store& store() const { return store_; }
  [[nodiscard]] const Service& service() const { return service_; }
  [[nodiscard]] const Clients& clients() const { return clients_; }
  [[nodiscard]] const Gateways& gateways() const { return gateways_; }
  [[nodiscard]] const Trace& trace() const { return trace_; }
  [[nodiscard]] std::uint64_t happenings() const { return happenings_; }
  /// When the last of them was, once it has run.
  [[nodiscard]] Instant ended() const { return ended_; }

 private:
  Choice& choice_;
  std::uint64_t happenings_max_;
  std::uint64_t happenings_ = 0;
  Instant ended_{};
  Trace trace_;
  Store store_;
  ArenaVector<const Endpoint*> fleet_;
  Service service_;
  Gateways gateways_;
  Clients clients_;
};

}  // namespace racelab
