// The process leads a group of its own, so that it ends with what it started.
#include "sim/drivers/driver_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <thread>

#include "sim/drivers/driver_error.h"

namespace racelab::drivers {

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t line_bytes_max = 16'000'000;
// How long a driver may take none of what it is sent, and how long it may take to end.
constexpr std::chrono::seconds takes_within(10);
constexpr std::chrono::milliseconds ends_within(500);

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw DriverError(fmt::format("a driver needs a pipe: {}", std::strerror(errno)));
  }
  return {ends[0], ends[1]};
}

// What it said, as far as a sentence has room.
std::string beginning(const std::string& line) {
  constexpr std::size_t shown_max = 60;
  return line.size() <= shown_max ? line : line.substr(0, shown_max) + "…";
}

}  // namespace

DriverProcess::DriverProcess(const std::string& command) : input_(context_), output_(context_) {
  const Pipe in = make_pipe();
  const Pipe out = make_pipe();
  std::array<std::string, 3> words{"/bin/sh", "-c", command};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, in.read, 0);
  posix_spawn_file_actions_adddup2(&files, out.write, 1);
  // An interrupt from the terminal is for us to hear; what it writes to standard error is for its author to read.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int problem =
      posix_spawn(&process_, arguments[0], &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  close(in.read);
  close(out.write);
  input_.assign(in.write);
  output_.assign(out.read);
  input_.non_blocking(true);
  output_.non_blocking(true);
  if (problem != 0) {
    process_ = -1;
    throw DriverError(fmt::format("/bin/sh cannot be started: {}", std::strerror(problem)));
  }
}

DriverProcess::~DriverProcess() {
  boost::system::error_code error;
  input_.close(error);
  if (process_ <= 0) {
    return;
  }
  int status = 0;
  const auto end = Clock::now() + ends_within;
  pid_t gone = 0;
  while ((gone = waitpid(process_, &status, WNOHANG)) == 0 && Clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  kill(-process_, SIGKILL);  // its group: also what the shell started
  while (gone == 0 && waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
}

void DriverProcess::ended() {
  int status = 0;
  std::string how = "has closed its output";
  const auto end = Clock::now() + ends_within;
  pid_t gone = 0;
  while ((gone = waitpid(process_, &status, WNOHANG)) == 0 && Clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (gone == process_) {
    kill(-process_, SIGKILL);  // what it started
    process_ = -1;
    how = WIFEXITED(status) ? fmt::format("has ended with exit code {}", WEXITSTATUS(status))
                            : fmt::format("was ended by signal {}", WTERMSIG(status));
  }
  throw DriverError(fmt::format("the driver {}", how));
}

void DriverProcess::send(const json::object& message) {
  const std::string line = json::serialize(message) + '\n';
  std::size_t sent = 0;
  const auto end = Clock::now() + takes_within;
  while (sent < line.size()) {
    boost::system::error_code error;
    sent += input_.write_some(asio::buffer(line.data() + sent, line.size() - sent), error);
    if (error == asio::error::would_block) {
      if (Clock::now() > end) {
        throw DriverError("the driver does not read what it is sent");
      }
      read_some(Clock::now() + std::chrono::milliseconds(1));  // it may wait for us to read
    } else if (error) {
      ended();
    }
  }
}

// Reads what has come, or comes until then.
void DriverProcess::read_some(Clock::time_point end) {
  bool there = false;
  output_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [&there](const boost::system::error_code& error) { there = !error; });
  context_.restart();
  context_.poll();
  while (!there && Clock::now() < end) {
    context_.run_one_for(end - Clock::now());
  }
  if (!there) {
    output_.cancel();
    context_.restart();
    context_.poll();
    return;
  }
  std::array<char, 65'536> buffer{};
  boost::system::error_code error;
  const std::size_t count = output_.read_some(asio::buffer(buffer), error);
  if (error && error != asio::error::would_block) {
    ended();
  }
  read_.append(buffer.data(), count);
  if (read_.size() > line_bytes_max) {
    throw DriverError(fmt::format("the driver says more than {} MB before it is asked",
                                  line_bytes_max / 1'000'000));
  }
}

std::optional<json::object> DriverProcess::receive(std::chrono::microseconds patience) {
  const auto end = Clock::now() + patience;
  std::size_t line_end = read_.find('\n');
  while (line_end == std::string::npos) {
    if (Clock::now() >= end && patience.count() > 0) {
      return std::nullopt;
    }
    const std::size_t before = read_.size();
    read_some(end);
    line_end = read_.find('\n', before);
    if (patience.count() == 0 && read_.size() == before) {
      return std::nullopt;
    }
  }
  const std::string line = read_.substr(0, line_end);
  read_.erase(0, line_end + 1);
  json::error_code error;
  json::value value = json::parse(line, error);
  if (error || !value.is_object()) {
    throw DriverError(
        fmt::format("the driver must answer with an object of JSON on one line, and says: {}",
                    beginning(line)));
  }
  return std::move(value.as_object());
}

}  // namespace racelab::drivers
