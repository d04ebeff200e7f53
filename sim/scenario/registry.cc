// The registries and the grammar of combinations: FLEET = COMBINATION {"," COMBINATION}, COMBINATION = STRATEGY
// {"+" PROTECTION}.
#include "sim/scenario/registry.h"

#include <algorithm>

#include <cstdio>
#include <cstdlib>

#include "sim/kernel/plugin_call.h"
#include "sim/scenario/checked_workload.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

// Registration happens before main, in whatever order the linker chose; a function's static is ready for it.
template <class Entry>
std::vector<Entry>& registry() {
  static std::vector<Entry> entries;
  return entries;
}

template <class Entry>
void add(Entry entry) {
  std::vector<Entry>& entries = registry<Entry>();
  const auto place =
      std::lower_bound(entries.begin(), entries.end(), entry,
                       [](const Entry& a, const Entry& b) { return a.name < b.name; });
  if (place != entries.end() && place->name == entry.name) {
    // Before main() begins: a file that was copied, and its name kept.
    std::fprintf(stderr, "racelab: two files register the name '%s'; each needs one of its own\n",
                 entry.name.c_str());
    std::_Exit(2);
  }
  entries.insert(place, std::move(entry));
}

template <class Entry>
const Entry* find(std::string_view name) {
  for (const Entry& entry : registry<Entry>()) {
    if (entry.name == name) {
      return &entry;
    }
  }
  return nullptr;
}

template <class Entry>
std::string unknown(std::string_view kind, std::string_view name) {
  std::vector<std::string> names;
  for (const Entry& entry : registry<Entry>()) {
    names.push_back(entry.name);
  }
  const std::string near = nearest(name, names);
  return "there is no " + std::string(kind) + " '" + std::string(name) + "'" +
         (near.empty() ? "; `racelab list strategies` shows them"
                       : "; did you mean '" + near + "'?");
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::string parse_combination(std::string_view text, Combination& combination) {
  const std::vector<std::string_view> parts = split(text, '+');
  combination.strategy = find<Strategy>(parts.front());
  if (combination.strategy == nullptr) {
    if (find<Protection>(parts.front()) != nullptr) {
      return "'" + std::string(parts.front()) +
             "' is a protection: it wraps a strategy, as in read-modify-write+" +
             std::string(parts.front());
    }
    return unknown<Strategy>("strategy", parts.front());
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Protection* protection = find<Protection>(parts[i]);
    if (protection == nullptr) {
      if (find<Strategy>(parts[i]) != nullptr) {
        return "'" + std::string(parts[i]) +
               "' is a strategy, no protection: clients that differ are written with a comma, as "
               "in " +
               std::string(parts.front()) + "," + std::string(parts[i]);
      }
      return unknown<Protection>("protection", parts[i]);
    }
    const auto& known = combination.protections;
    if (std::find(known.begin(), known.end(), protection) != known.end()) {
      return "'" + protection->name + "' stands twice in '" + std::string(text) + "'";
    }
    combination.protections.push_back(protection);
  }
  const auto wrapping =
      std::count_if(combination.protections.begin(), combination.protections.end(),
                    [](const Protection* p) { return p->handle != nullptr; });
  if (wrapping > 1) {
    // They would share one key row, and each would take the other's for a second delivery.
    return "'" + std::string(text) +
           "' records the idempotency key more than once; keep one of them";
  }
  return "";
}

}  // namespace

RegisteredStrategy::RegisteredStrategy(Strategy strategy) {
  name_plugin(reinterpret_cast<const void*>(strategy.handle), {"strategy", strategy.name});
  add(std::move(strategy));
}
RegisteredProtection::RegisteredProtection(Protection protection) {
  name_plugin(reinterpret_cast<const void*>(protection.handle), {"protection", protection.name});
  add(std::move(protection));
}
RegisteredWorkload::RegisteredWorkload(WorkloadEntry workload) {
  name_plugin(reinterpret_cast<const void*>(workload.make), {"workload", workload.name});
  add(std::move(workload));
}

const std::vector<Strategy>& strategies() { return registry<Strategy>(); }
const std::vector<Protection>& protections() { return registry<Protection>(); }
const std::vector<WorkloadEntry>& workloads() { return registry<WorkloadEntry>(); }

std::string Combination::name() const {
  std::string name = strategy->name;
  for (const Protection* protection : protections) {
    name += '+' + protection->name;
  }
  return name;
}

Isolation Combination::isolation(const Settings& settings) const {
  if (settings.isolation != Isolation::autocommit) {
    return settings.isolation;
  }
  bool needs_transaction =
      strategy->needs_transaction ||
      (strategy->needs_transaction_for_several_rows &&
       workload_of(workloads()[settings.workload], settings)->change({0, 0}).rows.size() > 1);
  for (const Protection* protection : protections) {
    needs_transaction = needs_transaction || protection->needs_transaction;
  }
  return needs_transaction ? Isolation::read_committed : Isolation::autocommit;
}

Hazards Combination::withstands(const Settings& settings) const {
  const Isolation level = isolation(settings);
  Hazards hazards;
  const auto add_from = [&hazards, level](const std::vector<Withstood>& list) {
    for (const Withstood& entry : list) {
      if (level >= entry.from) {
        hazards.add(entry.hazard);
      }
    }
  };
  add_from(strategy->withstands);
  // A service answers `conflict` when its handler has started over as often as it may, and each time somebody else's
  // operation was in its way; or when a wait for a lock has ended.
  const std::uint64_t others = std::uint64_t{settings.clients - 1} * settings.operations;
  const bool starts_over =
      strategy->retry_on.contain(Error::conflict) || level == Isolation::repeatable_read;
  const bool same_key =
      std::none_of(protections.begin(), protections.end(),
                   [](const Protection* protection) { return protection->key_per_attempt; });
  const bool conflicts =
      same_key && ((starts_over && others >= settings.tries_max) ||
                   (settings.lock_timeout > Duration{} && level != Isolation::autocommit));
  for (const Protection* protection : protections) {
    add_from(protection->adds);
  }
  for (const Protection* protection : protections) {  // wherever it stands
    hazards = Hazards::of_bits(hazards.bits() & ~protection->voids.bits());
    if (conflicts) {
      hazards = Hazards::of_bits(hazards.bits() & ~protection->voids_where_conflicts.bits());
    }
  }
  return hazards;
}

std::unique_ptr<Endpoint> Combination::endpoint(const Settings& settings) const {
  Endpoint::Protections outermost_first;
  for (const Protection* protection : protections) {  // the last one is outermost
    if (protection->handle != nullptr) {
      outermost_first.insert(outermost_first.begin(), protection->handle);
    }
  }
  auto endpoint = std::make_unique<Endpoint>(strategy->handle, outermost_first);
  endpoint->isolation = isolation(settings);
  endpoint->retry_on = strategy->retry_on;
  endpoint->key_per_attempt =
      std::any_of(protections.begin(), protections.end(),
                  [](const Protection* protection) { return protection->key_per_attempt; });
  return endpoint;
}

std::string name_of(const Fleet& fleet) {
  std::string name;
  for (const Combination& combination : fleet) {
    name += (name.empty() ? "" : ",") + combination.name();
  }
  return name;
}

ParsedFleet parse_fleet(std::string_view text) {
  ParsedFleet parsed;
  for (const std::string_view part : split(text, ',')) {
    const std::vector<std::string_view> names = split(part, '+');
    if (std::find(names.begin(), names.end(), "") != names.end()) {
      parsed.problem = "a name is missing in '" + std::string(text) +
                       "': strategies are written as in atomic-increment, in "
                       "atomic-increment+idempotency-key, or with commas for clients that differ";
      return parsed;
    }
    Combination combination;
    parsed.problem = parse_combination(part, combination);
    if (!parsed.problem.empty()) {
      return parsed;
    }
    parsed.fleet.push_back(std::move(combination));
  }
  return parsed;
}

std::string problem_with(const Combination& combination, const Settings& settings) {
  const WorkloadEntry& workload = workloads()[settings.workload];
  if (combination.strategy->needs_in_place &&
      !workload_of(workload, settings)->change({0, 0}).in_place) {
    return combination.strategy->name +
           " does not apply: no single UPDATE can express the workload '" + workload.name + "'";
  }
  return "";
}

}  // namespace racelab
