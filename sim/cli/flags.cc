// What each flag is called, what its value looks like, and what it does: written down once.
#include "sim/cli/flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

struct CommonFlag {
  const char* name;
  const char* value;  // nullptr: a switch
  const char* help;
};

constexpr CommonFlag common_flags[] = {
    {"strategy", "S",
     "how the service writes (default read-modify-write; of endpoints in SQL the first)"},
    {"client", "NAME", "a real client's retries; other settings win (`racelab list clients`)"},
    {"layer", "N=CLIENT",
     "whose retries call service N: 1 the clients', 2 service 1's, up to 5; there are as many "
     "layers as that needs"},
    {"seed", "N", "where all chance comes from, from 0 to 2^64-1 (default 1)"},
    {"seeds", "N", "so many runs of each strategy (default 1000, or what the scenario says)"},
    {"vary", "KEY=A,B,C", "a setting at several values; several --vary make a grid"},
    {"jobs", "N", "threads (default: one for each core); changes no result"},
    {"shard", "I/N", "only the I-th of N parts of the seeds, for `racelab merge`"},
    {"engine", "graph|orders", "graph: each state once; orders: each order by itself, no examples"},
    {"odds", "exact|none", "none: verdict, outcomes and counterexample only, of far fewer orders"},
    {"no-symmetry", nullptr, "tell clients apart even where it makes no difference"},
    {"no-parts", nullptr, "explore clients that cannot touch each other together, too"},
    {"states-max", "N", "give up after so many states (default 20000000; `step`: fewer)"},
    {"steps-max", "N", "give up on an order after so many steps (default 1000)"},
    {"memory-max", "N", "give up when the states take more than N megabytes (default: no limit)"},
    {"seconds-max", "N", "give up after so many seconds (default: no limit)"},
    {"format", nullptr, "how the result is written (default text)"},
    {"output", "FILE", "where it is written (default: standard output)"},
    {"color", "auto|always|never", "colors in text; auto: on a terminal, unless NO_COLOR is set"},
    {"setup", "FILE", "your own tables: CREATE TABLE and INSERT (instead of a scenario)"},
    {"endpoint", "FILE", "your own endpoint; several are a fleet, a.sql:b.sql are in turn"},
    {"check", "FILE", "what must be true in the end: SELECTs that answer one boolean"},
    {"param", "NAME=VALUE", "a variable of endpoints in SQL; NAME=a,b goes client by client"},
    {"order", "WORD", "this order alone (endpoints in SQL); `step` begins with it"},
    {"list-orders", "N", "with JSON: the orders that begin so, N at most"},
    {"time-passes.max", "N", "endpoints in SQL: how often the clock moves on (default 0)"},
    {"time-passes.by", "TIME", "… by how much (default 1min)"},
    {"deadlock-timeout", "TIME", "endpoints in SQL: a wait this long looks for a circle (10ms)"},
    {"on", "DATABASE", "postgresql[://… (yours)], mariadb, sqlite or exec:COMMAND; several"},
    {"shared-database", nullptr, "yours, and the database may hold other tables"},
    {"as-superuser", nullptr, "yours, and the user may be a superuser"},
    {"clean", nullptr, "drop what racelab left there when it was killed, and nothing else"},
    {"orders-max", "N", "run at most so many orders on a server (default: see above)"},
    {"address", "ADDRESS", "where phones find it (default 127.0.0.1; 0.0.0.0: all there are)"},
    {"port", "N", "the port there (default 8080; 0: any that is free)"},
    {"press-within", "SECONDS", "then the turn passes to whoever waits (default 20)"},
    {"page", "FOLDER", "with racelab.html and phone.html (default: where ./dev page puts them)"},
    {"trace", nullptr, "add every event; changes nothing else"},
    {"watch", nullptr, "run again whenever a file that it reads changes; Ctrl-C ends it"},
    {"help", nullptr, "this text"},
};

const CommonFlag* find_common_flag(const std::string& name) {
  const auto* const found =
      std::find_if(std::begin(common_flags), std::end(common_flags),
                   [&name](const CommonFlag& flag) { return name == flag.name; });
  return found == std::end(common_flags) ? nullptr : found;
}

bool takes_common(const CommandSyntax& syntax, const std::string& flag) {
  return flag == "help" || (flag == "layer" && syntax.takes_settings) ||
         std::find(syntax.flags.begin(), syntax.flags.end(), flag) != syntax.flags.end();
}

bool takes_setting(const CommandSyntax& syntax, const std::string& name) {
  return syntax.takes_settings ||
         std::find(syntax.settings.begin(), syntax.settings.end(), name) != syntax.settings.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text.append(text.empty() ? "" : "|").append(word);
  }
  return text;
}

// The words of a form such as "auto|always|never"; of "N" or "FILE" none.
std::vector<std::string> words_of_form(const std::string& form) {
  std::vector<std::string> words;
  if (form.find('|') == std::string::npos) {
    return words;
  }
  for (std::size_t from = 0; from <= form.size();) {
    const std::size_t end = std::min(form.find('|', from), form.size());
    words.push_back(form.substr(from, end - from));
    from = end + 1;
  }
  return words;
}

std::string common_form(const CommandSyntax& syntax, const CommonFlag& flag) {
  if (std::string_view(flag.name) == "format") {
    return joined(syntax.formats);
  }
  if (std::string_view(flag.name) == "page" && syntax.page_is_switch) {
    return "";
  }
  return flag.value == nullptr ? "" : flag.value;
}

// A command's own words come first: a default is not the same everywhere.
std::string common_help(const CommandSyntax& syntax, const CommonFlag& flag) {
  for (const auto& [name, words] : syntax.words) {
    if (name == flag.name) {
      return words;
    }
  }
  return flag.help;
}

CommandFlag setting_flag(const CommandSyntax& syntax, const Option& option) {
  static const Settings defaults;
  CommandFlag flag;
  flag.name = option.name;
  flag.form = placeholder(option);
  flag.help = option.help;
  flag.values = option.choices;
  if (!option.none.empty()) {
    flag.values.push_back(option.none);
  }
  if (option.form == Form::choices) {
    flag.many_values = true;
  }
  flag.setting = syntax.takes_settings;
  if (flag.setting && option.name != "workload") {
    flag.help += fmt::format(" (default {})", value_of(option, defaults));
  }
  const auto first = {"workload", "isolation", "arrivals", "lose-request.rate", "faults-max"};
  flag.opens_group =
      flag.setting && std::find(first.begin(), first.end(), option.name) != first.end();
  return flag;
}

CommandFlag layer_pattern() {
  CommandFlag flag;
  flag.name = "layer.N.SETTING";
  flag.form = "VALUE";
  flag.help = fmt::format(
      "a setting of whoever calls service N, from 2: one of the clients' from {} to {}, or {}, {}",
      settings_of_a_layer()[1].name, settings_of_a_layer().back().name,
      settings_of_a_layer().front().name, settings_of_a_layer().front().help);
  flag.setting = true;
  flag.pattern = true;
  return flag;
}

}  // namespace

std::vector<CommandFlag> layer_flags_of(const CommandSyntax& syntax) {
  std::vector<CommandFlag> flags;
  if (syntax.takes_settings) {
    for (const Option& option : layer_options()) {
      flags.push_back(setting_flag(syntax, option));
    }
  }
  return flags;
}

std::vector<CommandFlag> flags_of(const CommandSyntax& syntax) {
  std::vector<CommandFlag> flags;
  for (const CommonFlag& common : common_flags) {
    if (takes_common(syntax, common.name)) {
      CommandFlag& flag = flags.emplace_back();
      flag.name = common.name;
      flag.form = common_form(syntax, common);
      flag.help = common_help(syntax, common);
      flag.values = flag.name == "format" ? syntax.formats : words_of_form(flag.form);
    }
  }
  for (const Option& option : options()) {
    if (takes_setting(syntax, option.name)) {
      flags.push_back(setting_flag(syntax, option));
    }
    if (option.name == "layers" && syntax.takes_settings) {
      flags.push_back(layer_pattern());
    }
  }
  return flags;
}

bool takes_flag(const CommandSyntax& syntax, const std::string& name) {
  return (find_common_flag(name) != nullptr && takes_common(syntax, name)) ||
         (takes_setting(syntax, name) && find_option(name) != nullptr);
}

std::string form_of_flag(const CommandSyntax& syntax, const std::string& name) {
  const CommonFlag* common = find_common_flag(name);
  return common != nullptr ? common_form(syntax, *common) : placeholder(*find_option(name));
}

bool is_flag_only(const std::string& name) { return find_common_flag(name) != nullptr; }

}  // namespace racelab
