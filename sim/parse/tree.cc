// The parser's answer, and how its nodes are looked at.
#include "sim/parse/tree.h"

#include <optional>

namespace racelab::parse {

std::vector<ParsedStatement> parse_sql(const std::string& text) {
  if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
    throw SyntaxError{"a zero byte is no part of SQL", zero};
  }
  boost::json::parse_options options;
  options.max_depth = 2'000;
  options.allow_invalid_utf8 = true;
  boost::json::error_code error;
  const Json tree = boost::json::parse(tree_text(text), error, {}, options);
  if (error) {
    throw SyntaxError{"the statement is nested too deeply", 0};
  }
  std::vector<ParsedStatement> statements;
  for (const Json& one : list_of(tree.as_object(), "stmts")) {
    ParsedStatement& statement = statements.emplace_back();
    statement.offset = static_cast<std::size_t>(number_of(one.as_object(), "stmt_location"));
    statement.length = static_cast<std::size_t>(number_of(one.as_object(), "stmt_len"));
    if (statement.length == 0) {
      statement.length = text.size() - statement.offset;
    }
    statement.tree = one.as_object().at("stmt");
  }
  return statements;
}

namespace {

// A node's first place, found anywhere inside it.
std::optional<std::size_t> any_location(const Json& node) {
  if (const Object* object = node.if_object()) {
    if (const Json* at = member(*object, "location");
        at != nullptr && at->is_int64() && at->as_int64() >= 0) {
      return static_cast<std::size_t>(at->as_int64());
    }
    for (const auto& [name, value] : *object) {
      if (const auto found = any_location(value)) {
        return found;
      }
    }
  }
  if (const boost::json::array* list = node.if_array()) {
    for (const Json& one : *list) {
      if (const auto found = any_location(one)) {
        return found;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::size_t place_in(const Json& node) { return any_location(node).value_or(0); }

std::string_view kind_of(const Json& node) {
  const Object* object = node.if_object();
  if (object == nullptr || object->empty()) {
    return {};
  }
  const auto key = object->begin()->key();
  return {key.data(), key.size()};
}

const Object& body_of(const Json& node) {
  static const Object nothing;
  const Object* object = node.if_object();
  const Object* body =
      object == nullptr || object->empty() ? nullptr : object->begin()->value().if_object();
  return body == nullptr ? nothing : *body;
}

const Json* member(const Object& object, std::string_view name) { return object.if_contains(name); }

std::string text_of(const Object& object, std::string_view name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::int64_t number_of(const Object& object, std::string_view name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_int64() ? value->as_int64() : 0;
}

std::int64_t missing_number(const std::string& text, std::size_t location) {
  std::size_t at = location;
  while (at < text.size() && (text[at] < '0' || text[at] > '9')) {
    at = text.compare(at, 2, "--") == 0   ? std::min(text.find('\n', at), text.size())
         : text.compare(at, 2, "/*") == 0 ? std::min(text.find("*/", at), text.size() - 2) + 2
                                          : at + 1;
  }
  std::int64_t number = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9' && number < INT64_MAX / 100) {
    number = (number * 10) + (text[at++] - '0');
  }
  return -number;
}

bool flag_of(const Object& object, std::string_view name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

const boost::json::array& list_of(const Object& object, std::string_view name) {
  static const boost::json::array nothing;
  const Json* value = member(object, name);
  return value != nullptr && value->is_array() ? value->as_array() : nothing;
}

std::vector<std::string> names_of(const boost::json::array& list) {
  std::vector<std::string> names;
  for (const Json& node : list) {
    names.push_back(kind_of(node) == "A_Star" ? "*" : text_of(body_of(node), "sval"));
  }
  return names;
}

}  // namespace racelab::parse
