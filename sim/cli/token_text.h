// The text of a token: VERSION:SCENARIO:FLEET:SETTINGS:WORD:CHECKSUM, settings as key=value joined by ~. What the parts mean is
// the business of whoever wrote them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racelab {

/// The scenario part of a token whose scenario is not built in.
constexpr std::string_view not_built_in = "-";

struct TokenParts {
  std::string scenario;
  std::string fleet;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::uint32_t> issued;  // operations of each client; empty: all
  std::string word;
};

std::string text_of(const TokenParts& parts);

/// Throws UsageError when the token is damaged or of another version.
TokenParts parts_of_token(const std::string& token);

/// What a shell or a token minds, written as %XX. And back; throws UsageError when it was not written so.
std::string escaped_part(std::string_view text);
std::string unescaped_part(std::string_view text);

/// The texts one after another, in hexadecimal; so many digits, at most 16.
std::string checksum_of(const std::vector<std::string_view>& texts, int digits);

}  // namespace racelab
