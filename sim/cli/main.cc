// The process around the command line: arguments and environment in, two streams and an exit code out.
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "sim/cli/cli.h"
#include "sim/cli/output_file.h"
#include "sim/cli/ranks.h"
#include "sim/cli/signals.h"
#include "sim/kernel/plugin_call.h"

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
  if (racelab::plugin_takes_long()) {  // not the one that happens to need the last byte
    racelab::plugin_failed("asks for more memory than there is");
  }
  std::fputs("racelab: out of memory; fewer clients or operations need less\n", stderr);
  racelab::remove_unfinished_output();
  std::_Exit(static_cast<int>(racelab::Exit::gave_up));
}

// Bytes after a word in a file of Linux's, such as "MemAvailable:  12 kB" (times 1024) or a number
// alone; nothing: it says none.
std::optional<rlim_t> number_in(const char* path, const std::string& word) {
  std::ifstream file(path);
  std::string name;
  rlim_t number = 0;
  while (!word.empty() && file >> name && name != word) {
    file.ignore(line_bytes_max, '\n');
  }
  return file >> number ? std::optional(number) : std::nullopt;
}

// What asks for more memory than the machine has left gets a sentence. Without this the kernel
// would promise any amount, and then kill whoever takes it, or somebody else.
void limit_memory() {
#ifdef __SANITIZE_ADDRESS__
  constexpr bool sanitized = true;  // which takes address space as it likes
#else
  constexpr bool sanitized = false;
#endif
  const std::optional<rlim_t> available = number_in("/proc/meminfo", "MemAvailable:");
  rlimit limit{};
  if (sanitized || !available || getrlimit(RLIMIT_DATA, &limit) != 0) {
    return;
  }
  rlim_t bytes = (*available + number_in("/proc/meminfo", "SwapFree:").value_or(0)) * 1'024;
  if (const std::optional<rlim_t> most = number_in("/sys/fs/cgroup/memory.max", "")) {
    bytes = std::min(bytes, *most);  // as containers are given it
  }
  limit.rlim_cur = std::min(limit.rlim_cur, bytes / 10 * 9);
  setrlimit(RLIMIT_DATA, &limit);
}

// What a variable of the environment says as a number; 0: it says none.
std::size_t number_of(const char* variable) {
  const char* text = std::getenv(variable);
  std::size_t number = 0;
  if (text != nullptr) {
    const std::string_view digits(text);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
  }
  return number;
}

// The size of the terminal behind a stream; zeros: there is none, or it does not say. COLUMNS counts only there: what goes into a
// pipe or a file is the same wherever it is written.
struct ScreenSize {
  std::size_t columns = 0;
  std::size_t rows = 0;
};
ScreenSize size_of(int descriptor) {
  if (isatty(descriptor) != 1) {
    return {};
  }
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) {
    size = {};
  }
  const std::size_t wanted = number_of("COLUMNS");
  return {wanted > 0 ? wanted : size.ws_col, size.ws_row};
}

}  // namespace

int main(int count, char** arguments) {
  // A reader that closes the pipe early takes nothing from the result.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ,
              SIG_IGN);  // a file that may not grow is one that cannot be written: a sentence
  std::at_quick_exit(racelab::remove_unfinished_output);
  racelab::listen_to_signals();
  racelab::listen_to_crashes();
  limit_memory();
  std::set_new_handler(out_of_memory);
  const char* no_color = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  const racelab::Rank rank = racelab::rank_of_this_process();
  const bool terminal = isatty(STDOUT_FILENO) == 1 && !rank.by_mpirun;
  const bool typed = isatty(STDIN_FILENO) == 1;
  const ScreenSize output = rank.by_mpirun ? ScreenSize{} : size_of(STDOUT_FILENO);
  const ScreenSize errors = rank.by_mpirun ? ScreenSize{} : size_of(STDERR_FILENO);
  const racelab::Environment environment{
      .terminal = terminal,
      .no_color = dumb || (no_color != nullptr && *no_color != '\0'),
      .columns = output.columns,
      .error_columns = errors.columns,
      .rows = output.rows,
      .conversation = {.next_line = next_line,
                       .say = say,
                       .prompt = terminal && typed,
                       .at_terminal = typed},
      .progress = isatty(STDERR_FILENO) == 1 && !rank.by_mpirun
                      ? std::function<void(std::string_view)>(say_progress)
                      : nullptr,
      .notice = say_progress,
  };
  const racelab::CommandResult outcome =
      racelab::run_command_line({arguments + 1, arguments + count}, environment);
  // Of many processes that all make the same mistake one says so.
  if (rank.speaks_for_all()) {
    std::fputs(outcome.errors.c_str(), stderr);
  }
  if ((!say(outcome.output) || std::ferror(stdout) != 0) && !reader_left) {
    std::fputs("racelab: standard output could not be written\n", stderr);
    return static_cast<int>(racelab::Exit::bad_usage);
  }
  return static_cast<int>(outcome.exit);
}
