// One table: the same endpoints, in every order, on several databases.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/explore/explore_on.h"
#include "sim/report/page.h"
#include "sim/scenario/verdict.h"

namespace racelab {

/// One way to write it on one database.
struct DatabaseCell {
  std::string strategy;
  std::string database;   // "SQLite 3.40.1"
  std::string not_there;  // what the database has no equal of, in its own words; empty: it ran
  ExplorationOn found;
  std::string command;  // that runs this cell alone
};

struct DatabasesReport {
  std::string scenario;
  std::string isolation;            // that was asked for; empty: none
  std::vector<DatabaseCell> cells;  // by strategy
  std::vector<std::string> notes;
  std::string stopped_by;  // empty: nothing
  double seconds = 0;
};

/// The worst of all that ran; nothing ran: gave-up.
Verdict verdict_of(const DatabasesReport& report);

/// Where they differ, in words; then a row for each database under each strategy.
Page databases_page(const DatabasesReport& report);
/// One object with the schema "racelab.databases/1".
std::string databases_json(const DatabasesReport& report);

}  // namespace racelab
