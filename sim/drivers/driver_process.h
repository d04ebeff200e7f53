// A driver of the user's: a process that is spoken to in lines of JSON, as docs/drivers.md says.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace racelab::drivers {

class DriverProcess {
 public:
  /// Starts a command of the shell. Throws DriverError, as all that follows: when the driver ends, when it answers no JSON, when a line
  /// of it has no end.
  explicit DriverProcess(const std::string& command);
  /// Closes its input, and ends it, if it does not end by itself.
  ~DriverProcess();
  DriverProcess(const DriverProcess&) = delete;
  DriverProcess& operator=(const DriverProcess&) = delete;

  /// A message, as one line.
  void send(const boost::json::object& message);
  /// The next message, if it comes in time.
  std::optional<boost::json::object> receive(std::chrono::microseconds patience);

 private:
  void read_some(std::chrono::steady_clock::time_point end);
  [[noreturn]] void ended();

  boost::asio::io_context context_;
  boost::asio::posix::stream_descriptor input_;   // the driver's
  boost::asio::posix::stream_descriptor output_;  // the driver's
  pid_t process_ = -1;
  std::string read_;  // behind the last whole line
};

}  // namespace racelab::drivers
