// A page for a terminal of 80 columns: labels in a column of eight, texts wrapped beside them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/page.h"

namespace racelab {

/// How text is to look.
struct TextStyle {
  bool color = false;
};

constexpr std::size_t text_width = 80;
/// Where the text of a report's labelled lines begins: "why     …".
constexpr std::size_t label_width = 8;

/// The page, top to bottom; every block ends with a line feed. Only what is never wrapped is wider than 80 columns.
std::string page_text(const Page& page, const TextStyle& style);

/// `label` in its column, then the text, wrapped between words, further lines indented alike. Ends with a line feed.
std::string labelled(std::string_view label, std::string_view text);

/// The begun line continued with a text, wrapped between words; further lines begin at `indent`. Ends with a line feed.
std::string flowed(std::string begun, std::string_view text, std::size_t indent);

/// The text in the color of its tone, when the style wants colors.
std::string toned(std::string_view text, Tone tone, const TextStyle& style);

/// Columns that a text takes: its letters, not its bytes.
std::size_t columns_of(std::string_view text);

/// The text at the right end of so many columns, at least one blank before it.
std::string right_aligned(const std::string& text, std::size_t width);

}  // namespace racelab
