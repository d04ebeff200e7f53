// What became of an operation of endpoints in SQL, as its client knows it, and how an execution of all of them ended: what the
// one-at-a-time rule judges.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/handler/script_run.h"

namespace racelab {

/// A name and the value that a client is given for it, or remembers.
struct NamedValue {
  std::string name;
  sql::Value value;
};

enum class ScriptTold : std::uint8_t { nothing, ok, refused, failed, unknown };

/// What became of an operation, and what it was asked with.
struct ScriptOperation {
  std::uint32_t client = 0;
  std::uint32_t number = 0;  // of the client's
  const Script* script = nullptr;
  ScriptTold told = ScriptTold::nothing;
  bool issued = false;
  std::uint32_t delivered =
      0;  // a bit for each attempt that reached a handler (the last: 31 and more)
  std::uint32_t issued_after = 0;  // so many operations were answered before it was issued
  std::uint32_t answered_as = 0;   // 1: the first that was answered, …; 0: not answered
  std::int64_t issued_at = 0;      // by the clock
  std::int64_t answered_at = 0;
  /// In a timed run: the clock when the transaction began by which it took effect. It is given that moment, and no other.
  std::optional<std::int64_t> moment;
  std::vector<NamedValue> memory;
  ScriptReply reply;  // ok, refused; else the last error
  std::uint8_t answered_attempt = 0;
  bool left_open = false;  // some execution ended inside its own transaction, which was rolled back
  /// By attempt, from 1: what its statements found locked that asked without waiting.
  std::map<std::uint8_t, std::vector<std::vector<sql::FoundLocked>>> found_locked;

  [[nodiscard]] bool answered() const {
    return told == ScriptTold::ok || told == ScriptTold::refused;
  }
  /// Whether it was answered before the other was issued.
  [[nodiscard]] bool stands_before(const ScriptOperation& other) const {
    return answered_as != 0 && answered_as <= other.issued_after;
  }
};

/// Sets what a client remembers once it was told ok: what the operation replied, name by name.
void remember(const ScriptOperation& operation, std::vector<NamedValue>& memory);

/// What a script starts with: the given variables, then what its client knows.
std::vector<std::optional<sql::Value>> given_variables(const Script& script, std::uint32_t client,
                                                       std::uint32_t operation,
                                                       std::uint32_t attempt,
                                                       const std::vector<NamedValue>& memory);

/// How an execution ended.
struct ScriptEnding {
  std::vector<std::vector<sql::Values>> contents;  // by table
  std::vector<ScriptOperation> operations;         // by client and number
  std::vector<std::string> checks;    // by ScriptSetup::checks: "answers NULL"; empty: it holds
  std::uint32_t stuck = 0;            // handlers that wait for ever
  std::uint32_t unanswered = 0;       // clients that do, for an answer that cannot come
  bool right = true;                  // some one-at-a-time sequence explains it
  bool answers_only = false;          // one would, but for what was answered
  bool by_dependency = false;         // no sequence was found, and not all of them were tried
  std::optional<std::uint64_t> seed;  // that random() was drawn from
  std::int64_t clock_tolerance = 0;   // times that differ by no more are the same (microseconds)
  bool own_only = false;              // what other systems got is not to be explained
  std::vector<std::size_t> sequence;  // that explains it: operations

  [[nodiscard]] bool checks_hold() const;
  [[nodiscard]] bool violated() const;
};

/// A statement's answer for people. `counts`: whether it answers rows or counts them (COMMIT does not).
std::string answer_text(const sql::Result& result, bool counts);

}  // namespace racelab
