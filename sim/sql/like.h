// LIKE: % for any letters, _ for one, a backslash before either for itself.
#pragma once

#include <cstdint>
#include <string_view>

namespace racelab::sql {

/// bad_pattern: the pattern ends in the middle of an escape, and the text was not at its end there (22025).
enum class Like : std::uint8_t { no, yes, bad_pattern };

Like is_like(std::string_view text, std::string_view pattern);

}  // namespace racelab::sql
