// A real server, as exploration needs it: it can be laid back to its start, and its deadlocks end whom an order says.
#pragma once

#include <string>

#include "sim/store/server.h"

namespace racelab {

class RealServer : public sql::Server {
 public:
  /// Everything as it was after the setup, and no session.
  virtual void reset() = 0;

  /// A session looks for a deadlock once, so long after it began to wait: from its next statement on. 0: never.
  virtual void set_deadlock_timeout(sql::SessionId session, std::uint32_t milliseconds) = 0;
  /// Whether a deadlock that should have been found was not, since the last reset: the order was not taken.
  [[nodiscard]] virtual bool missed_deadlock() const = 0;

  /// "PostgreSQL 15.20".
  [[nodiscard]] virtual std::string version() const = 0;
};

}  // namespace racelab
