// What each client of endpoints in SQL has touched, and whether two of them can meet.
//
// Two clients meet when one writes, locks or tries to write a row that the other's conditions are about (a condition that cannot be
// looked at with one row is about every row of its table), or whose key the other looks for to refer to it; when both have to do with
// one row, or with two that share a unique key; when both draw from a generator whose numbers are read, which show who was first; and when both ask
// for one advisory key. Everything else that a statement does depends on nothing but rows that it is about.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "sim/store/relational.h"

namespace racelab {

class ScriptReach {
 public:
  void add_look(const sql::Predicate& predicate);
  void add_row(std::uint16_t table, const sql::Values& row);
  void add_key(std::uint16_t table, const std::vector<std::uint16_t>& columns,
               const sql::Values& key);
  void add_use(sql::Recorder::Used what, std::int64_t number) { uses_.emplace(what, number); }

  /// The schema is that of the rows. `unread`: generators whose numbers nobody looks at (unread_generators.h).
  [[nodiscard]] bool meets(const ScriptReach& other, const sql::Schema& schema,
                           const std::set<std::int64_t>& unread) const;

 private:
  struct TouchedRow {
    std::uint16_t table = 0;
    sql::Row row;
  };
  struct KeyLook {
    std::uint16_t table = 0;
    std::vector<std::uint16_t> columns;
    sql::Values key;
  };
  [[nodiscard]] bool is_about_a_row_of(const ScriptReach& other) const;

  std::vector<sql::Predicate> looks_;
  std::vector<KeyLook> keys_;
  std::vector<TouchedRow> rows_;
  std::set<std::pair<sql::Recorder::Used, std::int64_t>> uses_;
  std::set<std::vector<std::uint64_t>> known_;  // what is in looks_, keys_ and rows_, as words
};

/// Keeps what the sessions of some clients touch.
class ReachRecorder final : public sql::Recorder {
 public:
  explicit ReachRecorder(std::size_t clients) : reach_(clients) {}

  void read(sql::SessionId /*session*/, std::uint16_t /*table*/,
            const sql::Version& /*version*/) override {}
  void looked_for(sql::SessionId session, std::uint16_t /*table*/, const sql::Sight& /*sight*/,
                  const sql::Predicate& predicate) override;
  void wrote(sql::SessionId session, std::uint16_t table, const sql::Version* before,
             const sql::Version* after) override;
  void ended(sql::SessionId /*session*/, std::uint64_t /*commit*/) override {}
  void touched(sql::SessionId session, std::uint16_t table, const sql::Values& row) override;
  void looked_for_key(sql::SessionId session, std::uint16_t table,
                      const std::vector<std::uint16_t>& columns, const sql::Values& key) override;
  void used(sql::SessionId session, Used what, std::int64_t number) override;

  /// By client.
  [[nodiscard]] const std::vector<ScriptReach>& reach() const { return reach_; }

 private:
  std::vector<ScriptReach> reach_;
};

}  // namespace racelab
