// The paragraphs of a help, which are printed in lines of any width and in manual pages.
#pragma once

#include <string_view>
#include <vector>

namespace racelab {

/// What stands between empty lines, without the last line feed.
std::vector<std::string_view> paragraphs_of(std::string_view text);

/// Whether its lines are meant as they stand: they say how a command is called, are indented, or have columns.
bool keeps_its_lines(std::string_view paragraph);

}  // namespace racelab
