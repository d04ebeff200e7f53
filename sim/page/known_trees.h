// What PostgreSQL's parser said of the built-in endpoints when the page was built: the page has no parser.
#pragma once

#include <span>
#include <string_view>

namespace racelab::page {

struct KnownTree {
  std::string_view text;
  std::string_view tree;  // JSON
};

/// Sorted by text. Defined in a file that the page's build writes.
std::span<const KnownTree> known_trees();

}  // namespace racelab::page
