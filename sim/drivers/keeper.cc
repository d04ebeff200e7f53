// Starts the shell with two pipes: one that keeps it alive, one that it answers on.
#include "sim/drivers/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "sim/drivers/driver_error.h"

namespace racelab::drivers {

namespace {

namespace fs = std::filesystem;

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw DriverError(fmt::format("a server needs a pipe: {}", std::strerror(errno)));
  }
  return {ends[0], ends[1]};
}

std::string make_folder(const std::string& user) {
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "racelab-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw DriverError(fmt::format("a server needs a temporary folder, and {} cannot be made: {}",
                                  name, std::strerror(errno)));
  }
  const passwd* other = user.empty() ? nullptr : getpwnam(user.c_str());
  if (other != nullptr && chown(name.c_str(), other->pw_uid, other->pw_gid) != 0) {
    fs::remove_all(name, error);
    throw DriverError(fmt::format("the folder {} cannot be given to the user '{}'", name, user));
  }
  return name;
}

}  // namespace

std::string instead_of_root(const std::string& user, const std::string& server) {
  if (geteuid() != 0) {
    return "";
  }
  if (getpwnam(user.c_str()) == nullptr) {
    throw DriverError(fmt::format(
        "{} refuses to run as root, and there is no user '{}' to run it as", server, user));
  }
  return user;
}

Keeper::Keeper(const std::string& script, const std::vector<std::string>& arguments,
               const std::string& user)
    : folder_(make_folder(user)) {
  try {
    spawn(script, arguments, user);
    listen();
  } catch (...) {
    stop();
    throw;
  }
}

Keeper::~Keeper() { stop(); }

void Keeper::spawn(const std::string& script, const std::vector<std::string>& arguments,
                   const std::string& user) {
  const Pipe keeps = make_pipe();
  const Pipe told = make_pipe();
  keeps_ = keeps.write;
  told_by_ = told.read;
  std::vector<std::string> words;
  if (!user.empty()) {
    words = {"runuser", "-u", user, "--"};
  }
  words.insert(words.end(), {"/bin/sh", "-c", script, "racelab-server", folder_});
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, keeps.read, 0);
  posix_spawn_file_actions_adddup2(&files, told.write, 1);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  // A session of its own: an interrupt from the terminal is for us to hear, not for the server.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  const int problem =
      posix_spawnp(&shell_, pointers.front(), &files, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  close(keeps.read);
  close(told.write);
  if (problem != 0) {
    shell_ = -1;
    throw DriverError(
        fmt::format("{} cannot be started: {}", words.front(), std::strerror(problem)));
  }
}

void Keeper::listen() {
  std::array<char, 64> buffer{};
  while (said_.find('\n') == std::string::npos) {
    const ssize_t count = read(told_by_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      break;
    }
    said_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  said_.erase(std::min(said_.find('\n'), said_.size()));
}

std::string Keeper::last_line_of(const std::string& file) const {
  std::ifstream stream(folder_ + '/' + file);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    last = line.empty() ? last : line;
  }
  return last.empty() ? "it says nothing" : last;
}

void Keeper::stop() {
  for (int* end : {&keeps_, &told_by_}) {
    if (*end >= 0) {
      close(*end);
      *end = -1;
    }
  }
  if (shell_ > 0) {
    int status = 0;
    while (waitpid(shell_, &status, 0) < 0 && errno == EINTR) {
    }
    shell_ = -1;
  }
  std::error_code error;
  fs::remove_all(folder_, error);  // where the shell could not
}

}  // namespace racelab::drivers
