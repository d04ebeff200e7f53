// Waits until one of several connections has something to say.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>

namespace racelab::drivers {

using Micros = std::chrono::microseconds;

/// A socket that another library owns, looked at by Asio.
class WatchedSocket {
 public:
  WatchedSocket(boost::asio::io_context& context, int socket) : watched_(context, socket) {}
  ~WatchedSocket() {
    watched_.cancel();
    watched_.release();
  }
  WatchedSocket(const WatchedSocket&) = delete;
  WatchedSocket& operator=(const WatchedSocket&) = delete;

  /// Asks to be told when there is something to read; once, however often it is asked.
  void listen() {
    if (!listens_) {
      listens_ = true;
      watched_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this](const boost::system::error_code& error) {
                            if (error != boost::asio::error::operation_aborted) {
                              listens_ = false;
                            }
                          });
    }
  }
  [[nodiscard]] bool listens() const { return listens_; }

 private:
  boost::asio::posix::stream_descriptor watched_;
  bool listens_ = false;
};

}  // namespace racelab::drivers
