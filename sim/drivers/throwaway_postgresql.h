// A PostgreSQL server for as long as this lives, in a temporary folder of its own, on a unix socket.
#pragma once

#include <string>

#include "sim/drivers/keeper.h"

namespace racelab::drivers {

class ThrowawayPostgreSql {
 public:
  /// Starts the newest server that is installed. Throws DriverError.
  ThrowawayPostgreSql();

  /// As libpq takes it.
  [[nodiscard]] std::string address() const;
  /// The user that the server runs as, when that is another one than ours; empty: it is ours.
  [[nodiscard]] const std::string& runs_as() const { return runs_as_; }

 private:
  std::string programs_;  // their folder
  std::string runs_as_;
  Keeper keeper_;
};

}  // namespace racelab::drivers
