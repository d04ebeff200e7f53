// A racelab that was built without Boost.MPI: every process is alone.
#include "sim/cli/ranks.h"

namespace racelab {

Rank rank_of_this_process() { return {}; }

std::vector<std::string> gather(const std::string& text) { return {text}; }

}  // namespace racelab
