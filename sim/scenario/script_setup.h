// An experiment with endpoints in SQL, as plain data: what exploration, the one-at-a-time rule and reports are given.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/handler/script_operation.h"
#include "sim/kernel/fault.h"
#include "sim/scenario/settings.h"
#include "sim/store/relational.h"

namespace racelab {

/// What must be true of the final contents.
struct ScriptCheck {
  std::string sentence;
  sql::Statement statement;  // answers one boolean
};

struct ScriptSetup {
  std::shared_ptr<const sql::Schema> schema;
  std::shared_ptr<const sql::Database> start;  // the setup has been run
  std::vector<std::shared_ptr<const Script>> scripts;
  /// Which scripts each client runs, one operation after another: places in `scripts`.
  std::vector<std::vector<std::size_t>> plan;
  std::vector<std::vector<NamedValue>> parameters;  // by client
  std::vector<ScriptCheck> checks;
  /// The schema with a place for idempotency keys, if it has none, and with the view racelab.answer, its last table: what checks are
  /// read with.
  std::shared_ptr<const sql::Schema> check_schema;

  ScriptRules rules;
  RetryPolicy retry = Settings{}.retry;
  bool lock_timeout = false;    // a wait for a lock may end
  bool session_timeout = true;  // the store notices that a session is dead
  FaultPlan faults;
  Settings settings;  // of timed runs
  std::uint32_t time_passes_max = 0;
  std::int64_t time_passes_by = 0;  // microseconds
  Duration deadlock_timeout{};      // of timed runs: until a waiting statement looks for a circle

  /// Once problem_with_exploring() has found them few enough.
  [[nodiscard]] std::uint8_t clients() const { return static_cast<std::uint8_t>(plan.size()); }
};

/// Where the database's clock stands at the start: 2025-01-01 00:00 UTC.
constexpr std::int64_t script_clock = 1'735'689'600'000'000;

/// The letter of a client.
constexpr char letter_of_client(std::uint32_t client) { return static_cast<char>('A' + client); }

}  // namespace racelab
