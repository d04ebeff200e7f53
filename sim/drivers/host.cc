// The servers that --on can name.
#include "sim/drivers/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/drivers/driver_error.h"
#include "sim/drivers/exec_server.h"
#include "sim/drivers/peers.h"
#include "sim/drivers/postgresql.h"
#include "sim/drivers/throwaway_postgresql.h"
#include "sim/parse/server_sql.h"

namespace racelab::drivers {

namespace {

class OwnPostgreSql final : public Host {
 public:
  OwnPostgreSql() : run_(process_.address()) {}
  std::unique_ptr<RealServer> server_for(const ScriptSetup& setup, const std::string& setup_sql,
                                         Numbers numbers) override {
    return std::make_unique<PostgreSql>(run_, setup, setup_sql, numbers);
  }
  [[nodiscard]] std::string note() const override {
    return process_.runs_as().empty()
               ? ""
               : fmt::format("PostgreSQL refuses to run as root: it runs as the user '{}'",
                             process_.runs_as());
  }

 private:
  ThrowawayPostgreSql process_;
  PgRun run_;
};

class TheirPostgreSql final : public Host {
 public:
  TheirPostgreSql(const std::string& url, const ServerRights& rights) : run_(url, rights) {}
  std::unique_ptr<RealServer> server_for(const ScriptSetup& setup, const std::string& setup_sql,
                                         Numbers numbers) override {
    return std::make_unique<PostgreSql>(run_, setup, setup_sql, numbers);
  }
  [[nodiscard]] std::string note() const override { return run_.about(); }

 private:
  PgRun run_;
};

// A process for each scenario that is laid out: nothing is left from the one before.
class ExecHost final : public Host {
 public:
  explicit ExecHost(std::string command) : command_(std::move(command)) {}
  std::unique_ptr<RealServer> server_for(const ScriptSetup& setup, const std::string& setup_sql,
                                         Numbers numbers) override {
    return std::make_unique<ExecServer>(command_, setup, setup_sql, numbers, ExecPatience{});
  }

 private:
  std::string command_;
};

}  // namespace

void check_files(const parse::FolderTexts& texts, const parse::ScriptScenario& scenario) {
  parse::check_for_server(texts.setup, *scenario.schema);
  for (const auto& script : scenario.scripts) {
    for (const Instruction& it : script->instructions) {
      if (it.kind == Instruction::Kind::send) {
        parse::check_for_server({fmt::format("{}:{}", script->file, it.line), it.statement.text},
                                *scenario.schema);
      }
    }
  }
}

std::unique_ptr<Host> start_host(const std::string& on, const ServerRights& rights) {
  if (std::unique_ptr<Host> peer = start_peer(on)) {
    return peer;
  }
  if (names_their_server(on)) {
    return std::make_unique<TheirPostgreSql>(on, rights);
  }
  if (names_driver(on)) {
    return std::make_unique<ExecHost>(on.substr(exec.size()));
  }
  if (on == "postgresql") {
    return std::make_unique<OwnPostgreSql>();
  }
  if (on == "store") {
    throw DriverError(
        "--on store stands beside another, as in --on store --on postgresql; alone it is what "
        "`racelab explore` does without --on");
  }
  // Repeated only if it is a word: an address may hold a password.
  const bool word =
      std::all_of(on.begin(), on.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
  throw DriverError(fmt::format(
      "--on is postgresql, mariadb, sqlite, postgresql://USER@HOST/DATABASE or exec:COMMAND{}",
      word ? fmt::format(", not '{}'", on) : ""));
}

std::vector<std::string> clean_up(const std::string& on, const ServerRights& rights) {
  if (!names_their_server(on)) {
    throw DriverError("--clean is for a server of yours: --on postgresql://USER@HOST/DATABASE");
  }
  return clean_up_after_dead_runs(on, rights);
}

}  // namespace racelab::drivers
