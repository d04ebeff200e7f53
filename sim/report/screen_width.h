// How wide a text is made: as wide as the screen that it is for, where that is known.
#pragma once

#include <cstddef>

namespace racelab {

/// What is narrower cannot be read in columns, and longer lines are lost between one end and the other.
constexpr std::size_t screen_width_min = 40;
constexpr std::size_t screen_width_max = 120;

/// 80 columns, or what was set. (Drawings and tables, whose columns stand for something, keep to text_width.)
std::size_t screen_width();

/// From now on, for all of this process: so many columns, or the nearest of those above.
void set_screen_width(std::size_t columns);

}  // namespace racelab
