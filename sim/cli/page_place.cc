// A built-in scenario is in the page already. A folder of the user's goes with its place: its files, as they stand, and every text of
// them that is parsed, with its tree.
#include "sim/cli/page_place.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "sim/cli/scenario_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/parse/idempotency_key.h"
#include "sim/parse/tree.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

namespace {

bool is_built_in(const std::string& scenario) {
  for (const auto* all : {&listed_scenarios(), &listed_script_scenarios()}) {
    for (const ListedScenario& listed : *all) {
      if (listed.name == scenario) {
        return true;
      }
    }
  }
  return false;
}

// What an address can call them: "./Shop 2" is "shop-2".
std::string name_in_addresses(std::string name) {
  while (name.ends_with('/')) {
    name.pop_back();
  }
  name.erase(0, name.rfind('/') + 1);  // npos + 1 is 0
  constexpr std::size_t letters_max = 40;
  name = name.substr(0, letters_max);
  for (char& c : name) {
    const auto letter = static_cast<unsigned char>(c);
    c = letter < 128 && std::isalnum(letter) != 0 ? static_cast<char>(std::tolower(letter)) : '-';
  }
  return is_built_in(name) || name.empty() ? "my-" + name : name;
}

// What names the files on a command line.
json::array words_of(const Arguments& arguments, bool token) {
  json::array words;
  const auto add = [&words](const char* flag, const std::string& file) {
    if (!file.empty()) {
      words.emplace_back(flag);
      words.push_back(json::value(utf8_text(file)));
    }
  };
  for (std::size_t i = token ? 1 : 0; i < arguments.names.size(); ++i) {
    words.push_back(json::value(utf8_text(arguments.names[i])));
  }
  add("--setup", arguments.setup);
  for (const std::string& endpoint : arguments.endpoints) {
    add("--endpoint", endpoint);
  }
  add("--check", arguments.check);
  return words;
}

void add_file(json::array& files, const parse::Source& source) {
  if (!source.file.empty()) {
    files.push_back(json::array{utf8_text(source.file), utf8_text(source.text)});
  }
}

json::array files_of(const parse::FolderTexts& texts) {
  json::array files;
  add_file(files, texts.settings);
  add_file(files, texts.setup);
  add_file(files, texts.check);
  for (const auto& [name, source] : texts.endpoints) {
    add_file(files, source);
  }
  return files;
}

json::array trees_of(const ScriptFiles& files, const Flags& flags) {
  const parse::TreeRecorder recorder;
  for (const auto purpose : {parse::Purpose::exploration, parse::Purpose::timed_runs}) {
    const parse::ScriptScenario scenario = compiled(files, flags, purpose);
    for (const auto& script : scenario.scripts) {
      if (parse::problem_with_key(*script).empty()) {
        parse::setup_of(scenario, script->name + '+' + std::string(parse::idempotency_key));
      }
    }
  }
  json::array trees;
  for (const auto& [text, tree] : recorder.trees()) {
    trees.push_back(json::array{utf8_text(text), utf8_text(tree)});
  }
  return trees;
}

// The files beside which a token stands, or those that a scenario's name and flags are.
ScriptFiles files_of(const Arguments& arguments, bool token) {
  Arguments named = arguments;
  if (token) {
    named.names.erase(named.names.begin());
  }
  return load_script_files(named);
}

}  // namespace

std::string page_place(const Arguments& arguments, SteppedWorld& world) {
  const json::value stands = json::parse(world.json(0));
  json::object place{{"scenario", stands.at("scenario")},
                     {"strategy", stands.at("strategy")},
                     {"settings", json::object{}},
                     {"order", stands.at("order")}};
  Flags settings = script_flags(arguments);
  const bool token = !arguments.names.empty() && is_token(arguments.names.front());
  bool own = !arguments.setup.empty() || !arguments.endpoints.empty();
  if (token) {
    const TokenParts parts = parts_of_token(arguments.names.front());
    own = own || arguments.names.size() > 1;
    for (const auto& [key, value] : parts.settings) {
      if (!own || key != "files") {
        settings.emplace_back(unescaped_part(key), unescaped_part(value));
      }
    }
    if (!parts.issued.empty()) {
      place["token"] = arguments.names.front();
    }
  } else if (!own) {
    own = !is_built_in(arguments.names.front());
  }
  if (own) {
    const bool folder = !arguments.setup.empty() || token || asks_for_scripts(arguments);
    if (!folder) {
      throw UsageError(
          "the page has the built-in scenarios, and takes endpoints in SQL with it; `racelab "
          "explain ... --format html` draws an order of another file of yours");
    }
    const ScriptFiles files = files_of(arguments, token);
    const std::string name = name_in_addresses(files.texts.name);
    place["scenario"] = name;
    place["words"] = words_of(arguments, token);
    place["files"] = files_of(files.texts);
    place["trees"] = trees_of(files, settings);
    place["shown"] = json::parse(
        shown_json(files.texts, compiled(files, settings, parse::Purpose::exploration), name));
  }
  json::object& all = place["settings"].as_object();
  for (const auto& [key, value] : settings) {
    all[utf8_text(key)] = utf8_text(value);
  }
  return json::serialize(place);
}

}  // namespace racelab
