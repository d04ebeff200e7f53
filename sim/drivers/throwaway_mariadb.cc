// mariadb-install-db lays out the files, mariadbd serves them; a shell keeps both.
#include "sim/drivers/throwaway_mariadb.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <thread>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/maria_line.h"

namespace racelab::drivers {

namespace {

// $1 is the folder, $2 the server, then come options of the server. The data is thrown away: nothing is kept from a kill. Temporary
// files have a folder of their own: a MariaDB that starts (10.11.19) deletes what lies in its tmpdir under such a name, be it
// another server's.
constexpr const char* keeper_script = R"(
folder=$1 server=$2
shift 2
end() { cd /; rm -rf "$folder"; }
export TMPDIR="$folder/tmp"
mkdir "$folder/data" "$TMPDIR" && mariadb-install-db --no-defaults --datadir="$folder/data" \
  --auth-root-authentication-method=normal --skip-test-db >"$folder/log.txt" 2>&1 ||
  { echo failed; cat >/dev/null; end; exit; }
"$server" --no-defaults --datadir="$folder/data" --socket="$folder/socket" --skip-networking \
  --pid-file="$folder/pid" --skip-log-bin --max-connections=300 --lower-case-table-names=1 \
  --character-set-server=utf8mb4 --collation-server=utf8mb4_nopad_bin \
  --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF --innodb-buffer-pool-size=32M \
  --innodb-log-file-size=8M --innodb-autoinc-lock-mode=2 --innodb-lock-wait-timeout=1000000 \
  --innodb-status-output-locks=ON "$@" \
  >>"$folder/log.txt" 2>&1 </dev/null &
server=$!
echo ready
cat >/dev/null
kill -KILL $server 2>/dev/null
wait $server
end
)";

constexpr const char* log_file = "log.txt";
constexpr const char* how_to_install =
    "on Debian: apt-get install --no-install-recommends mariadb-server";

std::string find_server() {
  for (const char* program : {"/usr/sbin/mariadbd", "/usr/bin/mariadbd", "/usr/local/bin/mariadbd",
                              "/usr/local/sbin/mariadbd"}) {
    if (access(program, X_OK) == 0) {
      return program;
    }
  }
  throw DriverError(fmt::format("no MariaDB server is installed here; {}", how_to_install));
}

std::vector<std::string> words_of(const std::string& server, MariaDbOptions options) {
  std::vector<std::string> words{server};
  if (options.snapshot_isolation) {
    words.emplace_back("--innodb-snapshot-isolation=ON");
  }
  return words;
}

}  // namespace

ThrowawayMariaDb::ThrowawayMariaDb(MariaDbOptions options)
    : server_(find_server()),
      runs_as_(instead_of_root("mysql", "MariaDB")),
      keeper_(keeper_script, words_of(server_, options), runs_as_) {
  if (keeper_.said() != "ready") {
    throw DriverError("MariaDB's files cannot be laid out: " + keeper_.last_line_of(log_file));
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  boost::asio::io_context context;
  for (bool answers = false; !answers;) {
    try {
      const MariaLine line(context, socket(), "");
      answers = true;
    } catch (const DriverError&) {
      if (std::chrono::steady_clock::now() > end) {
        throw DriverError("MariaDB does not start: " + keeper_.last_line_of(log_file));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

}  // namespace racelab::drivers
