// A MariaDB server for as long as this lives, in a temporary folder of its own, on a unix socket.
#pragma once

#include <string>

#include "sim/drivers/keeper.h"

namespace racelab::drivers {

struct MariaDbOptions {
  bool snapshot_isolation = false;  // innodb_snapshot_isolation = ON: a stale write gets 1020
};

class ThrowawayMariaDb {
 public:
  /// Starts the server that is installed. Throws DriverError.
  explicit ThrowawayMariaDb(MariaDbOptions options);

  [[nodiscard]] std::string socket() const { return keeper_.folder() + "/socket"; }
  /// The user that the server runs as, when that is another one than ours; empty: it is ours.
  [[nodiscard]] const std::string& runs_as() const { return runs_as_; }

 private:
  std::string server_;  // the program
  std::string runs_as_;
  Keeper keeper_;
};

}  // namespace racelab::drivers
