// From the flag before it, or from the place among the names, follows what a word can be. Files of a scenario are read where their
// names are asked for; what cannot be read completes to nothing, since nobody wants an error for pressing a key.
#include "sim/cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sim/cli/commands.h"
#include "sim/cli/flags.h"
#include "sim/cli/lessons.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/usage_error.h"
#include "sim/parse/idempotency_key.h"
#include "sim/parse/problem.h"
#include "sim/report/listing.h"
#include "sim/scenario/client_presets.h"
#include "sim/scenario/embedded.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"
#include "sim/scenario/registry.h"

namespace racelab {

namespace {

using CompletedWords = std::vector<CompletedWord>;
using WordList = std::vector<std::string>;

// The first line of a comment that opens a file.
std::string opening_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t begin = line.find_first_not_of("# ");
  return begin == std::string_view::npos ? "" : std::string(line.substr(begin));
}

CompletedWords of_words(const WordList& words) {
  CompletedWords all;
  for (const std::string& word : words) {
    all.push_back({word, ""});
  }
  return all;
}

void add_scenarios(CompletedWords& all) {
  for (const EmbeddedScenario& it : embedded_scenarios()) {
    all.push_back({std::string(it.name), opening_of(it.text)});
  }
}

void add_script_scenarios(CompletedWords& all) {
  for (const EmbeddedFile& it : embedded_files()) {
    if (it.file == "scenario.ini") {
      all.push_back({std::string(it.scenario), opening_of(it.text)});
    }
  }
}

void add_clients(CompletedWords& all) {
  for (const ClientPreset& it : client_presets()) {
    all.push_back({it.name, it.claim.empty() ? "" : it.claim.front()});
  }
}

void add_commands(CompletedWords& all) {
  for (const Command& it : all_commands()) {
    all.push_back({it.name, it.syntax().sentence});
  }
}

bool in_sql(const WordList& names) {
  return !names.empty() && names_script_scenario(names.front());
}

// Strategies of the scenario that was named, or those that are built in.
CompletedWords strategies_for(const WordList& names) {
  CompletedWords all;
  if (in_sql(names)) {
    const parse::FolderTexts folder = load_folder(names.front());
    for (const std::string& name : parse::compile(folder, {}).strategies) {
      all.push_back({name, ""});
    }
    for (const auto& [name, source] : folder.endpoints) {
      const auto same = [&name = name](const CompletedWord& it) { return it.word == name; };
      if (std::none_of(all.begin(), all.end(), same)) {
        all.push_back({name, ""});
      }
    }
    return all;
  }
  for (const Strategy& it : strategies()) {
    all.push_back({it.name, it.sentence});
  }
  return all;
}

// Endpoints in SQL have the one that can be put around them.
CompletedWords protections_for(const WordList& names) {
  CompletedWords all;
  for (const Protection& it : protections()) {
    if (!in_sql(names) || it.name == parse::idempotency_key) {
      all.push_back({it.name, it.sentence});
    }
  }
  return all;
}

// Each after what stands before it in its word.
CompletedWords behind(const std::string& begin, CompletedWords candidates) {
  for (CompletedWord& it : candidates) {
    it.word.insert(0, begin);
  }
  return candidates;
}

// The word up to the last of some letters, with it; empty: there is none.
std::string up_to_last(const std::string& word, const char* letters) {
  return word.substr(0, word.find_last_of(letters) + 1);  // npos + 1 is 0
}

Completion strategy_completion(const std::string& word, const WordList& names) {
  const std::string begin = up_to_last(word, "+,");
  return {behind(begin, begin.ends_with('+') ? protections_for(names) : strategies_for(names)),
          {},
          false};
}

// KEY=A,B: a key, then its values.
Completion vary_completion(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) {
    Completion keys;
    keys.goes_on = true;
    for (const Option& it : options()) {
      if (it.name != "workload" && it.name != "hazards") {
        keys.candidates.push_back({it.name + '=', it.help});
      }
    }
    if (word.starts_with("layer.")) {  // there are many
      for (const Option& it : layer_options()) {
        keys.candidates.push_back({it.name + '=', it.help});
      }
    }
    return keys;
  }
  const Option* option = find_option(word.substr(0, equals));
  if (option == nullptr) {
    return {};
  }
  WordList values = option->choices;
  if (!option->none.empty()) {
    values.push_back(option->none);
  }
  if (const std::uint32_t layer = preset_layer(option->name); layer > 0) {
    std::erase_if(values, [layer](const std::string& name) {
      return !problem_with_preset(layer, name).empty();
    });
  }
  return {behind(up_to_last(word, "=,"), of_words(values)), {}, false};
}

// N=CLIENT: a layer, then a client.
Completion layer_completion(const std::string& word) {
  Completion made;
  const std::string begin = up_to_last(word, "=");
  if (!begin.empty()) {
    const std::uint32_t layer = preset_layer("layer." + begin.substr(0, begin.size() - 1));
    if (layer > 0) {
      add_clients(made.candidates);
      std::erase_if(made.candidates, [layer](const CompletedWord& it) {
        return !problem_with_preset(layer, it.word).empty();
      });
    }
    made.candidates = behind(begin, std::move(made.candidates));
    return made;
  }
  made.goes_on = true;
  for (std::uint32_t layer = 1; layer <= layers_max; ++layer) {
    made.candidates.push_back({fmt::format("{}=", layer),
                               layer == 1 ? "the clients" : fmt::format("service {}", layer - 1)});
  }
  return made;
}

Completion value_completion(const CommandFlag& flag, const std::string& word,
                            const WordList& names) {
  if (flag.name == "strategy") {
    return strategy_completion(word, names);
  }
  if (flag.name == "vary") {
    return vary_completion(word);
  }
  Completion made;
  if (flag.name == "client") {
    add_clients(made.candidates);
  } else if (flag.name == "layer") {
    made = layer_completion(word);
  } else if (flag.name == "on") {
    made.candidates = of_words({"postgresql", "mariadb", "sqlite"});
  } else if (flag.form == "FILE") {
    made.paths = Completion::Paths::files;
  } else if (flag.form == "FOLDER") {
    made.paths = Completion::Paths::folders;
  } else {
    WordList values = flag.values;
    if (flag.name == "isolation" && in_sql(names)) {
      values.emplace_back("serializable");
    }
    made.candidates = behind(flag.many_values ? up_to_last(word, ",") : "", of_words(values));
  }
  return made;
}

Completion name_completion(const CommandSyntax& syntax, const WordList& names) {
  Completion made;
  if (names.size() >= syntax.names_max) {
    return made;
  }
  const std::string& kind = syntax.name_word;
  if (kind == "command") {
    add_commands(made.candidates);
  } else if (kind == "shell") {
    made.candidates = of_words({"bash", "zsh", "fish"});
  } else if (kind == "lesson") {
    for (const Lesson& it : built_in_lessons()) {
      made.candidates.push_back({std::to_string(it.number), it.title});
    }
  } else if (kind == "kind or name") {
    made.candidates = of_words(list_kinds());
  } else if (kind.starts_with("scenario") || kind == "token" || kind == "file") {
    made.paths = Completion::Paths::files;
  }
  if (kind.starts_with("scenario")) {
    if (syntax.name != "agree") {  // which has no other use for a real server
      add_scenarios(made.candidates);
    }
    add_script_scenarios(made.candidates);
  }
  if (kind == "scenario or client") {
    add_clients(made.candidates);
  }
  return made;
}

// What is told apart of the words behind a command.
struct Typed {
  WordList names;
  WordList flags;
  std::optional<CommandFlag> waiting;  // the flag whose value comes next
};

Typed typed_so_far(const std::vector<CommandFlag>& flags, const WordList& words) {
  Typed typed;
  for (const std::string& word : words) {
    if (typed.waiting) {
      typed.waiting.reset();
    } else if (!word.starts_with("--")) {
      typed.names.push_back(word);
    } else {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
      typed.flags.push_back(name);
      const auto found = std::find_if(flags.begin(), flags.end(),
                                      [&name](const CommandFlag& it) { return it.name == name; });
      if (found != flags.end() && !found->form.empty() && equals == std::string::npos) {
        typed.waiting = *found;
      }
    }
  }
  return typed;
}

bool may_come_again(const CommandSyntax& syntax, const std::string& flag) {
  return flag == "vary" || flag == "endpoint" || flag == "on" || flag == "param" ||
         flag == "layer" || (flag == "strategy" && syntax.several_strategies);
}

Completion flag_completion(const CommandSyntax& syntax, const std::vector<CommandFlag>& flags,
                           const Typed& typed, const std::string& word) {
  const std::size_t equals = word.find('=');
  Completion made;
  for (const CommandFlag& flag : flags) {
    const std::string written = "--" + flag.name;
    if (flag.pattern) {
      continue;
    }
    if (equals != std::string::npos && written == word.substr(0, equals) && !flag.form.empty()) {
      made = value_completion(flag, word.substr(equals + 1), typed.names);
      made.candidates = behind(word.substr(0, equals + 1), std::move(made.candidates));
      return made;
    }
    if (may_come_again(syntax, flag.name) ||
        std::find(typed.flags.begin(), typed.flags.end(), flag.name) == typed.flags.end()) {
      made.candidates.push_back({written, flag.help});
    }
  }
  return made;
}

// Whether a flag has been typed already.
bool is_typed(const WordList& words, const std::string& flag) {
  return std::any_of(words.begin(), words.end(), [&flag](const std::string& word) {
    return word.starts_with("--") && word.substr(2, flag.size()) == flag;
  });
}

Completion everything_there(const WordList& words) {
  const std::string& word = words.back();
  if (words.size() == 1) {
    Completion commands;
    add_commands(commands.candidates);
    commands.candidates.push_back({"help", "the first page"});
    if (word.starts_with('-')) {
      commands.candidates = of_words({"--help", "--version"});
    }
    return commands;
  }
  if (words.front() == "help" && words.size() == 2) {
    Completion commands;
    add_commands(commands.candidates);
    return commands;
  }
  const Command* command = find_command(words.front());
  if (command == nullptr) {
    return {};
  }
  const CommandSyntax& syntax = command->syntax();
  std::vector<CommandFlag> flags = flags_of(syntax);
  // There are many of them, so they are offered where they have been begun.
  for (CommandFlag& flag : layer_flags_of(syntax)) {
    if (word.starts_with("--layer.") || is_typed(words, flag.name)) {
      flags.push_back(std::move(flag));
    }
  }
  const Typed typed = typed_so_far(flags, {words.begin() + 1, words.end() - 1});
  if (typed.waiting) {
    return value_completion(*typed.waiting, word, typed.names);
  }
  return word.starts_with('-') ? flag_completion(syntax, flags, typed, word)
                               : name_completion(syntax, typed.names);
}

}  // namespace

Completion complete(const std::vector<std::string>& words) {
  if (words.empty()) {
    return {};
  }
  Completion made;
  try {
    made = everything_there(words);
  } catch (const UsageError&) {
    return {};
  } catch (const parse::Problem&) {
    return {};
  }
  std::erase_if(made.candidates,
                [&words](const CompletedWord& it) { return !it.word.starts_with(words.back()); });
  return made;
}

}  // namespace racelab
