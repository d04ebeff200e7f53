// What can be plugged in: strategies, protections and workloads. Each registers itself from its one file; here they are
// found by name, combined ("optimistic-version+idempotency-key"), and asked what they withstand.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/client/clients.h"
#include "sim/scenario/hazard.h"
#include "sim/scenario/settings.h"
#include "sim/service/endpoint.h"

namespace racelab {

/// A hazard that does no harm, at this isolation level and above.
struct Withstood {
  Withstood(Hazard hazard_) : hazard(hazard_) {}  // NOLINT: {Hazard::race} reads best
  Withstood(Hazard hazard_, Isolation from_) : hazard(hazard_), from(from_) {}
  Hazard hazard;
  Isolation from = Isolation::autocommit;
};

/// A write strategy: how an endpoint changes data.
struct Strategy {
  std::string name;
  std::string sentence;  // for `racelab list strategies`
  std::vector<Withstood> withstands = {};
  Errors retry_on = {};            // start the handler again on these
  bool needs_transaction = false;  // at autocommit it gets READ COMMITTED
  bool needs_transaction_for_several_rows =
      false;                    // the same, when a change writes more than one row
  bool needs_in_place = false;  // only for changes that one UPDATE can express
  StrategyFunction handle = nullptr;
};

/// Something that wraps a strategy, or a client's habit that undoes it (then `handle` is nullptr).
struct Protection {
  std::string name;
  std::string sentence;
  std::vector<Withstood> adds = {};  // what it withstands beyond the strategy
  Hazards voids = {};                // what it makes harmful again
  /// The same, where a service may answer `conflict` and be asked again with the same key.
  Hazards voids_where_conflicts = {};
  bool needs_transaction = false;
  bool key_per_attempt = false;  // the client sends a new idempotency key with every attempt
  ProtectionFunction handle = nullptr;
};

/// What clients do: the rows there are, and the change that each operation makes.
struct WorkloadEntry {
  std::string name;
  std::string sentence;
  /// How the rows are called in statements, for these settings.
  std::vector<std::string> (*row_names)(const Settings& settings) = nullptr;
  std::unique_ptr<Workload> (*make)(const Settings& settings) = nullptr;
  bool spreads_over_rows = false;  // it has as many rows as the settings say; else its own
  std::string invariant;           // the scenario's own rule, in words; empty: none
  /// Whether final values keep the rule, given the initial ones.
  bool (*keeps_invariant)(const std::vector<std::int64_t>& initial,
                          const std::vector<std::int64_t>& final) = nullptr;
};

struct RegisteredStrategy {
  explicit RegisteredStrategy(Strategy strategy);
};
struct RegisteredProtection {
  explicit RegisteredProtection(Protection protection);
};
struct RegisteredWorkload {
  explicit RegisteredWorkload(WorkloadEntry workload);
};

/// Sorted by name, whatever the link order; names are unique.
const std::vector<Strategy>& strategies();
const std::vector<Protection>& protections();
const std::vector<WorkloadEntry>& workloads();

/// A strategy with protections, applied left to right (the last one is outermost).
struct Combination {
  const Strategy* strategy = nullptr;
  std::vector<const Protection*> protections;

  [[nodiscard]] std::string name() const;
  /// The level its transactions really have: what makes no sense without one gets READ COMMITTED at autocommit.
  [[nodiscard]] Isolation isolation(const Settings& settings) const;
  [[nodiscard]] Hazards withstands(const Settings& settings) const;
  [[nodiscard]] std::unique_ptr<Endpoint> endpoint(const Settings& settings) const;
};

/// Client by client, repeated as needed.
using Fleet = std::vector<Combination>;
std::string name_of(const Fleet& fleet);

/// Reads "a+b,c". The problem, when there is one, is a sentence that names the nearest right name.
struct ParsedFleet {
  Fleet fleet;
  std::string problem;
};
ParsedFleet parse_fleet(std::string_view text);

/// Why the combination means nothing for this workload; empty when it does.
std::string problem_with(const Combination& combination, const Settings& settings);

}  // namespace racelab
