// SQLite in a temporary folder, MariaDB with a server of its own.
#include "sim/drivers/peers.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/keeper.h"
#include "sim/drivers/mariadb.h"
#include "sim/drivers/sqlite.h"
#include "sim/drivers/throwaway_mariadb.h"
#include "sim/parse/lexer.h"

namespace racelab::drivers {

namespace {

constexpr const char* sqlite_words =
    "after sqlite: may stand journal (a rollback journal instead of WAL), immediate (BEGIN "
    "IMMEDIATE) and wait (as with a busy_timeout), with commas between them";

// What follows "sqlite:".
SqliteOptions sqlite_options(std::string_view text) {
  SqliteOptions options;
  if (text.empty()) {
    return options;
  }
  for (const std::string_view word : parse::items_of(text)) {
    if (word == "journal") {
      options.journal = true;
    } else if (word == "immediate") {
      options.immediate = true;
    } else if (word == "wait") {
      options.waits = true;
    } else {
      throw DriverError(fmt::format("{}; not '{}'", sqlite_words, word));
    }
  }
  return options;
}

class OwnSqlite final : public Host {
 public:
  explicit OwnSqlite(SqliteOptions options) : options_(options) {}

  std::unique_ptr<RealServer> server_for(const ScriptSetup& setup, const std::string& /*setup_sql*/,
                                         Numbers numbers) override {
    const std::string folder = fmt::format("{}/{}", keeper_.folder(), folders_++);
    std::filesystem::create_directory(folder);
    return std::make_unique<Sqlite>(folder, setup, numbers, options_);
  }
  [[nodiscard]] std::string note() const override {
    return "SQLite has one isolation level, serializable, whatever --isolation or BEGIN asks for";
  }

 private:
  Keeper keeper_{"echo ready; cat >/dev/null; cd /; rm -rf \"$1\"", {}};
  SqliteOptions options_;
  std::uint32_t folders_ = 0;
};

// What follows "mariadb:".
MariaDbOptions mariadb_options(std::string_view text) {
  if (!text.empty() && text != "snapshot") {
    throw DriverError(fmt::format(
        "after mariadb: may stand snapshot (innodb_snapshot_isolation); not '{}'", text));
  }
  return {.snapshot_isolation = !text.empty()};
}

class OwnMariaDb final : public Host {
 public:
  explicit OwnMariaDb(MariaDbOptions options) : process_(options) {}

  std::unique_ptr<RealServer> server_for(const ScriptSetup& setup, const std::string& setup_sql,
                                         Numbers numbers) override {
    return std::make_unique<MariaDb>(process_.socket(), setup, setup_sql, numbers);
  }
  [[nodiscard]] std::string note() const override {
    return process_.runs_as().empty()
               ? ""
               : fmt::format("MariaDB refuses to run as root: it runs as the user '{}'",
                             process_.runs_as());
  }

 private:
  ThrowawayMariaDb process_;
};

// What follows a database's name and a colon; empty: nothing.
std::string_view options_of(std::string_view on, std::string_view name) {
  return on.size() == name.size() ? "" : on.substr(name.size() + 1);
}

}  // namespace

std::unique_ptr<Host> start_peer(const std::string& on) {
  if (on == "sqlite" || on.starts_with("sqlite:")) {
    return std::make_unique<OwnSqlite>(sqlite_options(options_of(on, "sqlite")));
  }
  if (on == "mariadb" || on.starts_with("mariadb:")) {
    return std::make_unique<OwnMariaDb>(mariadb_options(options_of(on, "mariadb")));
  }
  return nullptr;
}

}  // namespace racelab::drivers
