// What a lesson says against what an experiment's JSON says; and the numbers that stand in a text.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/lesson_page.h"
#include "sim/scenario/lesson.h"
#include "tests/cli/command.h"

namespace racelab::lab {

inline std::string scalar_text(const boost::json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
}

/// The value at a path: "a.b", "a[0].b", "a[strategy=x].b", "a[varied.think-time=1s].b". A key may hold dots. Null: there is none.
inline const boost::json::value* at_path(const boost::json::value* value, std::string_view path) {
  if (value == nullptr || path.empty()) {
    return value;
  }
  if (path.front() == '.') {
    return at_path(value, path.substr(1));
  }
  if (path.front() == '[') {
    const std::size_t end = path.find(']');
    const std::string_view inside = path.substr(1, end - 1);
    const std::size_t equals = inside.find('=');
    if (!value->is_array()) {
      return nullptr;
    }
    std::size_t place = 0;
    for (const boost::json::value& element : value->as_array()) {
      const boost::json::value* key =
          equals == std::string_view::npos ? nullptr : at_path(&element, inside.substr(0, equals));
      if (equals == std::string_view::npos
              ? std::to_string(place) == inside
              : key != nullptr && scalar_text(*key) == inside.substr(equals + 1)) {
        return at_path(&element, path.substr(end + 1));
      }
      ++place;
    }
    return nullptr;
  }
  if (!value->is_object()) {
    return nullptr;
  }
  // The longest key that the path begins with.
  for (std::size_t length = path.size(); length > 0; --length) {
    const bool ends = length == path.size() || path[length] == '.' || path[length] == '[';
    if (const auto* found =
            ends ? value->as_object().if_contains(path.substr(0, length)) : nullptr) {
      return at_path(found, path.substr(length));
    }
  }
  return nullptr;
}

/// A value as a lesson writes it: as many decimals as it has there, shares as "66.7 %", microseconds as "274 ms", "1,234".
inline std::string as_written(const boost::json::value& value, std::string_view like) {
  if (like == scalar_text(value)) {
    return std::string(like);
  }
  double number = 0;
  if (value.is_number()) {
    number = value.to_number<double>();
  } else if (!value.is_string() ||
             std::from_chars(value.as_string().data(),
                             value.as_string().data() + value.as_string().size(), number)
                     .ec != std::errc()) {
    return scalar_text(value);
  }
  const std::string_view unit = like.ends_with(" %") ? " %" : like.ends_with(" ms") ? " ms" : "";
  number *= unit == " %" ? 100 : unit == " ms" ? 1e-3 : 1;
  like.remove_suffix(unit.size());
  const std::size_t point = like.find('.');
  std::string text =
      fmt::format("{:.{}f}", number, point == std::string_view::npos ? 0 : like.size() - point - 1);
  if (like.find(',') != std::string_view::npos) {
    for (std::size_t at = std::min(text.find('.'), text.size()); at > 3;) {
      at -= 3;
      text.insert(at, ",");
    }
  }
  return text + std::string(unit);
}

/// The claims of an experiment that do not hold, each with what holds instead.
inline std::vector<std::string> refuted(const LessonExperiment& experiment) {
  std::vector<std::string> arguments = experiment.arguments;
  const CommandResult text = run_command_line(arguments, {});
  arguments.insert(arguments.end(), {"--format", "json"});
  const CommandResult json = run_command_line(arguments, {});
  std::vector<std::string> problems;
  if (code(text) > 1 || code(json) > 1) {
    return {experiment.command() + ": " + text.errors + json.errors};
  }
  const boost::json::value whole = boost::json::parse(json.output);
  for (const LessonClaim& claim : experiment.claims) {
    if (claim.key == "screen") {
      if (plain_words(text.output).find(claim.value) == std::string::npos) {
        problems.push_back("the screen does not say " + claim.value + ":\n" + text.output);
      }
      continue;
    }
    const boost::json::value* value = at_path(&whole, claim.key);
    const std::string is = value == nullptr ? "nothing" : as_written(*value, claim.value);
    if (is != claim.value) {
      problems.push_back(claim.key + " is " + is + ", not " + claim.value);
    }
  }
  return problems;
}

/// Numbers in digits: "4,908", "66.7", "2+" as "2"; without a full stop or a comma that is no part of it.
inline std::set<std::string> numbers_in(std::string_view text) {
  std::set<std::string> numbers;
  const auto digits = [&text](std::size_t at) {
    return std::min(text.find_first_not_of("0123456789", at), text.size()) - at;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::size_t end = at + digits(at);
    if (end == at) {
      continue;
    }
    while (end < text.size() && ((text[end] == '.' && digits(end + 1) > 0) ||
                                 (text[end] == ',' && digits(end + 1) == 3))) {
      end += 1 + digits(end + 1);
    }
    numbers.emplace(text.substr(at, end - at));
    at = end;
  }
  return numbers;
}

/// Numbers that a lesson may write: those that it claims, and those that it types.
inline std::set<std::string> numbers_of(const Lesson& lesson) {
  std::set<std::string> numbers;
  for (const LessonExperiment* it : {&lesson.experiment, &lesson.change, &lesson.by_hand}) {
    numbers.merge(numbers_in(it->command()));
    for (const LessonClaim& claim : it->claims) {
      numbers.merge(
          numbers_in(claim.key));  // "outcomes[final=940]…" is there, or the claim is refuted
      numbers.merge(numbers_in(claim.value));
    }
  }
  return numbers;
}

}  // namespace racelab::lab
