// racelab compare, for endpoints in SQL.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/sweep/sweep.h"

namespace racelab {

/// A setting that is varied.
struct Axis {
  std::string key;
  std::vector<std::string> values;
};

/// KEY=A,B,C with a key that endpoints in SQL have; whether the values are right shows when they are compiled. Throws UsageError.
Axis read_script_axis(const std::string& text);

/// Adds a scenario (empty: the files that flags name) with all its strategies, or those that are given, at every place of a grid.
/// Throws UsageError or parse::Problem.
void add_scripts(SweepPlan& plan, const Arguments& arguments, const std::string& name,
                 const std::vector<std::vector<std::pair<std::string, std::string>>>& grid);

}  // namespace racelab
