// racelab show: a scenario's story, its files, what to try first.
#include <algorithm>

#include "sim/cli/scenario_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/explore/explore.h"
#include "sim/explore/verify.h"
#include "sim/report/listing.h"
#include "sim/report/words.h"
#include "sim/scenario/client_presets.h"

namespace racelab {

namespace {

// The text under a line that names its file.
std::string shown(const std::string& file, const std::string& text) {
  std::string made = "\n== " + file + "\n" + text;
  if (!made.ends_with('\n')) {
    made += '\n';
  }
  return made;
}

// A scenario of strategies in C++: those that its workload can be written with.
CommandResult show_strategies(const std::string& name, bool json) {
  const Scenario scenario = load_scenario(name);
  if (json) {
    ShownScenario data{name, scenario.claim, scenario.settings.hazards, false, {}};
    for (const Combination& combination : every_combination()) {
      if (problem_with(combination, scenario.settings).empty()) {
        data.strategies.push_back(combination.name());
      }
    }
    return {Exit::as_expected, show_json(data), ""};
  }
  std::string text;
  for (const std::string& line : scenario.claim) {
    text += line + '\n';
  }
  const std::string word = shell_word(name);
  const Fleet any = parse_fleet(Arguments{}.strategies_or_default().front()).fleet;
  text += "\ntry     racelab run " + word + '\n';
  if (problem_with_exploring(twin_settings(scenario), any).empty()) {
    text += "        racelab explore " + word + '\n';
  }
  return {Exit::as_expected, text + "        racelab compare " + word + '\n', ""};
}

std::vector<const parse::Source*> files_of(const parse::FolderTexts& folder) {
  std::vector<const parse::Source*> files{&folder.setup};
  if (!folder.check.file.empty()) {
    files.push_back(&folder.check);
  }
  for (const auto& [endpoint, source] : folder.endpoints) {
    files.push_back(&source);
  }
  return files;
}

CommandResult show_scripts(const std::string& name, bool json) {
  const parse::FolderTexts folder = load_folder(name);
  const parse::ScriptScenario scenario = parse::compile(folder, {});
  if (json) {
    return {Exit::as_expected, shown_json(folder, scenario, name), ""};
  }
  const std::string word = shell_word(name);
  std::string text;
  for (const std::string& line : scenario.claim) {
    text += line + '\n';
  }
  text += "\ntry     racelab explore " + word + '\n';
  for (std::size_t i = 0; i < std::min<std::size_t>(scenario.strategies.size(), 2); ++i) {
    text += "        racelab explore " + word + " --strategy " + scenario.strategies[i] + '\n';
  }
  text += "        racelab verify " + word + '\n';
  for (const parse::Source* source : files_of(folder)) {
    text += shown(source->file, source->text);
  }
  return {Exit::as_expected, text, ""};
}

// A client's preset: what is known of it, and its file.
CommandResult show_client(const ClientPreset& preset, bool json) {
  if (json) {
    return {Exit::as_expected, show_json(preset), ""};
  }
  std::string text;
  for (const std::string& line : preset.claim) {
    text += line + '\n';
  }
  text += '\n';
  for (const auto& [key, value] : preset.settings) {
    text.append(key).append(" = ").append(value).append("\n");
  }
  text += "\ntry     racelab run retried-payment --client " + preset.name + '\n';
  Scenario scenario = load_scenario("retried-payment");
  const Fleet any = parse_fleet(Arguments{}.strategies_or_default().front()).fleet;
  if (apply(scenario, "client", preset.name).empty() &&
      problem_with_exploring(twin_settings(scenario), any).empty()) {
    text += "        racelab explore retried-payment --client " + preset.name + '\n';
  }
  return {Exit::as_expected, text + "        racelab list clients\n", ""};
}

}  // namespace

std::string shown_json(const parse::FolderTexts& folder, const parse::ScriptScenario& scenario,
                       const std::string& name) {
  ShownScenario data{name, scenario.claim, scenario.settings.hazards, true, scenario.strategies};
  for (const parse::Source* source : files_of(folder)) {
    data.files.emplace_back(source->file, source->text);
  }
  return show_json(data);
}

bool asks_for_help(const std::vector<std::string>& rest) {
  return std::any_of(rest.begin(), rest.end(),
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

std::string only_name(const std::string& command, const std::vector<std::string>& rest) {
  if (rest.empty()) {
    throw UsageError("`racelab " + command + "` wants a name; `racelab " + command +
                     " --help` says which");
  }
  if (rest.size() > 1 || rest.front().starts_with('-')) {
    throw UsageError("`racelab " + command + "` takes one name and nothing else: what is '" +
                     (rest.size() > 1 ? rest[1] : rest.front()) + "'?");
  }
  return rest.front();
}

const CommandSyntax& show_syntax() {
  static const CommandSyntax syntax{
      .name = "show",
      .sentence = "a scenario's story, its files, what to try first",
      .usage =
          "usage: racelab show SCENARIO [--format text|json]\n"
          "\n"
          "Its story, its files, and what to try first. Or a client's preset.\n"
          "\n"
          "  racelab show on-call-doctors\n"
          "  racelab show axios-retry\n",
      .exits = "0, 2 bad usage",
      .flags = {"format"},
      .name_word = "scenario or client",
  };
  return syntax;
}

CommandResult show_command(const std::vector<std::string>& rest,
                           const Environment& /*environment*/) {
  const Arguments arguments = parse_arguments(show_syntax(), rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(show_syntax()), ""};
  }
  const bool json = arguments.format == "json";
  const std::string name = only_name("show", arguments.names);
  const ClientPreset* client = find_client_preset(name);
  if (client != nullptr && !names_scenario(name) && !names_script_scenario(name)) {
    return show_client(*client, json);
  }
  return names_script_scenario(name) ? show_scripts(name, json) : show_strategies(name, json);
}

}  // namespace racelab
