// What `racelab --help` says, and what is said of a command that is not there.
#pragma once

#include <string>

namespace racelab {

std::string general_help();

/// "there is no command 'runn'; did you mean 'run'?"
std::string unknown_command(const std::string& command);

}  // namespace racelab
