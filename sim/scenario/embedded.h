// The scenarios that are built in: the files of scenarios/, word for word. Their text is compiled into the binary, so that
// racelab runs from anywhere.
#pragma once

#include <span>
#include <string_view>

namespace racelab {

struct EmbeddedScenario {
  std::string_view name;  // the file's, without .ini
  std::string_view text;
};

/// Sorted by name. Defined in a file that the build writes.
std::span<const EmbeddedScenario> embedded_scenarios();

}  // namespace racelab
