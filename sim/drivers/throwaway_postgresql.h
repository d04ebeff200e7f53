// A PostgreSQL server for as long as this lives, in a temporary folder of its own, on a unix socket.
//
// The server belongs to a shell that waits on a pipe from this process: when the pipe ends, for whatever reason (a destructor, an
// interrupt, kill -9), the shell stops the server and removes the folder.
#pragma once

#include <string>

namespace racelab::drivers {

class ThrowawayPostgreSql {
 public:
  /// Starts the newest server that is installed. Throws DriverError.
  ThrowawayPostgreSql();
  ~ThrowawayPostgreSql();
  ThrowawayPostgreSql(const ThrowawayPostgreSql&) = delete;
  ThrowawayPostgreSql& operator=(const ThrowawayPostgreSql&) = delete;

  /// As libpq takes it.
  [[nodiscard]] std::string address() const;
  /// The user that the server runs as, when that is another one than ours; empty: it is ours.
  [[nodiscard]] const std::string& runs_as() const { return runs_as_; }

 private:
  void start();
  void stop();
  [[nodiscard]] std::string log() const;

  std::string folder_;
  std::string runs_as_;
  int keeper_ = -1;   // the shell's process
  int keeps_ = -1;    // our end of its input
  int told_by_ = -1;  // our end of its output
};

}  // namespace racelab::drivers
