// A scenario with endpoints in SQL: from the texts of its files to what exploration is given.
//
//   scenario.ini   the story as its opening comment; settings; param.NAME = VALUE[,VALUE…]
//   setup.sql      CREATE TABLE …, INSERT …
//   check.sql      what must be true in the end (may be missing)
//   NAME.sql       an endpoint each
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/parse/problem.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/script_setup.h"

namespace racelab::parse {

struct FolderTexts {
  std::string name;
  Source setup;
  Source check;     // empty file name: there is none
  Source settings;  // scenario.ini; empty file name: there is none
  std::vector<std::pair<std::string, Source>> endpoints;  // NAME, NAME.sql; in their order
};

struct ScriptScenario {
  std::string name;
  std::vector<std::string> claim;
  Settings settings;  // those that mean something here: see script_settings()
  bool serializable = false;
  bool operations_given = false;
  bool clients_given = false;     // otherwise a fleet has as many as it names, two at least
  bool judged_by_checks = false;  // by `racelab verify`: what is asked is whether a check is broken
  std::uint32_t time_passes_max = 0;
  std::int64_t time_passes_by = 60'000'000;  // microseconds
  std::int64_t deadlock_timeout = 10'000;    // microseconds
  std::vector<std::pair<std::string, std::string>>
      parameters;                       // as written: "2,1" goes client by client
  std::vector<std::string> strategies;  // fleets, as --strategy takes them
  std::vector<std::pair<std::string, std::string>> shaped;  // key, value: what was set, in order

  std::shared_ptr<const sql::Schema> schema;
  /// With two tables more: idempotency keys, and what was answered.
  std::shared_ptr<const sql::Schema> check_schema;
  std::shared_ptr<const sql::Database> start;
  std::vector<std::shared_ptr<const Script>> scripts;
  std::vector<ScriptCheck> checks;
};

/// Names of the settings that shape what endpoints in SQL do, besides param.NAME.
std::vector<std::string> script_settings();

/// What it is compiled for: `explore.KEY = VALUE` in the file is for exploration alone.
enum class Purpose : std::uint8_t { exploration, timed_runs };

/// Reads, compiles and checks everything, and runs the setup. `flags` win over the file. Throws Problem.
ScriptScenario compile(FolderTexts texts,
                       const std::vector<std::pair<std::string, std::string>>& flags,
                       Purpose purpose = Purpose::exploration);

/// One strategy or fleet: `a` for all clients, `a,b` client by client, `a:b` one after another, `a+idempotency-key` for one that is
/// protected. Throws Problem.
ScriptSetup setup_of(const ScriptScenario& scenario, const std::string& strategy);

}  // namespace racelab::parse
