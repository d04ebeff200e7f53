// The servers that agree works on: two of them share the orders, where they are ours.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/cli/cli.h"
#include "sim/cli/watch.h"
#include "sim/drivers/host.h"
#include "sim/explore/agreement.h"

namespace racelab {

class AgreeServers {
 public:
  /// Starts one; another where there is much to do. All must outlive this. Throws DriverError.
  AgreeServers(const Arguments& arguments, const Environment& environment, Watch& watch);

  /// What the user should know of them; empty: nothing.
  [[nodiscard]] std::string note() const { return hosts_.front()->note(); }
  /// The version of the last one asked: "PostgreSQL 15.20".
  [[nodiscard]] const std::string& version() const { return version_; }

  /// Compares a scenario's orders, so many at most. Throws DriverError, and NotInThisDatabase.
  Agreement compare(const ScriptSetup& setup, const std::string& setup_sql, AgreeOptions options);

 private:
  const Arguments& arguments_;
  const Environment& environment_;
  Watch& watch_;
  std::vector<std::unique_ptr<drivers::Host>> hosts_;
  std::string version_;
};

}  // namespace racelab
