// The one option table: every setting with its name, its form, its range and what it means. Scenario files and command
// lines are both read through it, so a key and its flag cannot differ, and help, error messages and reports come from it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/settings.h"

namespace racelab {

/// How a value is written. All are kept as one integer.
enum class Form : std::uint8_t {
  count,       // 25
  amount,      // -30: may be negative
  duration,    // 1.5ms: us, ms, s or min; kept in microseconds
  rate,        // 2%: kept in parts per billion
  per_second,  // 200/s
  factor,      // 1.5: kept in parts per billion
  choice,      // one of `choices`: kept as its place
  choices,     // any of `choices`, separated by commas, or none: kept as bits
};

/// What the word that stands for no value ("none", "closed") is kept as.
constexpr std::int64_t absent = -1;

struct Option {
  std::string name;
  Form form = Form::count;
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::string
      none;  // the word that may stand instead of a value ("none", "closed"), kept as -1; empty: no such word
  std::vector<std::string> choices;
  std::string help;       // one clause
  bool of_layer = false;  // a service in between may have its own, as layer.2.NAME
  std::function<std::int64_t(const Settings& settings)> get;
  std::function<void(Settings& settings, std::int64_t value)> set;
};

/// All options, in the order in which reports print them.
const std::vector<Option>& options();

/// The option of that name, of a layer, too; nullptr when there is none.
const Option* find_option(std::string_view name);

/// One that only layers have: whether a deadline is passed on.
Option deadline_passed_option();

/// Reads a value. The problem, when there is one, is a sentence without a full stop: "clients must be from 1 to 1000, not
/// 0".
struct ParsedValue {
  std::optional<std::int64_t> value;
  std::string problem;
};
ParsedValue parse_value(const Option& option, std::string_view text);

/// Writes a value as parse_value reads it.
std::string format_value(const Option& option, std::int64_t value);

/// Microseconds as parse_value reads them: "1.5ms".
std::string format_duration(std::int64_t value);

/// The setting's value as text.
std::string value_of(const Option& option, const Settings& settings);

/// What a value must look like, for help: "N", "TIME", "P%", "a|b|c".
std::string placeholder(const Option& option);

/// The candidate that differs least from `name`, for "did you mean"; empty when none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

/// A problem with settings that are each in range but not together; empty when there is none.
std::string problem_with(const Settings& settings);

}  // namespace racelab
