// Text for the terminal that somebody sits at: no wider than it, and what counts still to be seen when the rest has scrolled away.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace racelab {

/// Lines that are wider than so many columns, broken between words. Commands stay whole, since they are copied, and so do the rows of
/// a table, whose columns would no longer stand below each other, and a word that is wider by itself. Colors take no columns.
std::string fitted(std::string_view text, std::size_t columns);

/// What a report that is longer than the terminal is high ends with: its verdict, and what to type next. Empty when it is not, or
/// does not begin with a verdict.
std::string closing(std::string_view report, std::size_t rows);

/// A sentence in which what is quoted takes no more than a line.
std::string with_short_quotes(std::string_view sentence);

}  // namespace racelab
