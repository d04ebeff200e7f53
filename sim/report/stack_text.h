// A stack in words: who calls whom, how many calls one operation can become, and who gives up too early.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "sim/report/text_layout.h"
#include "sim/scenario/settings.h"

namespace racelab {

/// Its labelled lines: "stack" where it is said whose the retries of a layer are, "path", and "early" where a caller gives up
/// before whom it has called; none where the clients call the service themselves.
std::vector<Labelled> stack_blocks(const Settings& settings);

/// Layer by layer: who calls, the preset, and every setting of its policy.
boost::json::array stack_json(const Settings& settings);

}  // namespace racelab
