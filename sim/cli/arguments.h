// The arguments of a command, read by the one option table.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace racelab {

/// What was given to a command; what it does not take stays as it is here.
struct Arguments {
  bool help = false;
  std::vector<std::string> line;        // the command and all that was typed behind it
  std::vector<std::string> names;       // what stands without a flag
  std::vector<std::string> strategies;  // empty: the default
  std::uint64_t seed = 1;
  std::string format = "text";
  bool format_given = false;
  std::string output;  // empty: standard output
  std::string color = "auto";
  bool trace = false;
  std::string engine = "graph";
  bool symmetry = true;
  bool odds = true;
  bool apart = true;  // parts that cannot touch each other are explored apart
  std::uint64_t states_max = 20'000'000;
  std::uint64_t steps_max = 1'000;
  std::uint64_t megabytes_max = 0;                            // 0: no limit
  std::uint64_t seconds_max = 0;                              // 0: no limit
  std::uint64_t seeds = 0;                                    // 0: not given
  std::uint64_t list_orders = 0;                              // at most so many; 0: none
  std::uint64_t jobs = 0;                                     // threads; 0: one for each core
  std::vector<std::string> vary;                              // KEY=A,B,C, as given
  std::uint64_t shard = 0;                                    // which part; 0: the whole
  std::uint64_t shards = 0;                                   // … of how many
  std::vector<std::pair<std::string, std::string>> settings;  // in the order given
  std::string client;         // of --client, whose settings are among these; empty: not given
  std::size_t of_client = 0;  // so many of the settings, the first, are its preset's
  // Of endpoints in SQL.
  std::string setup;  // files; empty: not given
  std::string check;
  std::string order;  // a word; empty: every order
  std::vector<std::string> endpoints;
  std::vector<std::string> parameters;                          // NAME=VALUE
  std::vector<std::pair<std::string, std::string>> of_scripts;  // settings that only they have
  std::vector<std::string> on;                                  // real databases; none: the store
  std::uint64_t orders_max = 0;                                 // 0: not given
  bool shared_database = false;  // a server of the user's: other tables may be there
  bool as_superuser = false;
  bool clean = false;        // drop what dead runs left there
  bool writes_page = false;  // `step --page`
  // Of `host`.
  std::string address = "127.0.0.1";
  std::uint64_t port = 8'080;
  std::uint64_t press_within = 20;  // seconds, then the turn passes to whoever waits
  std::string page;                 // the folder with its pages; empty: not given

  [[nodiscard]] std::vector<std::string> strategies_or_default() const {
    return strategies.empty() ? std::vector<std::string>{"read-modify-write"} : strategies;
  }
};

/// A command, as far as its arguments go.
struct CommandSyntax {
  std::string name;
  std::string sentence;                    // what it is for, in a clause
  std::string usage;                       // the opening of its help
  std::string exits;                       // its exit codes, without a full stop
  std::vector<std::string> flags;          // of the common ones, those that it takes
  bool takes_settings = false;             // every setting is a flag, too
  std::vector<std::string> settings = {};  // where not every setting is: those that are
  bool several_strategies = false;         // --strategy may be given again
  std::size_t names_max = 1;
  std::string name_word = "scenario";  // what its names are
  bool page_is_switch = false;         // its --page names no folder
  std::vector<std::string> formats = {"text", "json"};
  /// What a flag does here, where that is not what it does elsewhere: its name, its clause.
  std::vector<std::pair<std::string, std::string>> words = {};
  std::string (*more)() = nullptr;  // what its help says behind the flags
};

/// Reads what follows the command. Throws UsageError.
Arguments parse_arguments(const CommandSyntax& syntax, const std::vector<std::string>& arguments);

/// The help of a command.
std::string help_text(const CommandSyntax& syntax);

/// Whether the name is a flag that shapes no run (--seed, --format, …), and so no key of a scenario file.
bool is_flag_only(const std::string& name);

}  // namespace racelab
