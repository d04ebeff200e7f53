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
#include "sim/cli/flags.h"
#include "sim/cli/usage_error.h"
#include "sim/scenario/layers.h"
#include "sim/scenario/options.h"
#include "sim/scenario/scenario.h"

namespace racelab {

namespace {

std::string without_dashes(std::string name) {
  name.erase(0, name.find_first_not_of('-'));
  return name.substr(0, name.find('='));
}

bool is_switch(const CommandSyntax& syntax, const std::string& name) {
  return form_of_flag(syntax, name).empty();
}

[[noreturn]] void value_missing(const CommandSyntax& syntax, const std::string& name) {
  throw UsageError("'--" + name + "' needs a value, as in --" + name + " " +
                   form_of_flag(syntax, name));
}

std::vector<std::string> flag_names(const CommandSyntax& syntax) {
  std::vector<std::string> names;
  for (const auto& flags : {flags_of(syntax), layer_flags_of(syntax)}) {
    for (const CommandFlag& flag : flags) {
      if (!flag.pattern) {
        names.push_back(flag.name);
      }
    }
  }
  return names;
}

[[noreturn]] void unknown_flag(const CommandSyntax& syntax, const std::string& given) {
  const std::string name = without_dashes(given);
  if (name.starts_with("layer.") && !layer_flags_of(syntax).empty()) {
    if (const std::string problem = misplaced_layer_key(name, "--"); !problem.empty()) {
      throw UsageError(problem);
    }
  }
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
    if (!takes_flag(syntax, name) || argument[1] != '-' || argument[2] == '-') {
      unknown_flag(syntax, argument);
    }
    if (argument.find('=') == std::string::npos && !is_switch(syntax, name)) {
      waiting = name;
    }
  }
}

std::vector<FlagForm> flag_forms(const CommandSyntax& syntax) {
  std::vector<FlagForm> forms;
  for (const auto& flags : {flags_of(syntax), layer_flags_of(syntax)}) {
    for (const CommandFlag& flag : flags) {
      forms.push_back({flag.name, !flag.form.empty()});
    }
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
    taken.format_given = true;
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
  std::vector<std::string> layers;
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
    } else if (name == "layer") {
      layers.push_back(value);
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
    } else if (name != "watch") {  // which is not for a single run
      take(syntax, taken, name, value);
    }
  }
  if (clients.size() > 1) {
    throw UsageError("'--client' is given twice");
  }
  take_layers(taken, layers);
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

}  // namespace racelab
