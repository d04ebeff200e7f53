// PostgreSQL's own parser (libpg_query, of PostgreSQL 15), and its tree as JSON.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/parse/problem.h"

namespace racelab::parse {

using Json = boost::json::value;
using Object = boost::json::object;

struct ParsedStatement {
  Json tree;               // {"SelectStmt": {…}}
  std::size_t offset = 0;  // in what was parsed, comments before it included
  std::size_t length = 0;
};

/// The parser's message, and where.
struct SyntaxError {
  std::string message;
  std::size_t offset = 0;
};

/// What the parser says of a text: its tree, as JSON. Throws SyntaxError. A page in a browser has no parser, and looks the text up
/// among those of the built-in scenarios.
std::string tree_text(const std::string& text);

/// While one lives, every text that is parsed is kept with its tree. One at a time, on one thread.
class TreeRecorder {
 public:
  TreeRecorder();
  TreeRecorder(const TreeRecorder&) = delete;
  TreeRecorder& operator=(const TreeRecorder&) = delete;
  ~TreeRecorder();

  [[nodiscard]] const std::map<std::string, std::string>& trees() const { return trees_; }

 private:
  std::map<std::string, std::string> trees_;
};

/// Statements of a text. Throws SyntaxError.
std::vector<ParsedStatement> parse_sql(const std::string& text);

/// A node is an object with one member: its kind.
std::string_view kind_of(const Json& node);
const Object& body_of(const Json& node);

/// Where a node stands, or the first thing in it that knows; 0: nothing does.
std::size_t place_in(const Json& node);

/// Members that may be missing: the tree leaves out what is empty, false or 0.
const Json* member(const Object& object, std::string_view name);
std::string text_of(const Object& object, std::string_view name);
std::int64_t number_of(const Object& object, std::string_view name);
/// A whole number that the tree shows as missing although it may be negative: libpg_query 15-4.0.0 leaves negative ones out of its
/// JSON (findings/libpg-query-negative-numbers.sh). So its digits are read where it stands in the text: 0, or the number negated.
std::int64_t missing_number(const std::string& text, std::size_t location);
bool flag_of(const Object& object, std::string_view name);
/// The elements of a list; none if it is missing.
const boost::json::array& list_of(const Object& object, std::string_view name);
/// "a.b" of a list of String nodes.
std::vector<std::string> names_of(const boost::json::array& list);

}  // namespace racelab::parse
