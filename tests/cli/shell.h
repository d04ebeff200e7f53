// The real binary as a shell runs it, for tests of what only a process has: streams, signals,
// links, exit codes.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace racelab::lab {

struct Process {
  int code = -1;
  std::string output;  // what the shell's standard output got
};

/// Runs a shell command in which $R is the binary.
inline Process shell(const std::string& command) {
  Process process;
  FILE* pipe = popen(("R='" RACELAB_BINARY "'; " + command).c_str(), "r");
  if (pipe == nullptr) {
    return process;
  }
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    process.output.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  process.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return process;
}

}  // namespace racelab::lab
