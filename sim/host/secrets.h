// What nobody must guess: drawn from outside, compared without telling how much of it was right.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace racelab::host {

/// 32 bits that nobody can foresee.
using Draw = std::function<std::uint32_t()>;

/// Six digits: what is typed on a phone, after a look at the projector.
std::string draw_code(const Draw& draw);

/// 128 bits as 32 letters.
std::string draw_secret(const Draw& draw);

/// Takes as long wherever the two differ.
bool same_secret(std::string_view one, std::string_view other);

}  // namespace racelab::host
