// The process around the command line: arguments and environment in, two streams and an exit code out.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "sim/cli/cli.h"

namespace {

// Nobody means a line of that length: what is longer is read, and dropped.
constexpr std::size_t line_bytes_max = 100'000;

std::optional<std::string> next_line() {
  std::string line;
  int c = std::getc(stdin);
  if (c == EOF) {
    return std::nullopt;
  }
  for (; c != EOF && c != '\n'; c = std::getc(stdin)) {
    if (line.size() < line_bytes_max) {
      line += static_cast<char>(c);
    }
  }
  return line;
}

// The reader of standard output has gone away, as `| head` does: it has read what it wanted.
bool reader_left = false;

bool say(std::string_view text) {
  const bool said =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  reader_left = reader_left || (!said && errno == EPIPE);
  return said;
}

void say_progress(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

// A run's coroutines cannot pass an exception on: where there is no memory left, the process ends here.
[[noreturn]] void out_of_memory() {
  std::fputs("racelab: out of memory; fewer clients or operations need less\n", stderr);
  std::_Exit(static_cast<int>(racelab::Exit::gave_up));
}

}  // namespace

int main(int count, char** arguments) {
  // A reader that closes the pipe early takes nothing from the result.
  std::signal(SIGPIPE, SIG_IGN);
  std::set_new_handler(out_of_memory);
  const char* no_color = std::getenv("NO_COLOR");
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const racelab::Environment environment{
      .terminal = terminal,
      .no_color = no_color != nullptr && *no_color != '\0',
      .conversation = {.next_line = next_line,
                       .say = say,
                       .prompt = terminal && isatty(STDIN_FILENO) == 1},
      .progress = isatty(STDERR_FILENO) == 1 ? std::function<void(std::string_view)>(say_progress)
                                             : nullptr,
  };
  const racelab::CommandResult outcome =
      racelab::run_command_line({arguments + 1, arguments + count}, environment);
  std::fputs(outcome.errors.c_str(), stderr);
  if ((!say(outcome.output) || std::ferror(stdout) != 0) && !reader_left) {
    std::fputs("racelab: standard output could not be written\n", stderr);
    return static_cast<int>(racelab::Exit::bad_usage);
  }
  return static_cast<int>(outcome.exit);
}
