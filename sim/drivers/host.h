// Where real servers come from: what follows --on.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/real_server.h"
#include "sim/parse/scenario_folder.h"
#include "sim/scenario/script_setup.h"

namespace racelab::drivers {

/// What generators draw after the setup.
enum class Numbers : std::uint8_t {
  as_the_store,  // from where the setup left them: numbers can be compared one by one
  in_millions,   // each its own million, so that what it drew is known again wherever it stands
};

/// A database that scenarios can be laid out in, one at a time.
class Host {
 public:
  virtual ~Host() = default;
  /// Lays out the tables with the setup's own text. This and the setup must outlive it. Throws DriverError.
  virtual std::unique_ptr<RealServer> server_for(const ScriptSetup& setup,
                                                 const std::string& setup_sql, Numbers numbers) = 0;
  /// What the user should know of it; empty: nothing.
  [[nodiscard]] virtual std::string note() const { return ""; }
};

/// What the user allows on a server that is not ours.
struct ServerRights {
  bool shared_database = false;  // one that holds other tables
  bool as_superuser = false;
};

/// Whether `on` names a server that is not ours: what is sent there is checked before.
inline bool names_their_server(std::string_view on) {
  return on.starts_with("postgresql://") || on.starts_with("postgres://");
}

/// Whether `on` names a driver of the user's: a command, which is printed nowhere.
constexpr std::string_view exec = "exec:";
inline bool names_driver(std::string_view on) { return on.starts_with(exec); }

/// Every file of a scenario against the lists of what a server that is not ours is sent. Throws parse::Problem.
void check_files(const parse::FolderTexts& texts, const parse::ScriptScenario& scenario);

/// `on`: "postgresql", "mariadb", "sqlite", a throw-away server of its own; "postgresql://…", a server that is there; "exec:COMMAND", a driver (docs/drivers.md).
/// Throws DriverError.
std::unique_ptr<Host> start_host(const std::string& on, const ServerRights& rights);
inline std::unique_ptr<Host> start_host(const std::string& on) { return start_host(on, {}); }

/// Drops what dead runs left on a server, and answers their names: "racelab_3f9a". Throws DriverError.
std::vector<std::string> clean_up(const std::string& on, const ServerRights& rights);

}  // namespace racelab::drivers
