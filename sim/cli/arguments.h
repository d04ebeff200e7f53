// The arguments of a command, read with Program_options from the one option table.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace racelab {

struct RunArguments {
  bool help = false;
  std::string scenario;
  std::string strategy = "read-modify-write";
  std::uint64_t seed = 1;
  std::string format = "text";
  std::string output;  // empty: standard output
  std::string color = "auto";
  bool trace = false;
  std::vector<std::pair<std::string, std::string>> settings;  // in the order given
};

/// Reads what follows `racelab run`. Throws UsageError.
RunArguments parse_run_arguments(const std::vector<std::string>& arguments);

/// Whether the name is a flag that shapes no run (--seed, --format, …), and so no key of a scenario file.
bool is_flag_only(const std::string& name);

std::string general_help();
std::string run_help();
std::string list_help();

/// The commands there are.
const std::vector<std::string>& commands();

}  // namespace racelab
