// The flags of the commands, as data: from one table come the reading of a command line, the help, the manual pages and what a
// shell completes.
#pragma once

#include <string>
#include <vector>

#include "sim/cli/arguments.h"

namespace racelab {

/// A flag as one command takes it.
struct CommandFlag {
  std::string name;                 // without dashes
  std::string form;                 // of its value: "N", "text|json"; empty: it takes none
  std::string help;                 // a clause, with the default, as it is for this command
  std::vector<std::string> values;  // words that its value may be; empty: there are no such
  bool many_values = false;         // several of them, with commas between them
  bool setting = false;             // a key of a scenario file, too
  bool opens_group = false;         // a new group of settings begins with it
  bool pattern = false;             // stands for the flags of layers, of which there are many
};

/// Those that a command takes, in the order of its help.
std::vector<CommandFlag> flags_of(const CommandSyntax& syntax);

/// What the pattern among them stands for: --layer.2.timeout, and so on.
std::vector<CommandFlag> layer_flags_of(const CommandSyntax& syntax);

/// Whether a command takes a flag of that name.
bool takes_flag(const CommandSyntax& syntax, const std::string& name);

/// The form of a flag's value; empty: it takes none. Only for one that the command takes.
std::string form_of_flag(const CommandSyntax& syntax, const std::string& name);

}  // namespace racelab
