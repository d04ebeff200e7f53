// The process around the command line: arguments and environment in, two streams and an exit code out.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "sim/cli/cli.h"

int main(int count, char** arguments) {
  // A reader that closes the pipe early is an ordinary write error, told as one.
  std::signal(SIGPIPE, SIG_IGN);
  const char* no_color = std::getenv("NO_COLOR");
  const racelab::Environment environment{
      .terminal = isatty(STDOUT_FILENO) == 1,
      .no_color = no_color != nullptr && *no_color != '\0',
  };
  const racelab::CommandResult outcome =
      racelab::run_command_line({arguments + 1, arguments + count}, environment);
  std::fputs(outcome.errors.c_str(), stderr);
  const bool written =
      std::fwrite(outcome.output.data(), 1, outcome.output.size(), stdout) == outcome.output.size();
  if (!written || std::fflush(stdout) != 0) {
    std::fputs("racelab: standard output could not be written\n", stderr);
    return static_cast<int>(racelab::Exit::bad_usage);
  }
  return static_cast<int>(outcome.exit);
}
