// A code is short because it is typed by hand; so guesses of it are counted. A secret is long, and they need not be.
#include "sim/host/secrets.h"

#include <fmt/format.h>

namespace racelab::host {

std::string draw_code(const Draw& draw) {
  constexpr std::uint32_t codes = 1'000'000;
  constexpr std::uint32_t below =
      UINT32_MAX / codes * codes;  // from there on some codes would be likelier
  std::uint32_t drawn = draw();
  while (drawn >= below) {
    drawn = draw();
  }
  return fmt::format("{:06}", drawn % codes);
}

std::string draw_secret(const Draw& draw) {
  std::string secret;
  for (int part = 0; part < 4; ++part) {
    secret += fmt::format("{:08x}", draw());
  }
  return secret;
}

bool same_secret(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) {
    return false;
  }
  unsigned difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(one[i])) ^
                  static_cast<unsigned>(static_cast<unsigned char>(other[i]));
  }
  return difference == 0;
}

}  // namespace racelab::host
