// Workloads as everybody should call them: what one gives is looked at first, and one that breaks
// its contract ends the process with a sentence that names it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/scenario/registry.h"

namespace racelab {

/// Of the settings: what `rows` are called. One name for each, none empty, none twice.
std::vector<std::string> row_names_of(const WorkloadEntry& entry, const Settings& settings);

/// How often a workload is asked for each change. Twice is for a look before any work: it takes
/// twice as long, and shows whether what it gives is a pure function.
enum class Asked : std::uint8_t { once, twice };

/// The workload of the settings. Every change names from 1 to 8 rows that there are, each once and
/// in order, adds amounts that a row can hold, can be worked out, and is the same when it is asked
/// for again.
std::unique_ptr<Workload> workload_of(const WorkloadEntry& entry, const Settings& settings,
                                      Asked asked = Asked::once);

/// Whether final values keep its rule; true where it has none.
bool keeps_invariant(const WorkloadEntry& entry, const std::vector<std::int64_t>& initial,
                     const std::vector<std::int64_t>& final);

}  // namespace racelab
