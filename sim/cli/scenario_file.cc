// Line by line, so that a problem is told with the number of its line.
#include "sim/cli/scenario_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "sim/cli/arguments.h"
#include "sim/cli/input_file.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/usage_error.h"
#include "sim/explore/explore.h"
#include "sim/scenario/conflicts.h"
#include "sim/scenario/embedded.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

constexpr std::uint64_t file_bytes_max = 1'000'000;
constexpr std::size_t line_bytes_max = 10'000;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // some editors begin a text with it

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

// The one `key = value` of a line, which may end in a comment; nothing when all of it is one.
std::optional<std::pair<std::string, std::string>> read_line(std::string_view line) {
  const std::string_view text = line.substr(0, line.find('#'));
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return std::nullopt;
  }
  return std::pair{std::string(trimmed(text.substr(0, equals))),
                   std::string(trimmed(text.substr(equals + 1)))};
}

std::string comment_text(std::string_view line) {
  line.remove_prefix(1);
  if (line.starts_with(' ')) {
    line.remove_prefix(1);
  }
  return std::string(line);
}

bool is_text(std::string_view line) {
  return std::none_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

class ScenarioParser {
 public:
  ScenarioParser(const std::string& name, const std::string& file) : file_(file) {
    scenario_.name = name;
  }

  Scenario parse(std::string_view text) {
    if (text.starts_with(byte_order_mark)) {
      text.remove_prefix(byte_order_mark.size());
    }
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) {
        line.remove_suffix(1);
      }
      ++line_number_;
      take(line);
    }
    if (!lines_.contains("workload")) {
      throw UsageError(file_ + ": a scenario needs a line `workload = ...`");
    }
    if (!layers_.empty()) {  // not raised by the layers that are named, which may come later
      apply(scenario_, "layers", layers_);
    }
    refuse_conflicts();
    refuse_idle_lines();
    return std::move(scenario_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw UsageError(file_ + ":" + std::to_string(line_number_) + ": " + problem);
  }

  // Settings that the file makes: those of its own lines, or of these and the ones with a prefix.
  struct Made {
    Settings settings;
    std::string prefix;
  };
  [[nodiscard]] std::vector<Made> all_made() const {
    std::vector<Made> made{{scenario_.settings, ""}, {twin_settings(scenario_), "explore."}};
    for (const Comparison::Variant& variant : scenario_.comparison.variants) {
      made.push_back({variant_settings(scenario_, variant), "compare." + variant.name + "."});
    }
    return made;
  }

  // Tells the last line that has a part in it.
  [[noreturn]] void fail(const Conflict& conflict, const std::string& prefix) const {
    int last = 0;
    for (const std::string& key : conflict.keys) {
      for (const std::string& name : {key, prefix + key}) {
        const auto line = lines_.find(name);
        last = line == lines_.end() ? last : std::max(last, line->second);
      }
    }
    throw UsageError(file_ + (last > 0 ? ":" + std::to_string(last) : "") + ": " +
                     (prefix.empty() ? "" : "with its `" + prefix + "` lines, ") +
                     conflict.problem);
  }

  void refuse_conflicts() const {
    for (const Made& made : all_made()) {
      if (const Conflict conflict = conflict_in(made.settings); !conflict.problem.empty()) {
        fail(conflict, made.prefix);
      }
    }
  }

  // A line means nothing when it does nothing wherever it counts: one without a prefix in all that the file makes, one with
  // a prefix in what it is for.
  void refuse_idle_lines() const {
    const std::vector<Made> all = all_made();
    std::map<std::string, std::size_t> idle_times;
    for (const Made& made : all) {
      for (const Conflict& idle : idle_in(made.settings)) {
        const std::string& key = idle.keys.front();
        if (!made.prefix.empty() && lines_.contains(made.prefix + key)) {
          fail(idle, made.prefix);
        }
        if (++idle_times[key] == all.size()) {
          fail(idle, "");
        }
      }
    }
  }

  void take(std::string_view line) {
    if (line.size() > line_bytes_max) {
      fail("this line is too long for a scenario (at most 10,000 bytes)");
    }
    if (!is_text(line)) {
      fail("this is not text");
    }
    const bool comment = line.starts_with('#');
    if (comment && opening_) {
      scenario_.claim.push_back(comment_text(line));
      return;
    }
    opening_ = false;
    const std::size_t first = line.find_first_not_of(" \t");
    if (comment || first == std::string_view::npos || line[first] == '#') {
      return;
    }
    if (line[first] == '[') {
      fail("a scenario has no sections, only lines `key = value`");
    }
    if (line.find('=') == std::string_view::npos || line[first] == '=') {
      fail("a line must be `key = value`, a comment that starts with #, or empty");
    }
    if (const auto pair = read_line(line)) {
      take(pair->first, pair->second);
    }
  }

  void take(const std::string& key, const std::string& value) {
    const auto [place, is_new] = lines_.emplace(key, line_number_);
    if (!is_new) {
      fail("'" + key + "' stands here for the second time; the first is in line " +
           std::to_string(place->second));
    }
    for (const auto& [one, other] :
         {std::pair("client", "layer.1"), std::pair("layer.1", "client")}) {
      if (key == one && lines_.contains(other)) {
        fail(fmt::format("'{}' and '{}' are the same: whose the clients' retries are; give one",
                         one, other));
      }
    }
    const std::string setting = key.starts_with("explore.") ? key.substr(8) : key;
    if (is_flag_only(setting) && setting != "client") {
      fail(fmt::format("'{0}' is a flag, not a setting: it is given to `racelab run`, as --{0}",
                       setting));
    }
    if (const std::string problem = apply(scenario_, key, value); !problem.empty()) {
      fail(problem);
    }
    if (key == "layers") {
      layers_ = value;
    }
  }

  std::string file_;
  Scenario scenario_;
  std::map<std::string, int> lines_;  // where each key stands
  std::string layers_;                // of a line of that name; empty: there is none
  int line_number_ = 0;
  bool opening_ = true;
};

bool names_file(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".ini");
}

}  // namespace

Scenario parse_scenario(const std::string& name, const std::string& file, std::string_view text) {
  return ScenarioParser(name, file).parse(text);
}

bool names_scenario(const std::string& name) {
  return names_file(name) ||
         std::any_of(embedded_scenarios().begin(), embedded_scenarios().end(),
                     [&name](const EmbeddedScenario& scenario) { return scenario.name == name; });
}

Scenario load_scenario(const std::string& name) {
  if (names_script_scenario(name)) {
    throw UsageError("'" + name +
                     "' has endpoints in SQL: commands take it alone, as in `racelab compare " +
                     name + '`');
  }
  if (names_file(name)) {
    return parse_scenario(name, name, read_file(name, "a scenario file", file_bytes_max));
  }
  for (const EmbeddedScenario& scenario : embedded_scenarios()) {
    if (scenario.name == name) {
      return parse_scenario(name, "scenarios/" + name + ".ini", scenario.text);
    }
  }
  // Only now: those with endpoints in SQL are compiled to be listed.
  std::vector<std::string> names;
  for (const ListedScenario& scenario : listed_script_scenarios()) {
    names.push_back(scenario.name);
  }
  for (const EmbeddedScenario& scenario : embedded_scenarios()) {
    names.emplace_back(scenario.name);
  }
  const std::string near = nearest(name, names);
  const bool like_a_file = name.find('.') != std::string::npos;
  throw UsageError("there is no scenario '" + name + "'" +
                   (!near.empty() ? "; did you mean '" + near + "'?"
                    : like_a_file
                        ? "; a scenario file holds lines `key = value`, and its name ends in .ini"
                        : "; `racelab list scenarios` shows them"));
}

const std::vector<ListedScenario>& listed_scenarios() {
  static const std::vector<ListedScenario> all = [] {
    std::vector<ListedScenario> listed;
    for (const EmbeddedScenario& embedded : embedded_scenarios()) {
      const Scenario scenario = load_scenario(std::string(embedded.name));
      const Fleet fleet = parse_fleet(Arguments{}.strategies_or_default().front()).fleet;
      listed.push_back({scenario.name, scenario.claim, scenario.settings.hazards,
                        problem_with_exploring(twin_settings(scenario), fleet).empty()});
    }
    return listed;
  }();
  return all;
}

}  // namespace racelab
