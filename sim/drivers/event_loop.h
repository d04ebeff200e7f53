// Waits until one of several connections has something to say.
#pragma once

#include <poll.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

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
    if (seen_within(std::min(patience, looks_for))) {
      return true;
    }
    if (patience <= looks_for && looks()) {
      return false;
    }
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
  // A server on this machine answers within 30 microseconds; to be put to sleep and woken up takes as long again. So it is looked for
  // a while before it is slept, where the server has a processor of its own meanwhile.
  static constexpr Micros looks_for{100};
  static bool looks() {
    static const bool several = std::thread::hardware_concurrency() > 1;
    return several;
  }
  bool seen_within(Micros patience) {
    pollfd one{watched_.native_handle(), POLLIN, 0};
    const auto end = std::chrono::steady_clock::now() + patience;
    do {
      if (poll(&one, 1, 0) > 0) {
        return true;
      }
    } while (looks() && std::chrono::steady_clock::now() < end);
    return false;
  }

  boost::asio::posix::stream_descriptor watched_;
  bool listens_ = false;
};

}  // namespace racelab::drivers
