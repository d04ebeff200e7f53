// Rows and their versions. An UPDATE adds a version behind all others; a statement visits versions from the oldest on, as a
// sequential scan of a fresh heap does.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/sql/value.h"

namespace racelab::sql {

using SessionId = std::uint32_t;
constexpr SessionId nobody = UINT32_MAX;

/// Names a version for as long as it is kept; a row: all versions of it.
using VersionId = std::uint32_t;
using RowId = std::uint32_t;

/// A change by a transaction: made by a session's n-th statement, inside so many savepoints; committed as the n-th commit.
struct Mark {
  SessionId session = nobody;  // while it is not committed
  std::uint16_t level = 0;
  std::uint32_t command = 0;
  std::uint64_t commit = 0;  // 0: not committed

  [[nodiscard]] bool in_progress() const { return session != nobody; }
  [[nodiscard]] bool committed() const { return commit != 0; }
  [[nodiscard]] bool any() const { return in_progress() || committed(); }
};

struct Version {
  VersionId id = 0;
  RowId row = 0;
  Row values;
  Mark created;
  Mark ended;                          // replaced or deleted
  bool replaced = false;               // ended: by another version of the row
  std::uint16_t entered = UINT16_MAX;  // how many of the table's unique keys it has entered
  // Whether FOR KEY SHARE minds that this version took the place of the one before: its key changed, or the row was held FOR UPDATE.
  bool new_key = false;         // by the transaction that made it
  std::uint64_t key_since = 0;  // the commit of the last such change
};

/// A table's versions, oldest first.
struct Relation {
  std::vector<Version> versions;

  [[nodiscard]] const Version* find(VersionId id) const {
    for (const Version& version : versions) {
      if (version.id == id) {
        return &version;
      }
    }
    return nullptr;
  }
  [[nodiscard]] Version* find(VersionId id) {
    return const_cast<Version*>(static_cast<const Relation*>(this)->find(id));
  }
};

/// What a statement of a session sees: what was committed up to a snapshot, and what its own earlier statements did.
struct Sight {
  SessionId session = nobody;
  std::uint64_t snapshot = 0;
  std::uint32_t command = 0;

  [[nodiscard]] bool happened(const Mark& mark) const {
    return mark.in_progress() ? mark.session == session && mark.command < command
                              : mark.committed() && mark.commit <= snapshot;
  }
  [[nodiscard]] bool shows(const Version& version) const {
    return happened(version.created) && !happened(version.ended);
  }
};

}  // namespace racelab::sql
