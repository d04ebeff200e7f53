// Lines over a varied setting, for a terminal: the columns of the chart are the columns of the numbers under it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/report/text_layout.h"

namespace racelab {

/// How many places fit beside each other with their numbers.
constexpr std::size_t chart_places_max = 10;

/// The chart, a line per series with its numbers, in at most 80 columns. Where values differ more than fifty times, the scale is
/// logarithmic, and says so; where they do not differ, one line says it. Ends with a line feed.
std::string chart_text(const Chart& chart, const TextStyle& style);

/// A line of one value, as blocks of eight heights; the highest is `most`.
std::string sparkline(const std::vector<double>& values, double most);

/// The color of a series in charts and tables.
int series_color(char letter);

/// Three digits that count: "1,234", "41.2", "0.012".
std::string short_number(double value);

}  // namespace racelab
