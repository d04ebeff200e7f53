// Endpoints in SQL, explored: on a page, and as JSON.
#pragma once

#include <string>
#include <vector>

#include "sim/explore/script_explore.h"
#include "sim/report/script_order_report.h"

namespace racelab {

struct ScriptReport : ScriptExperiment {
  ScriptExploration exploration;
  std::string token;                   // of the counterexample
  std::vector<std::string> that_hold;  // other strategies of the scenario, in the same settings
  std::string stopped_by;
  double seconds = 0;
  std::string on;         // "PostgreSQL 15.20": the server that it was run on; empty: the store
  std::string not_there;  // what that server has no equal of, in its own words; empty: it ran
  std::vector<std::string> notes;  // of that server
};

/// One strategy: the verdict, the odds, how it ends, the smallest counterexample and why. Several: a table.
Page script_page(const std::vector<ScriptReport>& reports);
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
  std::string problem;             // empty: as derived
  bool claims_too_little = false;  // the problem is that it withstands more than it says
  std::string why_not;             // it does not apply; empty: it does
};
struct ScriptVerification {
  std::string scenario;
  std::string hazards;
  std::string on;  // as in ScriptReport
  std::vector<ScriptCell> cells;
};
/// `left_out`: scenarios that a limit, or Ctrl-C, left no time for.
Page script_verify_page(const std::vector<ScriptVerification>& all, std::size_t left_out);

}  // namespace racelab
