// Where a long report goes, a piece at a time: nobody has to hold it whole.
#pragma once

#include <functional>
#include <string_view>

namespace racelab {

using Sink = std::function<void(std::string_view)>;

}  // namespace racelab
