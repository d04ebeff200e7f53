// Where real servers come from: what follows --on.
#pragma once

#include <memory>
#include <string>

#include "sim/explore/real_server.h"
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

/// `on`: "postgresql", a throw-away server of its own. Throws DriverError.
std::unique_ptr<Host> start_host(const std::string& on);

}  // namespace racelab::drivers
