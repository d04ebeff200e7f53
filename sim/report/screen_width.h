// How wide a text is made: as wide as the screen that it is for, where that is known.
#pragma once

#include <cstddef>

namespace racelab {

/// 80 columns, or what was set. (Drawings, whose columns stand for something, keep to text_width.)
std::size_t screen_width();

/// From now on, for all of this process; below 40 it is 40, above 200 it is 200.
void set_screen_width(std::size_t columns);

}  // namespace racelab
