// Text to values and back, as PostgreSQL 15 writes and reads them.
#include "sim/sql/value.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>

#include "sim/sql/interval.h"

namespace racelab::sql {

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = micros_per_day;

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Days since 1970-01-01 to a date and back (the proleptic Gregorian calendar, counted in eras of 400 years from March on).
Date date_of(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto of_era = static_cast<unsigned>(days - (era * 146'097));
  const unsigned year_of_era =
      (of_era - (of_era / 1'460) + (of_era / 36'524) - (of_era / 146'096)) / 365;
  const unsigned of_year = of_era - ((365 * year_of_era) + (year_of_era / 4) - (year_of_era / 100));
  const unsigned month_from_march = ((5 * of_year) + 2) / 153;
  const unsigned day_of_month = of_year - (((153 * month_from_march) + 2) / 5) + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {static_cast<std::int64_t>(year_of_era) + (era * 400) + (month <= 2 ? 1 : 0), month,
          day_of_month};
}

std::int64_t days_of(const Date& date) {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - (era * 400));
  const unsigned month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const unsigned of_year = (((153 * month_from_march) + 2) / 5) + date.day - 1;
  const unsigned of_era = (year_of_era * 365) + (year_of_era / 4) - (year_of_era / 100) + of_year;
  return (era * 146'097) + static_cast<std::int64_t>(of_era) - 719'468;
}

// "05.25" of microseconds.
std::string seconds_text(std::int64_t micros) {
  std::array<char, 32> buffer{};
  const std::int64_t rest = micros % second;
  if (rest == 0) {
    std::snprintf(buffer.data(), buffer.size(), "%02d", static_cast<int>(micros / second));
    return buffer.data();
  }
  std::snprintf(buffer.data(), buffer.size(), "%02d.%06d", static_cast<int>(micros / second),
                static_cast<int>(rest));
  std::string text = buffer.data();
  while (text.back() == '0') {
    text.pop_back();
  }
  return text;
}

std::string clock_text(std::int64_t micros) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(),
                "%02lld:%02d:", static_cast<long long>(micros / (3'600 * second)),
                static_cast<int>(micros / (60 * second) % 60));
  return buffer.data() + seconds_text(micros % (60 * second));
}

std::string timestamp_text(std::int64_t micros) {
  std::int64_t days = micros / day;
  std::int64_t rest = micros % day;
  if (rest < 0) {
    rest += day;
    --days;
  }
  const Date date = date_of(days);
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04lld-%02u-%02u ",
                static_cast<long long>(date.year), date.month, date.day);
  return buffer.data() + clock_text(rest) + "+00";
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::string lower(std::string_view text) {
  std::string lowered;
  for (const char c : text) {
    lowered += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lowered;
}

// "10:30", "10:30:05.25" at the front of a text, taken away from it: microseconds.
std::optional<std::int64_t> take_clock(std::string_view& text, int hours_max) {
  std::array<int, 3> part{};
  int used = 0;
  const std::string copy(text);
  const int got =
      std::sscanf(copy.c_str(), "%2d:%2d%n:%2d%n", &part[0], &part[1], &used, &part[2], &used);
  if (got < 2 || part[0] < 0 || part[0] > hours_max || part[1] < 0 || part[1] > 59 || part[2] < 0 ||
      part[2] > 59) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(used));
  std::int64_t micros = 0;
  if (got == 3 && !text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    std::int64_t scale = second / 10;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      micros += scale * (text.front() - '0');
      scale /= 10;
      text.remove_prefix(1);
    }
  }
  return micros +
         (((part[0] * std::int64_t{3'600}) + (part[1] * std::int64_t{60}) + part[2]) * second);
}

std::optional<std::int64_t> timestamp_of(std::string_view text) {
  std::array<int, 3> part{};
  int used = 0;
  const std::string copy(trimmed(text));
  const int read = std::sscanf(copy.c_str(), "%4d-%2d-%2d%n", &part[0], &part[1], &part[2], &used);
  if (read != 3 || part[0] < 1 || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31) {
    return std::nullopt;
  }
  const Date date{part[0], static_cast<unsigned>(part[1]), static_cast<unsigned>(part[2])};
  if (date_of(days_of(date)).day != date.day) {
    return std::nullopt;  // February 30
  }
  std::string_view rest = trimmed(std::string_view(copy).substr(static_cast<std::size_t>(used)));
  if (!rest.empty() && rest.front() == 'T') {
    rest.remove_prefix(1);
  }
  std::optional<std::int64_t> clock = 0;
  if (!rest.empty()) {
    clock = take_clock(rest, 23);
    rest = trimmed(rest);
  }
  const bool utc =
      rest.empty() || rest == "+00" || rest == "Z" || rest == "UTC" || rest == "+00:00";
  return clock && utc ? std::optional((days_of(date) * day) + *clock) : std::nullopt;
}

bool is_uuid(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
      return false;
    }
  }
  return text.size() == 36;
}

}  // namespace

std::string name_of(Type type) {
  constexpr std::array<const char*, 10> names{
      "unknown",  "boolean", "smallint", "integer", "bigint", "text", "timestamp with time zone",
      "interval", "uuid",    "void"};
  return names.at(static_cast<std::size_t>(type));
}

int compare(const Value& a, const Value& b) {
  if (a.type == Type::text || a.type == Type::uuid || a.type == Type::unknown) {
    const int order = a.text.compare(b.text);
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
  }
  return a.number < b.number ? -1 : (a.number > b.number ? 1 : 0);
}

bool printed_before(const Value& a, const Value& b) {
  if (a.is_null || b.is_null) {
    return !a.is_null && b.is_null;
  }
  if (a.number != b.number) {
    return a.number < b.number;
  }
  return a.days != b.days ? a.days < b.days : a.text < b.text;
}

std::string to_text(const Value& value) {
  if (value.is_null) {
    return "NULL";
  }
  switch (value.type) {
    case Type::boolean:
      return value.number != 0 ? "true" : "false";
    case Type::smallint:
    case Type::integer:
    case Type::bigint:
      return std::to_string(value.number);
    case Type::timestamptz:
      return timestamp_text(value.number);
    case Type::interval:
      return interval_text(value);
    case Type::unknown:
    case Type::text:
    case Type::uuid:
      return value.text;
    case Type::nothing:
      return "";
  }
  return "";
}

std::string to_line(const Value& value) {
  std::string made;
  for (const char c : to_text(value)) {
    made += c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : std::string(1, c);
  }
  return made;
}

std::string to_literal(const Value& value) {
  const bool bare = value.is_null || is_number(value.type) || value.type == Type::boolean;
  if (bare) {
    return to_text(value);
  }
  std::string quoted = "'";
  for (const char c : to_text(value)) {
    quoted += c == '\'' ? "''" : std::string(1, c);
  }
  return quoted + "'";
}

std::optional<Value> from_text(Type type, std::string_view text) {
  switch (type) {
    case Type::unknown:
    case Type::text:
      return Value::of(type, std::string(text));
    case Type::uuid:
      if (!is_uuid(text)) {
        return std::nullopt;
      }
      return Value::of(type, lower(text));
    case Type::boolean: {
      const std::string word = lower(trimmed(text));
      if (word == "t" || word == "true" || word == "yes" || word == "on" || word == "1") {
        return Value::boolean(true);
      }
      if (word == "f" || word == "false" || word == "no" || word == "off" || word == "0") {
        return Value::boolean(false);
      }
      return std::nullopt;
    }
    case Type::smallint:
    case Type::integer:
    case Type::bigint: {
      const auto number = whole_number(text);
      if (!number || !fits(type, *number)) {
        return std::nullopt;
      }
      return Value::of(type, *number);
    }
    case Type::timestamptz: {
      const auto micros = timestamp_of(text);
      return micros ? std::optional(Value::of(type, *micros)) : std::nullopt;
    }
    case Type::interval:
      return interval_of(text);
    case Type::nothing:
      return std::nullopt;
  }
  return std::nullopt;
}

void describe(const Value& value, std::vector<std::uint64_t>& words) {
  if (value.is_null) {
    words.push_back(0x4E554C4C);
    return;
  }
  words.push_back((std::uint64_t{value.generator} << 32U) | value.text.size());
  words.push_back(static_cast<std::uint64_t>(value.number));
  if (value.days != 0) {
    words.push_back(static_cast<std::uint64_t>(value.days));
  }
  for (std::size_t i = 0; i < value.text.size(); i += 8) {
    std::uint64_t word = 0;
    for (std::size_t j = i; j < std::min(i + 8, value.text.size()); ++j) {
      word = (word << 8U) | static_cast<unsigned char>(value.text[j]);
    }
    words.push_back(word);
  }
}

void describe(const Values& values, std::vector<std::uint64_t>& words) {
  words.push_back(values.size());
  for (const Value& value : values) {
    describe(value, words);
  }
}

}  // namespace racelab::sql
