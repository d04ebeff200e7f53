// In place of sim/host/ and its command: a page cannot let anybody in.
#include "sim/cli/commands.h"
#include "sim/cli/usage_error.h"

namespace racelab {

const CommandSyntax& host_syntax() {
  static const CommandSyntax none{
      .name = "host", .sentence = "", .usage = "", .exits = "", .flags = {}};
  return none;
}

CommandResult host_command(const std::vector<std::string>& /*rest*/,
                           const Environment& /*environment*/) {
  throw UsageError("a page hosts no room: `racelab host` is for a terminal");
}

}  // namespace racelab
