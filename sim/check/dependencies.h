// Who depended on whom: from what transactions read and wrote, as it was recorded. Their circles give an anomaly its name.
// (A. Adya, "Weak Consistency", 1999: G0, G1, G-single, G2-item, G2; H. Berenson et al., "A Critique of ANSI SQL Isolation
// Levels", 1995: P4 lost update, A5B write skew.)
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/handler/script_operation.h"
#include "sim/store/relational.h"

namespace racelab {

/// That one operation must have come before another.
struct DependencyEdge {
  enum class Kind : std::uint8_t {
    overwrites,     // `after` wrote over what `before` had written
    reads,          // `after` read what `before` had written
    read_before,    // `before` read what `after` then changed
    looked_before,  // `before` looked for rows, and `after` then made or changed one that fits
    real_time,      // `before` was answered before `after` was issued
  };
  Kind kind = Kind::reads;
  std::size_t before = 0;
  std::size_t after = 0;
  std::uint16_t table = 0;
  sql::Row row;  // that it is about: the version read, overwritten or made
  sql::RowId id = 0;
  // When it was read, looked for or written by each of them, as Dependencies::at() counts; 0: not known.
  std::uint64_t before_at = 0;
  std::uint64_t after_at = 0;

  /// Whether the change had been made already when `before` read or looked, which did not see it.
  [[nodiscard]] bool unseen() const {
    return (kind == Kind::read_before || kind == Kind::looked_before) && after_at < before_at;
  }
};

/// What a circle of dependencies is called, and the circle: each leads to the next, the last to the first.
struct Circle {
  std::string name;
  std::vector<DependencyEdge> dependencies;
};

class Dependencies final : public sql::Recorder {
 public:
  /// Which operation a session works for, and which of its executions it is.
  struct Execution {
    std::size_t operation = 0;
    std::size_t number = 0;
  };
  explicit Dependencies(std::function<Execution(sql::SessionId)> execution_of)
      : execution_of_(std::move(execution_of)) {}

  /// What comes now comes at this moment (from 1). Without it, everything has a moment of its own.
  void at(std::uint64_t moment) {
    moment_ = moment;
    told_ = true;
  }

  void read(sql::SessionId session, std::uint16_t table, const sql::Version& version) override;
  void looked_for(sql::SessionId session, std::uint16_t table, const sql::Sight& sight,
                  const sql::Predicate& predicate) override;
  void wrote(sql::SessionId session, std::uint16_t table, const sql::Version* before,
             const sql::Version* after) override;
  void ended(sql::SessionId session, std::uint64_t commit) override;

  /// Between operations, each once and in the order in which it was found.
  [[nodiscard]] std::vector<DependencyEdge> all() const;
  /// The shortest circle of these and others (real time); its name is empty when there is none.
  static Circle shortest_circle(const std::vector<DependencyEdge>& dependencies);
  /// Operations, of so many, of which several executions have committed a change.
  [[nodiscard]] std::vector<std::size_t> done_twice(std::size_t operations) const;

 private:
  struct Read {
    std::uint16_t table = 0;
    sql::Version version;
    std::uint64_t at = 0;
  };
  struct Look {
    sql::Sight sight;
    sql::Predicate predicate;
    std::uint64_t at = 0;
  };
  struct Write {
    std::uint16_t table = 0;
    sql::Version before;  // id 0: none
    sql::Version after;
    std::uint64_t at = 0;
  };
  struct Transaction {
    std::size_t operation = 0;
    std::size_t execution = 0;
    std::uint64_t commit = 0;
    std::vector<Read> reads;
    std::vector<Look> looks;
    std::vector<Write> writes;
  };

  Transaction& open(sql::SessionId session);
  std::uint64_t moment() { return told_ ? moment_ : ++moment_; }

  std::uint64_t moment_ = 0;
  bool told_ = false;  // by at()
  std::function<Execution(sql::SessionId)> execution_of_;
  std::vector<std::pair<sql::SessionId, Transaction>> open_;
  std::vector<Transaction> ended_;
};

/// Adds which operations were answered before which were issued.
void add_real_time(const std::vector<ScriptOperation>& operations,
                   std::vector<DependencyEdge>& dependencies);

}  // namespace racelab
