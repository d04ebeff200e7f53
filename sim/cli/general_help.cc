// The first page, and the way back to it.
#include "sim/cli/general_help.h"

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_scenario.h"
#include "sim/scenario/options.h"

namespace racelab {

std::string unknown_command(const std::string& command) {
  const std::string begin = "there is no command '" + command + "'; ";
  if (names_scenario(command)) {
    return begin + "did you mean `racelab run " + command + "`?";
  }
  if (names_script_scenario(command)) {
    return begin + "did you mean `racelab explore " + command + "`?";
  }
  std::vector<std::string> names{"help"};
  for (const Command& known : all_commands()) {
    names.push_back(known.name);
  }
  const std::string near = nearest(command, names);
  return begin + (near.empty() ? "`racelab --help` lists them" : "did you mean '" + near + "'?");
}

std::string general_help() {
  return "racelab: what goes wrong when two requests arrive at once, a reply is lost,\n"
         "a call is retried, a handler dies half-way\n"
         "\n"
         "usage: racelab run SCENARIO [--strategy S] [--seed N] [option...]\n"
         "       racelab compare SCENARIO... [--strategy S]... [--vary KEY=A,B,C]...\n"
         "       racelab merge FILE...\n"
         "       racelab explore SCENARIO [--strategy S] [option...]\n"
         "       racelab step SCENARIO [--strategy S] [option...]\n"
         "       racelab explain SCENARIO|TOKEN [--strategy S] [option...]\n"
         "       racelab replay TOKEN [--strategy OTHER]\n"
         "       racelab verify [SCENARIO...]\n"
         "       racelab agree [SCENARIO...] --on DATABASE\n"
         "       racelab show SCENARIO\n"
         "       racelab new NAME\n"
         "       racelab learn [N]\n"
         "       racelab host [--address ADDRESS]\n"
         "       racelab list [strategies|scenarios|hazards|faults|clients|sql]\n"
         "       racelab manual [COMMAND] | completion bash|zsh|fish\n"
         "       racelab COMMAND --help | --version\n"
         "\n"
         "Start with:\n"
         "  racelab run two-writers         two writers lose an update\n"
         "  racelab compare hot-counter     which strategy to use, and what it costs\n"
         "  racelab explore two-writers     every order, and which of them lose it\n"
         "  racelab step two-writers        you are the scheduler\n"
         "  racelab explain two-writers     the smallest of them drawn, and what helps\n"
         "  racelab run retried-payment     a lost reply charges a card twice\n"
         "  racelab explore oversold-stock  endpoints in SQL: two buyers, one item\n"
         "  racelab learn                   twelve lessons: predict, then see\n"
         "  racelab new mine                your own tables and endpoints\n"
         "\n"
         "Exit code: 0 as expected, 1 a violation was found, 2 bad usage, 3 gave up, or\n"
         "nothing was done.\n";
}

}  // namespace racelab
