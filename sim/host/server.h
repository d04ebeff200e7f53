// The room on a socket: HTTP for its pages, a WebSocket for each that joins; one thread, nothing on the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/host/room.h"
#include "sim/host/site.h"

namespace racelab::host {

/// One sentence: what, where, what would be right.
struct HostError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ServerSettings {
  std::string address = "127.0.0.1";  // 0.0.0.0: all of this machine's
  std::uint16_t port = 8'080;         // 0: any that is free
  Site site;
  RoomLimits limits = {};
  std::size_t connections_max = 300;
};

class Server {
 public:
  /// Listens from here on. Throws HostError.
  explicit Server(ServerSettings settings);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] std::uint16_t port() const;
  /// "http://127.0.0.1:8080": where phones go; the first is the one in the QR code.
  [[nodiscard]] std::vector<std::string> phone_addresses() const;
  /// With the secret behind it.
  [[nodiscard]] std::string projector_address() const;
  /// Whether only this machine reaches it.
  [[nodiscard]] bool loopback() const;
  [[nodiscard]] const Room& room() const;

  /// Until somebody wishes to stop, which is asked twenty times a second; then everybody is told.
  void run(const std::function<bool()>& stop);

 private:
  class Hub;
  std::unique_ptr<Hub> hub_;
};

}  // namespace racelab::host
