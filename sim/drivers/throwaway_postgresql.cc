// A shell keeps the server: it lays it out, starts it, and waits for the end of our pipe.
#include "sim/drivers/throwaway_postgresql.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
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

constexpr const char* log_file = "log.txt";
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

// Where the shell would look; then where Debian puts them, which is never there, the newest first.
fs::path find_programs() {
  const char* path = std::getenv("PATH");
  std::string rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0 && holds_server(rest.substr(0, end))) {
      return rest.substr(0, end);
    }
    rest.erase(0, end + 1);
  }
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (holds_server(entry.path() / "bin")) {
      found.push_back(entry.path() / "bin");
    }
  }
  if (found.empty()) {
    throw DriverError(fmt::format("no PostgreSQL server is installed here; {}", how_to_install));
  }
  return *std::max_element(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return version_in(a) < version_in(b);
  });
}

}  // namespace

ThrowawayPostgreSql::ThrowawayPostgreSql()
    : programs_(find_programs().string()),
      runs_as_(instead_of_root("postgres", "PostgreSQL")),
      keeper_(keeper_script, {programs_}, runs_as_) {
  if (keeper_.said() != "ready") {
    throw DriverError("PostgreSQL's files cannot be laid out: " + keeper_.last_line_of(log_file));
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (PQping(address().c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > end) {
      throw DriverError("PostgreSQL does not start: " + keeper_.last_line_of(log_file));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::string ThrowawayPostgreSql::address() const {
  return fmt::format("host='{}' user=racelab dbname=postgres", keeper_.folder());
}

}  // namespace racelab::drivers
