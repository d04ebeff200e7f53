// A driver in any language has JSON's values, and marks its parameters as it likes.
#include "sim/drivers/exec_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/laid_out.h"
#include "sim/parse/lexer.h"

namespace racelab::drivers {

namespace json = boost::json;

namespace {

constexpr std::int64_t whole_max = std::int64_t{1} << 53;  // as JavaScript's numbers go

// What a driver cannot have from us: our clock, and ids that are drawn again.
constexpr std::array<std::string_view, 5> unsteady{
    {"now", "clock_timestamp", "current_timestamp", "transaction_timestamp", "gen_random_uuid"}};

// Calls `visit` with what is no quoted text and no comment: a word, or one other letter; and with the rest as it is.
template <typename Word, typename Rest>
void each_word(const std::string& sql, const Word& word, const Rest& rest) {
  for (std::size_t at = 0; at < sql.size();) {
    std::size_t end = parse::end_of_quoted(sql, at);
    if (end > at) {
      rest(sql.substr(at, end - at));
    } else {
      end = at + 1;
      while (end < sql.size() && parse::in_name(sql[end]) &&
             (parse::starts_name(sql[at]) || sql[at] == '$')) {
        ++end;
      }
      word(sql.substr(at, end - at));
    }
    at = end;
  }
}

}  // namespace

void refuse_unsteady(const std::string& sql, const std::string& name) {
  each_word(
      sql,
      [&name](const std::string& word) {
        if (std::find(unsteady.begin(), unsteady.end(), word) != unsteady.end()) {
          throw NotInThisDatabase(fmt::format(
              "{} has its own {}: what asks for the time or draws ids is not run on a driver", name,
              word));
        }
      },
      [](const std::string&) {});
}

json::value json_of(const sql::Value& value) {
  if (value.is_null) {
    return nullptr;
  }
  if (value.type == sql::Type::boolean) {
    return value.is_true();
  }
  if (sql::is_number(value.type) && value.number < whole_max && value.number > -whole_max) {
    return value.number;
  }
  return json::string(sql::to_text(value));
}

std::pair<std::string, json::array> with_marks(const std::string& sql, const json::array& given) {
  std::string text;
  json::array ordered;
  each_word(
      sql,
      [&](const std::string& word) {
        const bool numbered =
            word.size() > 1 && word[0] == '$' &&
            std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (numbered) {
          ordered.push_back(given.at(std::stoul(word.substr(1)) - 1));
        }
        text += numbered ? "?" : word;
      },
      [&text](const std::string& rest) { text += rest; });
  return {text, ordered};
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

void nonsense(const std::string& what) {
  throw DriverError("the driver does not keep to docs/drivers.md: " + what);
}

sql::SqlState state_in(const json::object& error) {
  const std::string code = text_in(error, "sqlstate");
  const bool right = code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                     });
  if (!right) {
    nonsense(fmt::format("the 'sqlstate' of an error has five digits or capitals, not '{}'", code));
  }
  return sql::SqlState(code.c_str());
}

bool is_unknown_sql(const sql::SqlState& state) {
  return state == sql::SqlState("42601") || state == sql::SqlState("0A000") ||
         state == sql::SqlState("42883") || state == sql::SqlState("42704");
}

sql::Value value_in(const json::value& value, sql::Type type) {
  if (value.is_null()) {
    return sql::Value::null(type);
  }
  if (type == sql::Type::nothing) {
    return sql::Value::of(type, std::string());
  }
  std::string text;
  if (value.is_string()) {
    text = value.as_string();
  } else if (value.is_double() && std::floor(value.as_double()) == value.as_double() &&
             std::abs(value.as_double()) < static_cast<double>(whole_max)) {
    text = fmt::format("{}", static_cast<std::int64_t>(value.as_double()));
  } else {
    text = json::serialize(value);
  }
  std::optional<sql::Value> read = sql::from_text(type, text);
  if (!read) {
    nonsense(fmt::format("it answers {}, which is no {}", json::serialize(value).substr(0, 60),
                         sql::name_of(type)));
  }
  return *read;
}

}  // namespace racelab::drivers
