// Finds the files of a scenario with endpoints in SQL: embedded ones, a folder, or single files.
#include "sim/cli/script_scenario.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/cli/input_file.h"
#include "sim/cli/usage_error.h"
#include "sim/report/words.h"
#include "sim/scenario/embedded.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

constexpr std::uint64_t file_bytes_max = 200'000;
constexpr std::size_t files_max = 100;

void add_file(parse::FolderTexts& texts, const std::string& file, parse::Source source) {
  if (file == "scenario.ini") {
    texts.settings = std::move(source);
  } else if (file == "setup.sql") {
    texts.setup = std::move(source);
  } else if (file == "check.sql") {
    texts.check = std::move(source);
  } else if (file.ends_with(".sql")) {
    texts.endpoints.emplace_back(file.substr(0, file.size() - 4), std::move(source));
  }
}

bool is_folder(const std::string& name) { return list_folder(name, {""}, 0).problem.empty(); }

// A file's name without its folder and its ending.
std::string stem_of(const std::string& file) {
  const std::string name = file.substr(file.rfind('/') + 1);  // npos + 1 is 0
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

// A name that no file has: its folder knows others.
void refuse_missing_endpoint(const std::string& file) {
  constexpr std::size_t names_max = 10'000;
  constexpr std::size_t shown_max = 8;
  const std::size_t slash = file.rfind('/');
  const std::string name = file.substr(slash + 1);  // npos + 1 is 0
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  const Listing all = list_folder(folder, {""}, names_max);
  if (!all.problem.empty() || all.names.size() > names_max ||
      std::find(all.names.begin(), all.names.end(), name) != all.names.end()) {
    return;
  }
  std::vector<std::string> endpoints;
  std::copy_if(all.names.begin(), all.names.end(), std::back_inserter(endpoints),
               [](const std::string& it) {
                 return it.ends_with(".sql") && it != "setup.sql" && it != "check.sql";
               });
  std::string there;
  for (std::size_t i = 0; i < std::min(endpoints.size(), shown_max); ++i) {
    there += (i == 0 ? "; there are " : ", ") + endpoints[i];
  }
  const std::string near = nearest(name, endpoints);
  throw UsageError("there is no endpoint file '" + file + '\'' +
                   (near.empty() ? there : "; did you mean " + near + '?'));
}

// --setup, --endpoint and --check: the fleet that the endpoints are goes into `strategy`.
parse::FolderTexts texts_of_flags(const Arguments& arguments, std::string& strategy) {
  if (arguments.setup.empty() || arguments.endpoints.empty()) {
    throw UsageError(arguments.setup.empty()
                         ? "--endpoint needs the tables that it works on: --setup FILE"
                         : "--setup needs an endpoint that works on it: --endpoint FILE");
  }
  parse::FolderTexts texts;
  texts.name = stem_of(arguments.setup);
  texts.setup = {arguments.setup, read_file(arguments.setup, "a setup file", file_bytes_max)};
  if (!arguments.check.empty()) {
    texts.check = {arguments.check, read_file(arguments.check, "a file of checks", file_bytes_max)};
  }
  for (const std::string& client : arguments.endpoints) {
    strategy += strategy.empty() ? "" : ",";
    std::size_t from = 0;
    while (from <= client.size()) {
      const std::size_t end = std::min(client.find(':', from), client.size());
      const std::string file = client.substr(from, end - from);
      const std::string name = stem_of(file);
      strategy += from == 0 ? "" : ":";
      strategy += name;
      const auto known = std::find_if(texts.endpoints.begin(), texts.endpoints.end(),
                                      [&name](const auto& it) { return it.first == name; });
      if (known == texts.endpoints.end()) {
        refuse_missing_endpoint(file);
        texts.endpoints.emplace_back(
            name, parse::Source{file, read_file(file, "an endpoint file", file_bytes_max)});
      } else if (known->second.file != file) {
        throw UsageError(fmt::format("two endpoints are called '{}': {} and {}", name,
                                     known->second.file, file));
      }
      from = end + 1;
    }
  }
  return texts;
}

std::vector<std::string> built_in_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& it : embedded_files()) {
    if (names.empty() || names.back() != it.scenario) {
      names.emplace_back(it.scenario);
    }
  }
  return names;
}

}  // namespace

bool names_script_scenario(const std::string& name) {
  const std::vector<std::string> names = built_in_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return true;
  }
  // A folder that happens to be called like a built-in scenario hides none: ./NAME is the folder.
  const auto& others = embedded_scenarios();
  return std::none_of(others.begin(), others.end(),
                      [&](const EmbeddedScenario& it) { return it.name == name; }) &&
         is_folder(name);
}

bool asks_for_scripts(const Arguments& arguments) {
  return !arguments.setup.empty() || !arguments.endpoints.empty() ||
         (!arguments.names.empty() && names_script_scenario(arguments.names.front()));
}

void refuse_flags_of_scripts(const Arguments& arguments) {
  if (!arguments.check.empty() || !arguments.parameters.empty() || !arguments.order.empty() ||
      !arguments.of_scripts.empty() || !arguments.on.empty() || arguments.orders_max > 0) {
    throw UsageError(
        "--check, --param, --order, --time-passes.*, --deadlock-timeout, --on and --orders-max are "
        "for endpoints in SQL");
  }
}

parse::FolderTexts load_folder(const std::string& name) {
  parse::FolderTexts texts;
  texts.name = name;
  const std::vector<std::string> names = built_in_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    for (const EmbeddedFile& it : embedded_files()) {
      if (it.scenario == name) {
        add_file(texts, std::string(it.file),
                 {"scenarios/" + name + '/' + std::string(it.file), std::string(it.text)});
      }
    }
    return texts;
  }
  const Listing files = list_folder(name, {".sql", "scenario.ini"}, files_max);
  if (!files.problem.empty()) {
    throw UsageError("the folder " + name + " cannot be read: " + files.problem);
  }
  if (files.names.size() > files_max) {
    throw UsageError(name + " holds more than " + std::to_string(files_max) + " files of SQL");
  }
  for (const std::string& file : files.names) {
    std::string path = name;
    path += name.ends_with('/') ? "" : "/";
    path += file;
    add_file(texts, file, {path, read_file(path, "a file of a scenario", file_bytes_max)});
  }
  if (texts.setup.file.empty()) {
    throw UsageError(name +
                     " holds no setup.sql: the tables that its endpoints work on; `racelab new "
                     "NAME` writes a folder to start from");
  }
  if (texts.endpoints.empty()) {
    throw UsageError(name + " holds no endpoint: a file NAME.sql besides setup.sql and check.sql");
  }
  return texts;
}

Flags script_flags(const Arguments& arguments) {
  Flags flags = arguments.settings;
  flags.insert(flags.end(), arguments.of_scripts.begin(), arguments.of_scripts.end());
  for (const std::string& parameter : arguments.parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError("--param is NAME=VALUE, not '" + parameter + "'");
    }
    flags.emplace_back("param." + parameter.substr(0, equals), parameter.substr(equals + 1));
  }
  return flags;
}

ScriptFiles load_script_files(const Arguments& arguments) {
  ScriptFiles files;
  if (arguments.setup.empty() && arguments.endpoints.empty()) {
    const std::string& name = arguments.names.front();
    const std::vector<std::string> names = built_in_names();
    files.built_in = std::find(names.begin(), names.end(), name) != names.end();
    files.texts = load_folder(name);
    files.where = ' ' + shell_word(name);
    return files;
  }
  if (!arguments.names.empty()) {
    throw UsageError("either a scenario ('" + arguments.names.front() +
                     "') or --setup and --endpoint, not both");
  }
  files.texts = texts_of_flags(arguments, files.fleet);
  files.where = " --setup " + shell_word(arguments.setup);
  for (const std::string& endpoint : arguments.endpoints) {
    files.where += " --endpoint " + shell_word(endpoint);
  }
  if (!arguments.check.empty()) {
    files.where += " --check " + shell_word(arguments.check);
  }
  return files;
}

parse::ScriptScenario compiled(const ScriptFiles& files, const Flags& flags,
                               parse::Purpose purpose) {
  parse::ScriptScenario scenario = parse::compile(files.texts, flags, purpose);
  if (!files.fleet.empty()) {
    scenario.strategies = {files.fleet};
  }
  return scenario;
}

const std::vector<ListedScenario>& listed_script_scenarios() {
  static const std::vector<ListedScenario> all = [] {
    std::vector<ListedScenario> listed;
    for (const std::string& name : built_in_names()) {
      const parse::ScriptScenario scenario = parse::compile(load_folder(name), {});
      listed.push_back({name, scenario.claim, scenario.settings.hazards});
    }
    return listed;
  }();
  return all;
}

}  // namespace racelab
