// The one-at-a-time rule: an execution is right if some sequence of its operations explains it. Those that were answered are in it
// exactly once, those told failed not at all, those unknown at most once; run alone, one after another, from the same start, it ends
// with the same contents and gives every answered operation the same answer; and an operation that was answered before another was
// issued stands before it (strict serializability, and exactly once).
//
// Values that a generator drew (serial, uuid) are compared up to a one-to-one renaming. The clock moves between operations only, and
// each has its moment between its issue and its answer. A statement that asks without waiting finds locked either nothing or
// what it found locked in the execution.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/script_model.h"

namespace racelab {

class Renaming;

class OneAtATime {
 public:
  /// The setup must outlive this.
  explicit OneAtATime(const ScriptSetup& setup);
  ~OneAtATime();
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;

  /// Sets right, answers_only and sequence. What has the same key is judged once.
  void judge(ScriptEnding& ending, const Fingerprint& key);
  /// The same of a timed run. `likely`: sequences worth trying, the likeliest first. Of few operations all sequences are tried; of
  /// more those, and some that are near the first: if none explains the ending, by_dependency is set.
  static constexpr std::size_t searched_operations_max = 8;
  void judge_run(ScriptEnding& ending, const std::vector<std::vector<std::size_t>>& likely);
  /// Of the final contents, by check: what is wrong, in words; empty: it holds.
  std::vector<std::string> checks(const sql::Database& database,
                                  const std::vector<ScriptOperation>& operations) const;

 private:
  struct Verdict {
    bool right = false;
    bool answers_only = false;
    std::vector<std::size_t> sequence;
  };
  struct Alone;
  class Search;
  const Alone& alone(const std::shared_ptr<const sql::Database>& from,
                     const ScriptOperation& record, std::uint8_t attempt, std::int64_t moment,
                     const std::vector<NamedValue>& memory,
                     const std::vector<std::vector<sql::FoundLocked>>& pretend);

  ScriptReply run_alone(sql::Database& database, const ScriptOperation& record,
                        std::uint8_t attempt, std::int64_t moment,
                        const std::vector<NamedValue>& memory,
                        const std::vector<std::vector<sql::FoundLocked>>& pretend) const;
  [[nodiscard]] bool same_as_ending(const ScriptEnding& ending,
                                    const std::vector<std::vector<sql::Values>>& contents,
                                    const Renaming& renaming) const;
  void search_all(ScriptEnding& ending);
  bool try_sequences(ScriptEnding& ending, const std::vector<std::vector<std::size_t>>& likely,
                     bool answers) const;
  [[nodiscard]] bool explains(const ScriptEnding& ending, const std::vector<std::size_t>& sequence,
                              bool answers) const;

  const ScriptSetup& setup_;
  std::optional<std::uint64_t> seed_;  // of random(), in a timed run
  std::map<Fingerprint, Verdict> judged_;
  std::map<std::vector<std::uint64_t>, std::unique_ptr<const Alone>> alone_;
};

}  // namespace racelab
