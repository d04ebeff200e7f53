// What a run left behind, as plain data: who wanted what and was told what, and every committed version with its
// provenance. Everything the judge decides, it decides from this; tests tamper with it to see the judge object.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
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

/// What an operation is to add to a row.
struct RowAmount {
  std::uint32_t row = 0;  // index into History::rows
  std::int64_t amount = 0;
};

struct HistoryOperation {
  OperationName name;
  Told told = Told::unknown;  // of one that never finished: unknown
  bool finished = false;
  Instant started{};
  Instant ended{};
  std::uint16_t attempts = 0;
  std::uint16_t amount_count = 0;
  std::uint32_t first_amount = 0;  // index into History::amounts
};

struct History {
  std::vector<HistoryRow> rows;
  std::vector<HistoryOperation> operations;  // client by client
  std::vector<RowAmount> amounts;            // of all operations, one after the other
  std::vector<Application> applications;     // in the order of their first commits
  std::vector<HistoryVersion> versions;      // committed ones, in the order of commits

  /// An operation's change, row by row.
  [[nodiscard]] std::span<const RowAmount> change(std::uint32_t operation) const {
    const HistoryOperation& it = operations[operation];
    return std::span(amounts).subspan(it.first_amount, it.amount_count);
  }
  /// What it is to add to a row; nothing when its change does not touch it.
  [[nodiscard]] std::optional<std::int64_t> amount_on(std::uint32_t operation,
                                                      std::uint32_t row) const;
};

/// Reads a world that has run.
History history_of(const World& world, const Workload& workload, const WorldSettings& settings);

}  // namespace racelab
