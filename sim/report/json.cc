// Boost.JSON's own serializer writes one line; people read these, too.
#include "sim/report/json.h"

#include <fmt/format.h>

#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace json = boost::json;

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::violated:
      return "violated";
    case Verdict::gave_up:
      return "gave-up";
    case Verdict::idle:
      return "idle";
  }
  return "";
}

std::string_view anomaly_name(Anomaly anomaly) {
  constexpr std::string_view names[] = {"lost_update", "duplicate", "false_success",
                                        "false_failure"};
  return names[static_cast<std::size_t>(anomaly)];
}

json::object options_json(const Experiment& experiment) {
  json::object all;
  for (const Option& option : options()) {
    all[option.name] = value_of(option, experiment.settings);
  }
  for (const auto& [key, value] : layer_settings_shaping(experiment.settings)) {
    all[key] = value;
  }
  return all;
}

json::object isolation_json(const Experiment& experiment) {
  const Option& option = *find_option("isolation");
  json::object levels;
  for (const Combination& combination : experiment.fleet) {
    const auto level = static_cast<std::int64_t>(combination.isolation(experiment.settings));
    levels[combination.name()] = format_value(option, level);
  }
  return levels;
}

std::string csv_field(const json::value& value) {
  if (value.is_null()) {
    return "";
  }
  const json::string* string = value.if_string();
  if (string == nullptr) {
    // 0.05, not 5E-2: every reader of CSV knows it.
    return value.is_double() ? fmt::format("{:.9g}", value.get_double()) : json::serialize(value);
  }
  std::string text(*string);
  if (text.find_first_of(",\"\n\r") == std::string::npos) {
    return text;
  }
  for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2)) {
    text.insert(at, 1, '"');
  }
  return '"' + text + '"';
}

void print(std::string& text, const json::value& value, std::size_t depth) {
  const auto line = [&text](std::size_t at) { text += '\n' + std::string(at * 2, ' '); };
  if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
    text += '{';
    bool first = true;
    for (const auto& [key, member] : *object) {
      text += std::exchange(first, false) ? "" : ",";
      line(depth + 1);
      text += json::serialize(json::string(key)) + ": ";
      print(text, member, depth + 1);
    }
    line(depth);
    text += '}';
  } else if (const json::array* array = value.if_array(); array != nullptr && !array->empty()) {
    text += '[';
    bool first = true;
    for (const json::value& element : *array) {
      text += std::exchange(first, false) ? "" : ",";
      line(depth + 1);
      text += json::serialize(element);
    }
    line(depth);
    text += ']';
  } else {
    text += json::serialize(value);
  }
}

void ObjectWriter::begin_member(std::string_view key) {
  sink_(std::exchange(empty_, false) ? "{\n  " : ",\n  ");
  sink_(json::serialize(json::string(key)) + ": ");
}

void ObjectWriter::add(const json::object& members) {
  for (const auto& [key, member] : members) {
    begin_member(key);
    std::string text;
    print(text, member, 1);
    sink_(text);
  }
}

void ObjectWriter::add_list(std::string_view key, const std::function<void(const Element&)>& tell) {
  begin_member(key);
  bool empty = true;
  tell([&](const json::value& element) {
    sink_(std::exchange(empty, false) ? "[\n    " : ",\n    ");
    sink_(json::serialize(element));
  });
  sink_(empty ? "[]" : "\n  ]");
}

void ObjectWriter::end() { sink_(empty_ ? "{}\n" : "\n}\n"); }

}  // namespace racelab
