// Endpoints in SQL, explored: on a page, and as JSON.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/explore/script_explore.h"
#include "sim/report/text_layout.h"

namespace racelab {

struct ScriptReport {
  std::string scenario;  // as it was named on the command line
  std::string strategy;
  std::shared_ptr<const ScriptSetup> setup;
  std::vector<std::pair<std::string, std::string>> shaped;  // settings that were made: key, value
  ScriptExploration exploration;
  std::vector<std::string> that_hold;  // other strategies of the scenario, in the same settings
  std::string command;                 // that shows this again, up to the strategy
  std::string stopped_by;
  double seconds = 0;
};

/// One strategy: the verdict, the odds, how it ends, the smallest counterexample and why. Several: a table.
Page script_page(const std::vector<ScriptReport>& reports);
/// One order that was asked for: its verdict, its steps, and why. It stands where the smallest counterexample would.
Page script_order_page(const ScriptReport& report);
/// In one object with the schema "racelab.explore/1"; of several strategies "racelab.explore-several/1".
std::string script_json(const std::vector<ScriptReport>& reports);

/// A derived verdict against the explored one, at one isolation level.
struct ScriptCell {
  std::string strategy;
  std::string isolation;
  bool withstands = false;
  Verdict explored = Verdict::holds;
  OrderCount orders;
  OrderCount orders_violating;
  std::string problem;  // empty: as derived
};
struct ScriptVerification {
  std::string scenario;
  std::string hazards;
  std::vector<ScriptCell> cells;
};
Page script_verify_page(const std::vector<ScriptVerification>& all);

}  // namespace racelab
