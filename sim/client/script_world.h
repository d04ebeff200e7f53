// One timed execution of endpoints in SQL: the clients, the service and its database around one Choice, and the loop that asks what
// happens next. As World is for strategies.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/client/clients.h"
#include "sim/client/world.h"
#include "sim/service/script_service.h"

namespace racelab {

struct ScriptWorldSettings : RunSettings {
  ScriptServiceSettings service{};
  ClientSettings clients{};
  TraceKeeping keep_trace{};
};

class ScriptWorld final : private ClientObserver {
 public:
  /// `plan`: the scripts that each client runs, one operation after another. `memory`: what each client knows at the start. Everything
  /// given must outlive the world.
  ScriptWorld(Arena& arena, Choice& choice, const sql::Database& start,
              const std::vector<std::vector<const Script*>>& plan,
              std::vector<std::vector<NamedValue>> memory, const ScriptWorldSettings& settings);

  /// Runs from the start to the end; given up at the limit, and when it is asked to stop.
  World::End run();

  /// What became of every operation, and the tables. The judge has not seen it.
  [[nodiscard]] ScriptEnding ending() const;

  [[nodiscard]] ScriptService& service() { return service_; }
  [[nodiscard]] const ScriptService& service() const { return service_; }
  [[nodiscard]] const Clients& clients() const { return clients_; }
  [[nodiscard]] const Trace& trace() const { return trace_; }
  [[nodiscard]] const ScriptRecords& records() const { return records_; }
  [[nodiscard]] std::uint64_t happenings() const { return happenings_; }
  [[nodiscard]] Instant ended() const { return ended_; }

 private:
  void issued(OperationName operation) override;
  void heard(OperationName operation, std::uint16_t attempt, std::uint8_t copy) override;
  void told(OperationName operation, Told told) override;
  bool step();
  [[nodiscard]] std::int64_t clock() const { return clock_ + choice_.now().microseconds; }

  Choice& choice_;
  std::uint64_t happenings_max_;
  std::uint64_t happenings_ = 0;
  std::int64_t clock_;
  Instant ended_{};
  std::uint32_t answered_ = 0;  // operations
  ScriptRecords records_;
  std::vector<std::vector<NamedValue>> memory_;  // by client
  Trace trace_;
  ScriptService service_;
  Endpoint endpoint_;  // of no strategy: what serves a request is in the records
  ArenaVector<const Endpoint*> fleet_;
  Clients clients_;
};

}  // namespace racelab
