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
  /// Whether there is something to read after so long.
  bool readable_within(boost::asio::io_context& context, Micros patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    listen();
    context.restart();
    context.poll();
    while (listens_) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= end) {
        return false;
      }
      context.run_one_for(end - now);
    }
    return true;
  }

 private:
  boost::asio::posix::stream_descriptor watched_;
  bool listens_ = false;
};

}  // namespace racelab::drivers
