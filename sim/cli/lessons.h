// The lessons that are built in, and what running one needs of the other commands.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/cli/cli.h"
#include "sim/scenario/lesson.h"

namespace racelab {

/// In the order of their numbers, 1, 2, 3 …
const std::vector<Lesson>& built_in_lessons();

/// What a command prints, run here and now; `color` as on a terminal that has colors.
CommandResult run_arguments(const std::vector<std::string>& arguments, bool color);

/// Of an endpoint that is built: one choice of each part, from 0.
using PartChoices = std::vector<std::size_t>;
/// The experiment with these choices.
std::vector<std::string> arguments_with(const Lesson& lesson, const PartChoices& choices);
/// The SQL that these choices leave, from its directives on.
std::string endpoint_with(const Lesson& lesson, const PartChoices& choices);

}  // namespace racelab
