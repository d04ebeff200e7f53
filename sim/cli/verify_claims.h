// The claims of `racelab verify`, one by one, with the files that they stand in and what refutes them.
#pragma once

#include <vector>

#include "sim/report/claims_report.h"
#include "sim/report/report.h"
#include "sim/report/script_report.h"

namespace racelab {

/// What was verified, and how long each cell of it took.
struct Verified {
  VerifyReport report = {};
  std::vector<double> seconds = {};
  std::vector<ScriptVerification> scripts = {};
  std::vector<double> script_seconds = {};  // of all their cells, one scenario after another
  bool stopped = false;                     // before everything was looked at
};

/// What was not looked at is one claim that was given up.
std::vector<VerifiedClaim> claims_of(const Verified& verified);

}  // namespace racelab
