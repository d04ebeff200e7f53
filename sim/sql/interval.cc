// Intervals: text, and the arithmetic that keeps days apart.
#include "sim/sql/interval.h"

#include <array>
#include <cstdio>

namespace racelab::sql {

namespace {

constexpr std::int64_t second = 1'000'000;

struct Unit {
  const char* name;
  std::int64_t micros;
};
constexpr std::array<Unit, 24> units{{
    {"", second},
    {"s", second},
    {"sec", second},
    {"second", second},
    {"seconds", second},
    {"secs", second},
    {"ms", 1'000},
    {"msec", 1'000},
    {"millisecond", 1'000},
    {"milliseconds", 1'000},
    {"us", 1},
    {"microsecond", 1},
    {"microseconds", 1},
    {"m", 60 * second},
    {"min", 60 * second},
    {"mins", 60 * second},
    {"minute", 60 * second},
    {"minutes", 60 * second},
    {"h", 3'600 * second},
    {"hour", 3'600 * second},
    {"hours", 3'600 * second},
    {"d", micros_per_day},
    {"day", micros_per_day},
    {"days", micros_per_day},
}};
constexpr std::array<Unit, 3> weeks{{{"w", 7}, {"week", 7}, {"weeks", 7}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Reads an interval's text from its beginning.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Value> read() {
    bool any = false;
    for (skip_blanks(); !text_.empty(); skip_blanks()) {
      if (!part()) {
        return std::nullopt;
      }
      any = true;
    }
    return any ? make_interval(days_, micros_) : std::nullopt;
  }

 private:
  void skip_blanks() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t')) {
      text_.remove_prefix(1);
    }
  }

  bool take(char c) {
    const bool there = !text_.empty() && text_.front() == c;
    text_.remove_prefix(there ? 1 : 0);
    return there;
  }

  // At most 12 digits; nothing: none, or more.
  std::optional<std::int64_t> number() {
    std::int64_t read = 0;
    int digits = 0;
    for (; !text_.empty() && is_digit(text_.front()); text_.remove_prefix(1)) {
      read = (read * 10) + (text_.front() - '0');
      if (++digits > 12) {
        return std::nullopt;
      }
    }
    return digits > 0 ? std::optional(read) : std::nullopt;
  }

  // ".25" in millionths; further digits are dropped.
  std::int64_t fraction() {
    std::int64_t millionths = 0;
    std::int64_t scale = second / 10;
    if (take('.')) {
      for (; !text_.empty() && is_digit(text_.front()); text_.remove_prefix(1)) {
        millionths += scale * (text_.front() - '0');
        scale /= 10;
      }
    }
    return millionths;
  }

  // "10:30", "10:30:05.25", after its hours.
  bool clock(std::int64_t hours, std::int64_t sign) {
    const std::optional<std::int64_t> minutes = number();
    std::optional<std::int64_t> seconds = 0;
    std::int64_t part_of_second = 0;
    if (take(':')) {
      seconds = number();
      part_of_second = fraction();
    }
    if (!minutes || !seconds || *minutes > 59 || *seconds > 59) {
      return false;
    }
    const std::int64_t rest = (((*minutes * 60) + *seconds) * second) + part_of_second;
    return add(micros_, hours, sign * 3'600 * second) && add(micros_, rest, sign);
  }

  static bool add(std::int64_t& sum, std::int64_t number, std::int64_t scale) {
    std::int64_t part = 0;
    return !__builtin_mul_overflow(number, scale, &part) &&
           !__builtin_add_overflow(sum, part, &sum);
  }

  // "-1.5 hours", "10:30".
  bool part() {
    const std::int64_t sign = take('-') ? -1 : 1;
    if (sign > 0) {
      take('+');
    }
    const std::optional<std::int64_t> whole = number();
    if (!whole) {
      return false;
    }
    if (take(':')) {
      return clock(*whole, sign);
    }
    const std::int64_t millionths = fraction();
    skip_blanks();
    std::string unit;
    for (; !text_.empty() && is_letter(text_.front()); text_.remove_prefix(1)) {
      unit += static_cast<char>(text_.front() | 0x20);
    }
    for (const Unit& it : weeks) {
      if (unit == it.name) {
        return add(days_, *whole, sign * it.micros) &&
               add(micros_, millionths, sign * it.micros * (micros_per_day / second));
      }
    }
    for (const Unit& it : units) {
      if (unit == it.name) {
        const bool of_days = it.micros == micros_per_day;
        const std::int64_t rest = millionths * it.micros / second;
        return add(of_days ? days_ : micros_, *whole, of_days ? sign : sign * it.micros) &&
               add(micros_, rest, sign);
      }
    }
    return false;
  }

  std::string_view text_;
  std::int64_t days_ = 0;
  std::int64_t micros_ = 0;
};

// To the nearest, and to the even one of two that are as near.
std::int64_t rounded_quotient(std::int64_t number, std::int64_t by) {
  const std::int64_t quotient = number / by;
  const std::int64_t rest = number % by;
  const std::int64_t twice = rest < 0 ? -rest : rest;
  const std::int64_t whole = by < 0 ? -by : by;
  const bool up = twice > whole - twice || (twice == whole - twice && quotient % 2 != 0);
  return up ? quotient + ((number < 0) == (by < 0) ? 1 : -1) : quotient;
}

}  // namespace

std::optional<Value> make_interval(std::int64_t days, std::int64_t micros) {
  Value value = Value::of(Type::interval, 0);
  if (days > INT32_MAX || days < INT32_MIN ||
      __builtin_mul_overflow(days, micros_per_day, &value.number) ||
      __builtin_add_overflow(value.number, micros, &value.number)) {
    return std::nullopt;
  }
  value.days = static_cast<std::int32_t>(days);
  return value;
}

std::string interval_text(const Value& interval) {
  const std::int64_t rest = micros_besides_days(interval);
  std::string text;
  if (interval.days != 0) {
    text = std::to_string(interval.days) + (interval.days == 1 ? " day" : " days");
  }
  if (rest == 0 && interval.days != 0) {
    return text;
  }
  text += text.empty() ? "" : " ";
  text += rest < 0 ? "-" : interval.days < 0 ? "+" : "";
  const auto micros =
      rest < 0 ? 0 - static_cast<std::uint64_t>(rest) : static_cast<std::uint64_t>(rest);
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02llu:%02llu:%02llu",
                static_cast<unsigned long long>(micros / 3'600'000'000U),
                static_cast<unsigned long long>(micros / 60'000'000U % 60U),
                static_cast<unsigned long long>(micros / 1'000'000U % 60U));
  text += buffer.data();
  if (micros % 1'000'000U != 0) {
    std::snprintf(buffer.data(), buffer.size(), ".%06llu",
                  static_cast<unsigned long long>(micros % 1'000'000U));
    text += buffer.data();
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

std::optional<Value> interval_of(std::string_view text) { return Reader(text).read(); }

std::optional<Value> interval_between(std::int64_t from, std::int64_t to) {
  std::int64_t micros = 0;
  if (__builtin_sub_overflow(to, from, &micros)) {
    return std::nullopt;
  }
  return make_interval(micros / micros_per_day, micros % micros_per_day);
}

std::optional<Value> divided(const Value& interval, std::int64_t by) {
  const std::int64_t days = interval.days / by;
  std::int64_t rest = 0;
  if (by == -1 && interval.number == INT64_MIN) {
    return std::nullopt;
  }
  if (__builtin_sub_overflow(rounded_quotient(interval.number, by), days * micros_per_day, &rest)) {
    return std::nullopt;
  }
  return make_interval(days, rest);
}

}  // namespace racelab::sql
