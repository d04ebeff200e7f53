// Parts are joined and taken apart again; a checksum tells when some of a token was not copied.
#include "sim/cli/token_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/cli/usage_error.h"
#include "sim/kernel/hash.h"

namespace racelab {

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    if (end == text.size()) {
      return parts;
    }
    begin = end + 1;
  }
}

std::string checksum(std::string_view text) {
  Hash hash;
  for (const char c : text) {
    hash.add(static_cast<unsigned char>(c));
  }
  return fmt::format("{:05x}", hash.value() & 0xFFFFFU);
}

std::vector<std::uint32_t> read_issued(const std::string& value) {
  std::vector<std::uint32_t> issued;
  for (const std::string& count : split(value, '.')) {
    std::uint32_t number = 0;
    const char* end = count.data() + count.size();
    const auto [stopped, error] = std::from_chars(count.data(), end, number);
    if (error != std::errc{} || stopped != end) {
      throw UsageError("in the token: 'issued' must be numbers with dots between them, not '" +
                       value + "'");
    }
    issued.push_back(number);
  }
  return issued;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == ',' || c == '+' || c == '.';
}

}  // namespace

std::string text_of(const TokenParts& parts) {
  std::string settings;
  const auto add = [&settings](const std::string& key, const std::string& value) {
    settings += (settings.empty() ? "" : "~") + key + '=' + value;
  };
  for (const auto& [key, value] : parts.settings) {
    add(key, value);
  }
  if (!parts.issued.empty()) {
    std::string counts;
    for (const std::uint32_t count : parts.issued) {
      counts += (counts.empty() ? "" : ".") + std::to_string(count);
    }
    add("issued", counts);
  }
  const std::string text = fmt::format("{}:{}:{}:{}:{}", RACELAB_VERSION, parts.scenario,
                                       parts.fleet, settings, parts.word);
  return text + ':' + checksum(text);
}

TokenParts parts_of_token(const std::string& token) {
  const std::vector<std::string> parts = split(token, ':');
  if (parts.size() != 6) {
    throw UsageError("'" + token +
                     "' is no token: it has six parts with colons between them, as `racelab "
                     "explore two-writers` prints it");
  }
  if (checksum(token.substr(0, token.rfind(':'))) != parts.back()) {
    throw UsageError("the token is damaged: its last part should be " +
                     checksum(token.substr(0, token.rfind(':'))) + ", not '" + parts.back() +
                     "'; copy all of it");
  }
  if (parts[0] != RACELAB_VERSION) {
    throw UsageError("the token was made by racelab " + parts[0] + ", and this is racelab " +
                     RACELAB_VERSION + ": orders may mean something else here");
  }
  TokenParts contents;
  contents.scenario = parts[1];
  contents.fleet = parts[2];
  contents.word = parts[4];
  for (const std::string& setting :
       parts[3].empty() ? std::vector<std::string>{} : split(parts[3], '~')) {
    const std::size_t equals = std::min(setting.find('='), setting.size());
    const std::string key = setting.substr(0, equals);
    const std::string value = setting.substr(std::min(equals + 1, setting.size()));
    if (key == "issued") {
      contents.issued = read_issued(value);
    } else {
      contents.settings.emplace_back(key, value);
    }
  }
  return contents;
}

std::string escaped_part(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    safe += is_plain(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return safe;
}

std::string unescaped_part(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value, 16);
    if (digits.size() != 2 || error != std::errc{} || stopped != end) {
      throw UsageError(
          fmt::format("in the token: '%{}' is no character: two hexadecimal digits "
                      "were expected",
                      digits));
    }
    plain += static_cast<char>(value);
    i += 2;
  }
  return plain;
}

std::string checksum_of(const std::vector<std::string_view>& texts, int digits) {
  Hash hash;
  for (const std::string_view text : texts) {
    hash.add(text.size());
    for (const char c : text) {
      hash.add(static_cast<unsigned char>(c));
    }
  }
  return fmt::format("{:016x}", hash.value()).substr(16 - static_cast<std::size_t>(digits));
}

}  // namespace racelab
