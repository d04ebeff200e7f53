// In place of sim/parse/postgresql_parser.cc: a text is looked up.
#include "sim/page/known_trees.h"

#include <algorithm>

#include "sim/page/given.h"
#include "sim/parse/tree.h"

namespace racelab {

std::map<std::string, std::string>& page::given_trees() {
  static std::map<std::string, std::string> trees;
  return trees;
}

namespace parse {

std::string tree_text(const std::string& text) {
  if (const auto given = page::given_trees().find(text); given != page::given_trees().end()) {
    return given->second;
  }
  const auto trees = page::known_trees();
  const auto found = std::lower_bound(
      trees.begin(), trees.end(), text,
      [](const page::KnownTree& tree, std::string_view sought) { return tree.text < sought; });
  if (found == trees.end() || found->text != text) {
    throw SyntaxError{"the page has no parser of SQL, and this is not built in", 0};
  }
  return std::string(found->tree);
}

}  // namespace parse
}  // namespace racelab
