// Reading and writing values, and names that are nearly right. Decimals ("1.5ms", "0.25%") are read as scaled integers; no
// floating point takes part.
#include <algorithm>
#include <array>
#include <charconv>

#include "sim/scenario/options.h"

namespace racelab {

namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t parts_per_percent = 10'000'000;

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};
// Longest first where one ends another.
constexpr std::array<Unit, 4> units{
    {{"us", 1}, {"ms", 1'000}, {"min", 60'000'000}, {"s", 1'000'000}}};

// A number as it was written, in whole steps of its option.
struct Steps {
  std::optional<std::int64_t>
      value;              // none: it is no number; what is too large for any option is INT64_MAX
  bool too_fine = false;  // it lies between two steps
};

// "12.5" with a thousand steps to one is 12500.
Steps parse_decimal(std::string_view text, std::int64_t steps_per_one) {
  constexpr std::int64_t whole_max = 100'000'000'000;
  constexpr std::size_t digits_max = 18;  // a fraction with more is no whole number of steps
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const auto digits_only = [](std::string_view digits) {
    return digits.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const bool ends_well = !text.empty() && text.back() != '.';
  if (!ends_well || !digits_only(text.substr(0, point)) || !digits_only(fraction)) {
    return {};
  }
  std::int64_t whole = 0;
  for (const char digit : text.substr(0, point)) {
    whole = (whole * 10) + (digit - '0');
    if (whole > whole_max) {
      return {INT64_MAX};
    }
  }
  while (fraction.ends_with('0')) {
    fraction.remove_suffix(1);
  }
  bool too_fine = fraction.size() > digits_max;
  Wide parts = 0;
  Wide all_parts = 1;
  for (const char digit : fraction.substr(0, digits_max)) {
    parts = (parts * 10) + (digit - '0');
    all_parts *= 10;
  }
  parts *= steps_per_one;
  too_fine = too_fine || parts % all_parts != 0;
  const Wide steps = (Wide{whole} * steps_per_one) + (parts / all_parts);
  return {static_cast<std::int64_t>(std::min<Wide>(steps, INT64_MAX)), too_fine};
}

Steps parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) {
    return {};
  }
  return {error == std::errc{} ? value : text.starts_with('-') ? INT64_MIN : INT64_MAX};
}

Steps parse_duration(std::string_view text) {
  for (const Unit& unit : units) {
    if (text.ends_with(unit.name)) {
      return parse_decimal(text.substr(0, text.size() - unit.name.size()), unit.microseconds);
    }
  }
  return {};
}

std::string format_decimal(std::int64_t value, std::int64_t parts_of_one) {
  std::string text = std::to_string(value / parts_of_one);
  std::string rest = std::to_string(parts_of_one + (value % parts_of_one)).substr(1);
  rest.erase(rest.find_last_not_of('0') + 1);
  return text + (rest.empty() ? "" : "." + rest);
}

std::string format_rate(std::int64_t value) {
  return format_decimal(value, parts_per_percent) + "%";
}

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return text;
}

std::string with_none(const Option& option) {
  return option.none.empty() ? "" : ", or " + option.none;
}

std::string not_a(const Option& option, const std::string& what, std::string_view text) {
  return option.name + " must be " + what + with_none(option) + ", not '" + std::string(text) + "'";
}

std::string expected_form(const Option& option) {
  switch (option.form) {
    case Form::duration:
      return "a time with its unit, such as 250us, 1.5ms, 2s or 1min";
    case Form::rate:
      return "a share with a %, such as 2% or 0.5%";
    case Form::per_second:
      return "a number per second, such as 200/s";
    case Form::factor:
      return "a number such as 2 or 1.5";
    default:
      return "a whole number";
  }
}

ParsedValue parse_choice(const Option& option, std::string_view text) {
  const auto place = std::find(option.choices.begin(), option.choices.end(), text);
  if (place != option.choices.end()) {
    return {place - option.choices.begin(), ""};
  }
  const std::string near = nearest(text, option.choices);
  return {std::nullopt, not_a(option, list(option.choices), text) +
                            (near.empty() ? "" : "; did you mean '" + near + "'?")};
}

ParsedValue parse_choices(const Option& option, std::string_view text) {
  std::int64_t bits = 0;
  while (true) {
    const std::size_t end = text.find(',');
    std::string_view word = text.substr(0, end);
    while (word.starts_with(' ')) {
      word.remove_prefix(1);
    }
    while (word.ends_with(' ')) {
      word.remove_suffix(1);
    }
    if (!option.none.empty() && word == option.none) {
      return {std::nullopt, option.name + ": '" + option.none +
                                "' stands alone, or is left out: it means that there are none"};
    }
    ParsedValue one = parse_choice(option, word);
    if (!one.value) {
      return one;
    }
    const std::int64_t bit = std::int64_t{1} << *one.value;
    if ((bits & bit) != 0) {
      return {std::nullopt, option.name + " has '" + std::string(word) + "' twice; once is enough"};
    }
    bits |= bit;
    if (end == std::string_view::npos) {
      return {bits, ""};
    }
    text.remove_prefix(end + 1);
  }
}

// Levenshtein's distance with swaps (optimal string alignment): the insertions, deletions, replacements and exchanges of
// two neighbours that lead from one word to the other.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j < row.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

std::string format_duration(std::int64_t value) {
  const auto scaled = [value](std::int64_t unit, std::string_view name) {
    std::string text = std::to_string(value / unit);
    std::string rest = std::to_string(unit + (value % unit)).substr(1);
    rest.erase(rest.find_last_not_of('0') + 1);
    return text + (rest.empty() ? "" : "." + rest) + std::string(name);
  };
  return value >= 1'000'000 ? scaled(1'000'000, "s")
         : value >= 1'000   ? scaled(1'000, "ms")
                            : std::to_string(value) + "us";
}

ParsedValue parse_value(const Option& option, std::string_view text) {
  if (!option.none.empty() && text == option.none) {
    return {absent, ""};
  }
  Steps read;
  switch (option.form) {
    case Form::choice:
      return parse_choice(option, text);
    case Form::choices:
      return parse_choices(option, text);
    case Form::duration:
      read = parse_duration(text);
      break;
    case Form::rate:
      if (text.ends_with('%')) {
        read = parse_decimal(text.substr(0, text.size() - 1), parts_per_percent);
      }
      break;
    case Form::factor:
      read = parse_decimal(text, parts_per_percent * 100);
      break;
    case Form::per_second:
      if (text.ends_with("/s")) {
        read = parse_integer(text.substr(0, text.size() - 2));
      }
      break;
    default:
      read = parse_integer(text);
  }
  const std::optional<std::int64_t> value = read.value;
  const bool looks_negative = text.starts_with('-') && option.low >= 0;
  if (!value && !looks_negative) {
    return {std::nullopt, not_a(option, expected_form(option), text)};
  }
  if (read.too_fine && *value <= option.high) {
    return {std::nullopt, not_a(option, "in steps of " + format_value(option, 1), text)};
  }
  if (!value || *value < option.low || *value > option.high) {
    return {std::nullopt, not_a(option,
                                "from " + format_value(option, option.low) + " to " +
                                    format_value(option, option.high),
                                text)};
  }
  return {value, ""};
}

std::string format_value(const Option& option, std::int64_t value) {
  if (!option.none.empty() && value == absent) {
    return option.none;
  }
  switch (option.form) {
    case Form::choice:
      return option.choices[static_cast<std::size_t>(value)];
    case Form::choices: {
      std::string text;
      for (std::size_t i = 0; i < option.choices.size(); ++i) {
        if ((value >> i) % 2 != 0) {
          text += (text.empty() ? "" : ",") + option.choices[i];
        }
      }
      return text.empty() ? option.none : text;
    }
    case Form::duration:
      return format_duration(value);
    case Form::rate:
      return format_rate(value);
    case Form::per_second:
      return std::to_string(value) + "/s";
    case Form::factor:
      return format_decimal(value, parts_per_percent * 100);
    default:
      return std::to_string(value);
  }
}

std::string value_of(const Option& option, const Settings& settings) {
  return format_value(option, option.get(settings));
}

std::string placeholder(const Option& option) {
  std::string text;
  switch (option.form) {
    case Form::choice:
    case Form::choices:
      for (const std::string& word : option.choices) {
        text += (text.empty() ? "" : option.form == Form::choice ? "|" : ",") + word;
      }
      break;
    case Form::duration:
      text = "TIME";
      break;
    case Form::rate:
      text = "P%";
      break;
    case Form::per_second:
      text = "N/s";
      break;
    default:
      text = "N";
  }
  return option.none.empty() ? text : text + "|" + option.none;
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = SIZE_MAX;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(name.size(), candidate.size());
    // Near: at most a third of the longer word differs; or it is the beginning of the name, or one of its parts but for a
    // quarter.
    std::size_t distance = edits(name, candidate);
    bool near = distance * 3 <= longer;
    if (name.size() >= 3 && candidate.starts_with(name)) {
      distance = std::min<std::size_t>(distance, 2);  // a slip of one letter is nearer
      near = true;
    }
    std::string_view rest = candidate;
    while (!near && !rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of("-."), rest.size());
      const std::size_t part_distance = edits(name, rest.substr(0, end));
      if (end >= 4 && part_distance * 4 <= end) {
        distance = part_distance + 1;
        near = true;
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (near && distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace racelab
