// What a run left behind, as plain data: who wanted what and was told what, and every committed version with its
// provenance. Everything the judge decides, it decides from this; tests tamper with it to see the judge object.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/client/world.h"
#include "sim/service/request.h"
#include "sim/service/trace.h"
#include "sim/store/store.h"

namespace racelab {

using ApplicationId = std::uint32_t;
constexpr ApplicationId no_application = UINT32_MAX;

/// One committed execution of an operation's change.
struct Application {
  std::uint32_t operation = 0;  // index into History::operations
  Execution execution;          // which delivery, which try
  ExecutionId execution_id = no_execution;
};

/// A committed version of a row.
struct HistoryVersion {
  VersionId id = no_version;
  std::uint32_t row = 0;  // index into History::rows
  std::uint32_t number = 0;
  std::int64_t value = 0;
  ApplicationId application = no_application;  // no_application: there from the start
  VersionId computed_from = no_version;
};

struct HistoryRow {
  RowKey key;
  std::int64_t initial = 0;
  std::int64_t final = 0;       // read from the store when nothing is in flight any more
  VersionId last = no_version;  // the version that holds it
};

struct HistoryOperation {
  OperationName name;
  Told told = Told::unknown;  // of one that never finished: unknown
  bool finished = false;
  Instant started{};
  Instant ended{};
  std::uint16_t attempts = 0;
  Change change;
};

struct History {
  std::vector<HistoryRow> rows;
  std::vector<HistoryOperation> operations;  // client by client
  std::vector<Application> applications;     // in the order of their first commits
  std::vector<HistoryVersion> versions;      // committed ones, in the order of commits
};

/// Reads a world that has run.
History history_of(const World& world, const Workload& workload, const WorldSettings& settings);

}  // namespace racelab
