// A page has no shell to complete words for, and nowhere to install a manual.
#include "sim/cli/commands.h"
#include "sim/cli/usage_error.h"

namespace racelab {

namespace {

CommandSyntax nothing(const char* name) {
  return {.name = name, .sentence = "", .usage = "", .exits = "", .flags = {}};
}

}  // namespace

const CommandSyntax& completion_syntax() {
  static const CommandSyntax none = nothing("completion");
  return none;
}

CommandResult completion_command(const std::vector<std::string>& /*rest*/,
                                 const Environment& /*environment*/) {
  throw UsageError("a page has no shell; `racelab completion` is for one");
}

const CommandSyntax& manual_syntax() {
  static const CommandSyntax none = nothing("manual");
  return none;
}

CommandResult manual_command(const std::vector<std::string>& /*rest*/,
                             const Environment& /*environment*/) {
  throw UsageError("a page has no manual; `racelab manual` writes it, in a terminal");
}

}  // namespace racelab
