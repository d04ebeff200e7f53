// The words of a command line told apart: flags with their values, and names. What they mean is for arguments.cc.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace racelab {

struct FlagForm {
  std::string name;  // without dashes
  bool takes_value = true;
};

struct CommandWord {
  std::string flag;   // without dashes; empty: a name
  std::string value;  // of a switch: empty
};

/// A flag that does not stand in its form.
struct FlagMisused : std::runtime_error {
  enum class How : std::uint8_t { unknown, value_missing, value_given };
  FlagMisused(How how_it_is, const std::string& flag) : std::runtime_error(flag), how(how_it_is) {}
  How how;
};

/// In the order in which they stand. A flag is written out, as --flag VALUE or --flag=VALUE; after `--` come names only. Throws
/// FlagMisused. (sim/page/command_words.cc does the same for the page, where Program_options cannot be had.)
std::vector<CommandWord> command_words(const std::vector<FlagForm>& forms,
                                       const std::vector<std::string>& arguments);

}  // namespace racelab
