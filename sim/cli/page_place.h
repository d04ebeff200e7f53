// Where a page is to begin, written into it by `step --page`: as the page knows places, with the files of endpoints that are not
// built in, and what the parser says of them, since the page has none.
#pragma once

#include <string>

#include "sim/cli/arguments.h"
#include "sim/cli/step_session.h"

namespace racelab {

/// As JSON, for filled_page(). `world`: that the arguments have opened. Throws UsageError where the page could not begin there.
std::string page_place(const Arguments& arguments, SteppedWorld& world);

}  // namespace racelab
