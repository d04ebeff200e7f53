// The judge: what became of every operation, by provenance, and a ledger that accounts for every unit.
//
// An application survives on a row if a version it wrote there is the last committed one or an ancestor of it along
// computed-from links; otherwise it is overwritten. Each operation is judged by its own applications, never by the final
// sum: a loss must not hide behind a duplicate.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/check/fate.h"
#include "sim/check/history.h"

namespace racelab {

/// The ledger of one row, or of all rows together; each term is the sum of the amounts of the operations or applications
/// that it names, and none is worked out from the others.
struct Ledger {
  std::int64_t initial = 0;
  std::int64_t acknowledged = 0;                // operations told ok
  std::int64_t unknown_applied = 0;             // told unknown, and applied
  std::int64_t failed_applied = 0;              // told failed, and applied
  std::int64_t extra_applications = 0;          // every application of an operation after its first
  std::int64_t overwritten = 0;                 // applications that do not survive
  std::int64_t acknowledged_never_applied = 0;  // told ok, and never applied
  std::int64_t final = 0;                       // what the store holds

  /// What the terms say the store should hold.
  [[nodiscard]] std::int64_t expected() const {
    return initial + acknowledged + unknown_applied + failed_applied + extra_applications -
           overwritten - acknowledged_never_applied;
  }
  [[nodiscard]] bool balanced() const { return expected() == final; }
};

struct Finding {
  Anomaly anomaly{};
  std::uint32_t operation = 0;  // index into History::operations
  std::uint32_t row = 0;        // lost_update, duplicate, false_failure: where
};

/// What became of an operation: how many applications it has, and how many of them survive (of several rows, the count
/// furthest from 1: 0 if any row has 0, else the largest).
struct Fate {
  std::uint32_t applications = 0;
  std::uint32_t surviving = 0;
};

/// Something in the history that cannot be: the history is damaged, or a strategy wrote a value that is not what it read
/// plus the operation's amount.
struct Defect {
  enum class Kind : std::uint8_t {
    version_out_of_sequence,  // of one row: missing, double, or in the wrong place
    unknown_parent,           // computed from a version that is not an earlier one of the same row
    wrong_value,              // not the value it was computed from plus the operation's amount
    final_not_last,           // the row does not hold its last version
    empty_application,        // an application without a version
    ledger,                   // the row's ledger does not add up
  };
  Kind kind{};
  std::uint32_t row = 0;
  VersionId version = no_version;
};

struct Judgement {
  Ledger ledger;                      // totals
  std::vector<Ledger> ledger_by_row;  // like History::rows
  /// Of each row's terms, the part that operations make which take something away: amounts below zero. (`initial` and
  /// `final` are 0.) Where a term is made of both signs, its sum says little: two losses can cancel.
  std::vector<Ledger> taken_by_row;
  Ledger taken;                // of all rows
  std::vector<Fate> fates;     // like History::operations
  std::vector<bool> survives;  // like History::applications: on every row it wrote
  /// Like History::versions: the version that replaced a lost one without descending from it; no_version for the others.
  std::vector<VersionId> overwritten_by;
  std::vector<Finding> findings;  // in the order of operations
  std::vector<Defect> defects;    // empty in every honest run
  std::array<std::array<std::uint64_t, 3>, 3>
      told{};  // [ok, failed, unknown][0, 1, 2+ surviving], of those that were issued

  [[nodiscard]] std::uint64_t count(Anomaly anomaly) const;
};

/// Judges a history. Takes it as it stands; does not trust it.
Judgement judge(const History& history);

}  // namespace racelab
