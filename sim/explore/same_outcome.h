// Whether two executions came to the same: contents and answers, up to the names of what generators drew (serial, uuid), one to one.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "sim/handler/script_operation.h"

namespace racelab {

/// Which generated value of an execution is which of a sequence: one to one, for each generator.
class Renaming {
 public:
  /// Times that differ by no more are the same (microseconds).
  explicit Renaming(std::int64_t clock_tolerance = 0) : clock_tolerance_(clock_tolerance) {}

  /// The same, or the same under another name. What is learned from that stays until undo().
  bool match(const sql::Value& in_execution, const sql::Value& in_sequence);
  bool match(const sql::Values& in_execution, const sql::Values& in_sequence);
  /// To forget what was learned since there were so many pairs.
  [[nodiscard]] std::size_t pairs() const { return learned_.size(); }
  void undo(std::size_t pairs);

  void describe(std::vector<std::uint64_t>& words) const;
  /// What a value of the execution is called in the sequence.
  [[nodiscard]] sql::Value in_sequence(const sql::Value& value) const;
  [[nodiscard]] std::int64_t clock_tolerance() const { return clock_tolerance_; }

 private:
  using Name = std::tuple<std::uint16_t, std::int64_t, std::string>;  // generator, number, text
  static Name name_of(const sql::Value& value) {
    return {value.generator, value.number, value.text};
  }

  std::int64_t clock_tolerance_;
  std::map<Name, sql::Value> to_sequence_;
  std::map<Name, sql::Value> to_execution_;
  std::vector<std::pair<sql::Value, sql::Value>> learned_;
};

/// Whether all tables hold the same, as multisets of rows, under some renaming that extends this one. No also where a million tries
/// have found none (many rows that differ in nothing but names).
bool same_contents(const std::vector<std::vector<sql::Values>>& execution,
                   const std::vector<std::vector<sql::Values>>& sequence, Renaming renaming);

/// Whether an operation was answered the same; the renaming is extended.
bool same_reply(const ScriptReply& in_execution, const ScriptReply& in_sequence,
                const Script& script, Renaming& renaming);

}  // namespace racelab
