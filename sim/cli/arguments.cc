// Flags come from the option table, so that every key of a scenario file is one. Nothing is guessed: a flag is written out, and
// one that is given twice is a mistake.
#include "sim/cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "sim/cli/client_flag.h"
#include "sim/cli/command_words.h"
#include "sim/cli/usage_error.h"
#include "sim/scenario/options.h"
#include "sim/scenario/scenario.h"

namespace racelab {

namespace {

struct CommonFlag {
  const char* name;
  const char* value;  // nullptr: a switch
  const char* help;
};

constexpr CommonFlag common_flags[] = {
    {"strategy", "S",
     "how the service writes (default read-modify-write; of endpoints in SQL all, or the first)"},
    {"client", "NAME", "a real client's retries; other settings win (`racelab list clients`)"},
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
    {"format", nullptr, ""},
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
    {"help", nullptr, "this text"},
};

bool takes(const CommandSyntax& syntax, const std::string& flag) {
  return flag == "help" ||
         std::find(syntax.flags.begin(), syntax.flags.end(), flag) != syntax.flags.end();
}

bool takes_setting(const CommandSyntax& syntax, const std::string& name) {
  return syntax.takes_settings ||
         std::find(syntax.settings.begin(), syntax.settings.end(), name) != syntax.settings.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : "|") + word;
  }
  return text;
}

// The form of a flag's value; empty: it takes none.
std::string value_form(const CommandSyntax& syntax, const CommonFlag& flag) {
  if (std::string_view(flag.name) == "format") {
    return joined(syntax.formats);
  }
  if (std::string_view(flag.name) == "page" && syntax.page_is_switch) {
    return "";
  }
  return flag.value == nullptr ? "" : flag.value;
}

std::vector<std::string> flag_names(const CommandSyntax& syntax) {
  std::vector<std::string> names;
  for (const CommonFlag& flag : common_flags) {
    if (takes(syntax, flag.name)) {
      names.emplace_back(flag.name);
    }
  }
  for (const Option& option : options()) {
    if (takes_setting(syntax, option.name)) {
      names.push_back(option.name);
    }
  }
  return names;
}

std::string without_dashes(std::string name) {
  name.erase(0, name.find_first_not_of('-'));
  return name.substr(0, name.find('='));
}

const CommonFlag* find_common_flag(const std::string& name) {
  const auto* const found =
      std::find_if(std::begin(common_flags), std::end(common_flags),
                   [&name](const CommonFlag& flag) { return name == flag.name; });
  return found == std::end(common_flags) ? nullptr : found;
}

// Whether the command takes the flag, and whether it has a value.
bool is_known(const CommandSyntax& syntax, const std::string& name) {
  return (find_common_flag(name) != nullptr && takes(syntax, name)) ||
         (takes_setting(syntax, name) && find_option(name) != nullptr);
}
bool is_switch(const CommandSyntax& syntax, const std::string& name) {
  const CommonFlag* flag = find_common_flag(name);
  return flag != nullptr && value_form(syntax, *flag).empty();
}

[[noreturn]] void value_missing(const CommandSyntax& syntax, const std::string& name) {
  const CommonFlag* flag = find_common_flag(name);
  const std::string form =
      flag != nullptr ? value_form(syntax, *flag) : placeholder(*find_option(name));
  throw UsageError("'--" + name + "' needs a value, as in --" + name + " " + form);
}

[[noreturn]] void unknown_flag(const CommandSyntax& syntax, const std::string& given) {
  const std::string name = without_dashes(given);
  const std::string near = nearest(name, flag_names(syntax));
  throw UsageError("there is no option '" + given.substr(0, given.find('=')) + "'" +
                   (near.empty() ? "; `racelab " + syntax.name + " --help` lists them"
                                 : "; did you mean '--" + near + "'?"));
}

// What Program_options would misread: "-x" as a scenario's name, the next flag as the value that was forgotten. A value may begin with a dash; one that
// begins with two needs the form --flag=--value.
void refuse_misplaced_dashes(const CommandSyntax& syntax,
                             const std::vector<std::string>& arguments) {
  std::string waiting;  // the flag whose value comes next
  for (const std::string& argument : arguments) {
    const bool is_flag = argument.starts_with("--");
    if (!waiting.empty() && is_flag) {
      value_missing(syntax, waiting);
    }
    if (!std::exchange(waiting, "").empty() || argument == "-h" || !argument.starts_with('-') ||
        argument == "-") {
      continue;
    }
    if (argument == "--") {
      return;  // names only from here on
    }
    const std::string name = without_dashes(argument);
    if (!is_known(syntax, name) || argument[1] != '-' || argument[2] == '-') {
      unknown_flag(syntax, argument);
    }
    if (argument.find('=') == std::string::npos && !is_switch(syntax, name)) {
      waiting = name;
    }
  }
}

std::vector<FlagForm> flag_forms(const CommandSyntax& syntax) {
  std::vector<FlagForm> forms;
  for (const std::string& name : flag_names(syntax)) {
    forms.push_back({name, !is_switch(syntax, name)});
  }
  return forms;
}

std::vector<CommandWord> words_of(const CommandSyntax& syntax,
                                  const std::vector<std::string>& arguments) {
  try {
    return command_words(flag_forms(syntax), arguments);
  } catch (const FlagMisused& misused) {
    switch (misused.how) {
      case FlagMisused::How::unknown:
        unknown_flag(syntax, misused.what());
      case FlagMisused::How::value_missing:
        value_missing(syntax, misused.what());
      case FlagMisused::How::value_given:
        break;
    }
    throw UsageError(fmt::format("'--{}' takes no value", misused.what()));
  }
}

std::uint64_t parse_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, seed);
  if (error != std::errc{} || stopped != end) {
    throw UsageError("seed must be a whole number from 0 to 18446744073709551615, not '" + text +
                     "'");
  }
  return seed;
}

const std::string& one_of(const std::string& flag, const std::string& value,
                          const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    std::string list;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      list += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
    }
    throw UsageError(flag + " must be " + list + ", not '" + value + "'");
  }
  return value;
}

constexpr std::uint64_t limit_max = 4'000'000'000;  // states are numbered with 32 bits
constexpr std::uint64_t threads_max = 1'024;
constexpr std::uint64_t shards_max = 100'000;

std::uint64_t parse_limit(const std::string& name, const std::string& text,
                          std::uint64_t most = limit_max) {
  std::uint64_t limit = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, limit);
  if (error != std::errc{} || stopped != end || limit < 1 || limit > most) {
    throw UsageError(name + " must be a whole number from 1 to " + std::to_string(most) +
                     ", not '" + text + "'");
  }
  return limit;
}

std::uint64_t parse_port(const std::string& text) {
  constexpr std::uint64_t port_max = 65'535;
  std::uint64_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || stopped != end || port > port_max) {
    throw UsageError(
        fmt::format("port must be a whole number from 0 to {}, not '{}'", port_max, text));
  }
  return port;
}

// "2/4": the second of four parts.
void take_shard(Arguments& taken, const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto number = [&text](const std::string& part) {
    std::uint64_t value = 0;
    const char* end = part.data() + part.size();
    const auto [stopped, error] = std::from_chars(part.data(), end, value);
    if (error != std::errc{} || stopped != end) {
      throw UsageError("shard must be I/N, such as 1/4, not '" + text + "'");
    }
    return value;
  };
  taken.shard = number(text.substr(0, slash));
  taken.shards = number(slash == std::string::npos ? "" : text.substr(slash + 1));
  if (taken.shards < 1 || taken.shards > shards_max) {
    throw UsageError("shard must be one of 1 to " + std::to_string(shards_max) + " parts, not of " +
                     std::to_string(taken.shards));
  }
  if (taken.shard < 1 || taken.shard > taken.shards) {
    throw UsageError("shard must be from 1/" + std::to_string(taken.shards) + " to " +
                     std::to_string(taken.shards) + "/" + std::to_string(taken.shards) + ", not '" +
                     text + "'");
  }
}

void take(const CommandSyntax& syntax, Arguments& taken, const std::string& name,
          const std::string& value) {
  if (name == "seed") {
    taken.seed = parse_seed(value);
  } else if (name == "setup") {
    taken.setup = value;
  } else if (name == "check") {
    taken.check = value;
  } else if (name == "order") {
    if (value.empty()) {
      throw UsageError("'--order' wants a word, such as AABB");
    }
    taken.order = value;
  } else if (name == "time-passes.max" || name == "time-passes.by" || name == "deadlock-timeout") {
    taken.of_scripts.emplace_back(name, value);
  } else if (name == "format") {
    taken.format = one_of(name, value, syntax.formats);
  } else if (name == "output") {
    if (value.empty()) {
      throw UsageError("'--output' needs the name of a file");
    }
    taken.output = value;
  } else if (name == "color") {
    taken.color = one_of(name, value, {"auto", "always", "never"});
  } else if (name == "engine") {
    taken.engine = one_of(name, value, {"graph", "orders"});
  } else if (name == "odds") {
    taken.odds = one_of(name, value, {"exact", "none"}) == "exact";
  } else if (name == "states-max") {
    taken.states_max = parse_limit(name, value);
  } else if (name == "steps-max") {
    taken.steps_max = parse_limit(name, value);
  } else if (name == "list-orders") {
    taken.list_orders = parse_limit(name, value);
  } else if (name == "memory-max") {
    taken.megabytes_max = parse_limit(name, value);
  } else if (name == "seconds-max") {
    taken.seconds_max = parse_limit(name, value);
  } else if (name == "seeds") {
    taken.seeds = parse_limit(name, value);
  } else if (name == "orders-max") {
    taken.orders_max = parse_limit(name, value);
  } else if (name == "jobs") {
    taken.jobs = parse_limit(name, value, threads_max);
  } else if (name == "address") {
    taken.address = value;
  } else if (name == "port") {
    taken.port = parse_port(value);
  } else if (name == "press-within") {
    constexpr std::uint64_t an_hour = 3'600;
    taken.press_within = parse_limit(name, value, an_hour);
  } else if (name == "page") {
    taken.writes_page = syntax.page_is_switch;
    taken.page = value;
  } else if (name == "shard") {
    take_shard(taken, value);
  } else {
    taken.settings.emplace_back(name, value);
  }
}

// What the help says of a flag that not every command means alike.
const char* help_of(const CommandSyntax& syntax, const CommonFlag& flag) {
  const std::string_view name = flag.name;
  return name == "format"                          ? "how the result is written (default text)"
         : name == "page" && syntax.page_is_switch ? "write a page for a browser that opens there"
                                                   : flag.help;
}

// One option of the help: its flag in a column, then the words, wrapped.
std::string help_line(const std::string& flag, const std::string& words) {
  constexpr std::size_t column = 32;
  std::string line = "  " + flag;
  std::size_t at = line.size();
  if (at + 2 > column) {
    line += '\n';
    at = 0;
  }
  line += std::string(column - at, ' ');
  at = column;
  std::string_view rest = words;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (at > column && at + 1 + end > 80) {
      line += '\n' + std::string(column, ' ');
      at = column;
    }
    line += (at > column ? " " : "") + std::string(rest.substr(0, end));
    at += end + (at > column ? 1 : 0);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return line + '\n';
}

std::string option_lines(const std::vector<std::string>& first_of_group) {
  static const Settings defaults;
  std::string text;
  for (const Option& option : options()) {
    if (std::find(first_of_group.begin(), first_of_group.end(), option.name) !=
        first_of_group.end()) {
      text += '\n';
    }
    const std::string shown =
        option.name == "workload" ? "" : " (default " + value_of(option, defaults) + ")";
    text += help_line("--" + option.name + " " + placeholder(option), option.help + shown);
  }
  return text;
}

}  // namespace

Arguments parse_arguments(const CommandSyntax& syntax, const std::vector<std::string>& arguments) {
  refuse_misplaced_dashes(syntax, arguments);
  Arguments taken;
  taken.line = {syntax.name};
  taken.line.insert(taken.line.end(), arguments.begin(), arguments.end());
  if (std::find(arguments.begin(), arguments.end(), "-h") != arguments.end()) {
    taken.help = true;
    return taken;
  }
  std::set<std::string> given;
  std::vector<std::string> clients;
  for (const auto& [name, value] : words_of(syntax, arguments)) {
    if (name == "help") {
      taken.help = true;
    } else if (name.empty()) {
      if (syntax.names_max == 0) {
        throw UsageError(
            fmt::format("`racelab {}` takes options only: what is '{}'?", syntax.name, value));
      }
      if (taken.names.size() == syntax.names_max) {
        throw UsageError("`racelab " + syntax.name + "` takes one " + syntax.name_word +
                         ": what is '" + value + "' after '" + taken.names.back() + "'?");
      }
      taken.names.push_back(value);
    } else if (name == "strategy" && syntax.several_strategies) {
      taken.strategies.push_back(value);
    } else if (name == "client") {
      clients.push_back(value);
    } else if (name == "vary") {
      taken.vary.push_back(value);
    } else if (name == "endpoint") {
      taken.endpoints.push_back(value);
    } else if (name == "on") {
      taken.on.push_back(value);
    } else if (name == "param") {
      taken.parameters.push_back(value);
    } else if (!given.insert(name).second) {
      throw UsageError("'--" + name + "' is given twice");
    } else if (name == "strategy") {
      taken.strategies = {value};
    } else if (name == "trace") {
      taken.trace = true;
    } else if (name == "shared-database") {
      taken.shared_database = true;
    } else if (name == "as-superuser") {
      taken.as_superuser = true;
    } else if (name == "clean") {
      taken.clean = true;
    } else if (name == "no-symmetry") {
      taken.symmetry = false;
    } else if (name == "no-parts") {
      taken.apart = false;
    } else {
      take(syntax, taken, name, value);
    }
  }
  if (clients.size() > 1) {
    throw UsageError("'--client' is given twice");
  }
  if (!clients.empty()) {
    put_client_first(taken, clients.front());
  }
  for (const char* of_states : {"no-symmetry", "no-parts", "states-max", "memory-max"}) {
    if (taken.engine == "orders" && given.contains(of_states)) {
      throw UsageError(std::string("'--") + of_states +
                       "' means nothing with --engine orders: it runs each order by itself, and "
                       "keeps no states");
    }
  }
  if (taken.engine == "orders" && !taken.odds) {
    throw UsageError("'--odds none' means nothing with --engine orders: it counts every order");
  }
  return taken;
}

bool is_flag_only(const std::string& name) { return find_common_flag(name) != nullptr; }

std::string help_text(const CommandSyntax& syntax) {
  std::string text = syntax.usage + '\n';
  for (const CommonFlag& flag : common_flags) {
    if (takes(syntax, flag.name)) {
      const std::string form = value_form(syntax, flag);
      text += help_line(std::string("--") + flag.name + (form.empty() ? "" : " ") + form,
                        help_of(syntax, flag));
    }
  }
  for (const std::string& name : syntax.settings) {
    const Option& option = *find_option(name);
    text += help_line("--" + name + " " + placeholder(option), option.help);
  }
  if (syntax.takes_settings) {
    text +=
        "\nSettings: the keys of a scenario file, too. A flag wins over the file; the\n"
        "defaults are for what the file leaves out.\n";
    text += option_lines({"workload", "isolation", "arrivals", "lose-request.rate", "faults-max"});
  }
  return text;
}

}  // namespace racelab
