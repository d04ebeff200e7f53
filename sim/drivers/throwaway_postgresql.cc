// A shell keeps the server: it lays it out, starts it, and waits for the end of our pipe.
#include "sim/drivers/throwaway_postgresql.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "sim/drivers/driver_error.h"

namespace racelab::drivers {

namespace {

namespace fs = std::filesystem;

// Started by sh -c with the folder and the programs' folder. It says "ready" once the server's process is there.
constexpr const char* keeper_script = R"(
folder=$1 programs=$2
end() { cd /; rm -rf "$folder"; }
"$programs/initdb" --pgdata "$folder/data" --auth=trust --username=racelab --no-sync --locale=C \
  --encoding=UTF8 >"$folder/log.txt" 2>&1 || { echo failed; cat >/dev/null; end; exit; }
"$programs/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder" \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
  -c shared_buffers=32MB -c max_connections=200 -c timezone=UTC -c bgwriter_lru_maxpages=0 \
  -c max_wal_senders=0 -c wal_level=minimal >>"$folder/log.txt" 2>&1 </dev/null &
server=$!
echo ready
cat >/dev/null
kill -INT $server 2>/dev/null
wait $server
end
)";

constexpr const char* how_to_install =
    "on Debian: apt-get install --no-install-recommends postgresql";

// The number in /usr/lib/postgresql/NUMBER/bin.
int version_in(const fs::path& programs) {
  const std::string text = programs.parent_path().filename().string();
  return text.empty() || text.find_first_not_of("0123456789") != std::string::npos
             ? 0
             : std::stoi(text.substr(0, 4));
}

bool holds_server(const fs::path& folder) {
  return access((folder / "postgres").c_str(), X_OK) == 0 &&
         access((folder / "initdb").c_str(), X_OK) == 0;
}

// Where Debian puts them, the newest first; then where the shell would look.
fs::path find_programs() {
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (holds_server(entry.path() / "bin")) {
      found.push_back(entry.path() / "bin");
    }
  }
  if (!found.empty()) {
    return *std::max_element(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
      return version_in(a) < version_in(b);
    });
  }
  const char* path = std::getenv("PATH");
  std::string rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (holds_server(rest.substr(0, end))) {
      return rest.substr(0, end);
    }
    rest.erase(0, end + 1);
  }
  throw DriverError(fmt::format("no PostgreSQL server is installed here; {}", how_to_install));
}

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

}  // namespace

ThrowawayPostgreSql::ThrowawayPostgreSql() {
  const fs::path programs = find_programs();
  const passwd* other = nullptr;
  if (geteuid() == 0) {
    other = getpwnam("postgres");
    if (other == nullptr) {
      throw DriverError(
          "PostgreSQL refuses to run as root, and there is no user 'postgres' to run it as");
    }
    runs_as_ = other->pw_name;
  }
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "racelab-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw DriverError(fmt::format("a server needs a temporary folder, and {} cannot be made: {}",
                                  name, std::strerror(errno)));
  }
  folder_ = name;
  if (other != nullptr && chown(folder_.c_str(), other->pw_uid, other->pw_gid) != 0) {
    fs::remove_all(folder_, error);
    throw DriverError(
        fmt::format("the folder {} cannot be given to the user '{}'", folder_, runs_as_));
  }
  const Pipe keeps = make_pipe();
  const Pipe told = make_pipe();
  keeps_ = keeps.write;
  told_by_ = told.read;

  std::vector<std::string> words;
  if (other != nullptr) {
    words = {"runuser", "-u", runs_as_, "--"};
  }
  const std::string where = programs.string();
  words.insert(words.end(), {"/bin/sh", "-c", keeper_script, "racelab-server", folder_, where});
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
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
      posix_spawnp(&keeper_, arguments.front(), &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  close(keeps.read);
  close(told.write);
  if (problem != 0) {
    keeper_ = -1;
    stop();
    throw DriverError(
        fmt::format("{} cannot be started: {}", words.front(), std::strerror(problem)));
  }
  try {
    start();
  } catch (...) {
    stop();
    throw;
  }
}

void ThrowawayPostgreSql::start() {
  std::string said;
  std::array<char, 64> buffer{};
  while (said.find('\n') == std::string::npos) {
    const ssize_t count = read(told_by_, buffer.data(), buffer.size());
    if (count <= 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      break;
    }
    said.append(buffer.data(), static_cast<std::size_t>(count));
  }
  if (said != "ready\n") {
    throw DriverError("PostgreSQL's files cannot be laid out: " + log());
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (PQping(address().c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > end) {
      throw DriverError("PostgreSQL does not start: " + log());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// The last line that it wrote, for a sentence.
std::string ThrowawayPostgreSql::log() const {
  std::ifstream file(folder_ + "/log.txt");
  std::string last;
  for (std::string line; std::getline(file, line);) {
    last = line.empty() ? last : line;
  }
  return last.empty() ? "it says nothing" : last;
}

void ThrowawayPostgreSql::stop() {
  for (int* end : {&keeps_, &told_by_}) {
    if (*end >= 0) {
      close(*end);
      *end = -1;
    }
  }
  if (keeper_ > 0) {
    int status = 0;
    while (waitpid(keeper_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  std::error_code error;
  fs::remove_all(folder_, error);  // where the keeper could not
}

ThrowawayPostgreSql::~ThrowawayPostgreSql() { stop(); }

std::string ThrowawayPostgreSql::address() const {
  return fmt::format("host='{}' user=racelab dbname=postgres", folder_);
}

}  // namespace racelab::drivers
