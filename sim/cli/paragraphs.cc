// Prose has one blank between words.
#include "sim/cli/paragraphs.h"

#include <algorithm>

namespace racelab {

std::vector<std::string_view> paragraphs_of(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    while (taken.starts_with('\n')) {
      taken.remove_prefix(1);
    }
    while (taken.ends_with('\n')) {
      taken.remove_suffix(1);
    }
    if (!taken.empty()) {
      all.push_back(taken);
    }
  }
  return all;
}

bool keeps_its_lines(std::string_view paragraph) {
  return paragraph.starts_with("  ") || paragraph.starts_with("usage: ") ||
         paragraph.find("   ") != std::string_view::npos;
}

}  // namespace racelab
