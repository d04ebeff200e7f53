// An axis is checked value by value; they are kept as the option table writes them.
#include "sim/cli/axes.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/script_compare.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/usage_error.h"
#include "sim/report/words.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

// KEY=A,B,C with each value as the option table writes it.
Axis read_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError("vary must be KEY=A,B,C, such as clients=1,2,4, not '" + text + "'");
  }
  Axis axis{text.substr(0, equals), {}};
  const Option* option = find_option(axis.key);
  if (option == nullptr) {
    if (axis.key.starts_with("layer.")) {
      throw UsageError("'" + axis.key + "' cannot be varied: " + unknown_layer_key(axis.key));
    }
    std::vector<std::string> names;
    for (const Option& known : options()) {
      names.push_back(known.name);
    }
    const std::string near = nearest(axis.key, names);
    throw UsageError(
        is_flag_only(axis.key)
            ? fmt::format("'{}' cannot be varied: it is a flag, not a setting{}", axis.key,
                          axis.key == "strategy" ? "; --strategy may be given several times" : "")
            : fmt::format("'{}' cannot be varied: there is no such setting{}", axis.key,
                          near.empty() ? "; `racelab compare --help` lists them"
                                       : "; did you mean '" + near + "'?"));
  }
  if (axis.key == "workload" || axis.key == "hazards") {
    throw UsageError("'" + axis.key +
                     "' cannot be varied: it makes another scenario; name several scenarios");
  }
  std::string_view rest = std::string_view(text).substr(equals + 1);
  if (rest.empty()) {
    throw UsageError("there is nothing to vary in '" + text + "': it needs values, such as " +
                     axis.key + "=A,B,C");
  }
  while (true) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view given = rest.substr(0, end);
    const ParsedValue parsed = parse_value(*option, given);
    const std::uint32_t layer = preset_layer(axis.key);
    const std::string problem = layer > 0 ? problem_with_preset(layer, given) : parsed.problem;
    if (!problem.empty()) {
      throw UsageError(problem);
    }
    std::string value = format_value(*option, *parsed.value);
    if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end()) {
      throw UsageError(fmt::format("'{}' stands twice in --vary {}", value, text));
    }
    axis.values.push_back(std::move(value));
    if (end == rest.size()) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  if (option->form != Form::choice) {  // in the order of the axis, however they were typed
    std::sort(axis.values.begin(), axis.values.end(),
              [option](const std::string& a, const std::string& b) {
                return *parse_value(*option, a).value < *parse_value(*option, b).value;
              });
  }
  return axis;
}

}  // namespace

std::vector<Axis> read_axes(const Arguments& arguments) {
  std::vector<Axis> axes;
  for (const std::string& text : arguments.vary) {
    Axis axis = asks_for_scripts(arguments) ? read_script_axis(text) : read_axis(text);
    const auto same = [&axis](const auto& other) { return other.key == axis.key; };
    if (std::any_of(axes.begin(), axes.end(), same)) {
      throw UsageError("'" + axis.key + "' is varied twice; give all its values in one --vary");
    }
    if (axis.key == "layer.1" && !arguments.client.empty()) {
      throw UsageError(fmt::format(
          "'layer.1' is varied, and given as --client {}, too: both say whose the clients' retries "
          "are",
          arguments.client));
    }
    for (const auto& [key, value] : script_flags(arguments)) {
      if (key == axis.key) {
        throw UsageError(
            fmt::format("'{}' is varied, and given as{}, too", key, flag_text(key, value)));
      }
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

std::vector<Place> grid_of(const std::vector<Axis>& axes) {
  std::vector<Place> grid{{}};
  for (const Axis& axis : axes) {
    if (grid.size() * axis.values.size() > cells_max) {
      throw UsageError(
          fmt::format("the grid is too large: at most {} places, not more", cells_max));
    }
    std::vector<Place> larger;
    for (const auto& place : grid) {
      for (const std::string& value : axis.values) {
        larger.push_back(place);
        larger.back().emplace_back(axis.key, value);
      }
    }
    grid = std::move(larger);
  }
  return grid;
}

}  // namespace racelab
