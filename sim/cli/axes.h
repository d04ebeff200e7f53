// --vary KEY=A,B,C: the axes of a comparison, and every place that they make.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/cli/script_compare.h"

namespace racelab {

/// More cells than this are too many to compare.
constexpr std::size_t cells_max = 10'000;

/// A value for each axis: key, value.
using Place = std::vector<std::pair<std::string, std::string>>;

/// What --vary says. Throws UsageError.
std::vector<Axis> read_axes(const Arguments& arguments);

/// Every combination of the axes' values, the last axis fastest. Throws UsageError: they are more than cells_max.
std::vector<Place> grid_of(const std::vector<Axis>& axes);

}  // namespace racelab
