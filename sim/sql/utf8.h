// Text is UTF-8: where its letters begin, and whether it is text at all.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace racelab::sql {

/// How many bytes the first letter has; 0 when it is none: cut off, longer than it need be, a surrogate, past U+10FFFF.
std::size_t letter_bytes(std::string_view text);

/// Where the first byte stands that is part of no letter.
std::optional<std::size_t> invalid_utf8(std::string_view text);

/// How many bytes its first letters take, at most so many.
std::size_t bytes_of_letters(std::string_view text, std::size_t letters_max);

/// Every byte of UTF-8 but 10xxxxxx.
constexpr bool begins_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace racelab::sql
