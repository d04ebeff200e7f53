// Each connection is one Peer: it reads one request, and answers it and ends, or goes on as a WebSocket. Whatever goes wrong with a
// connection ends that connection: it is too slow, it says too much, it does not read what it is told.
#include "sim/host/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include "sim/host/addresses.h"

namespace racelab::host {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr auto request_within = std::chrono::seconds(10);
constexpr auto page_within =
    std::chrono::seconds(120);  // 1.6 MB, over a network that thirty phones share
constexpr auto close_within = std::chrono::seconds(5);
constexpr auto silent_max = std::chrono::seconds(30);  // a phone answers a ping, or is gone
constexpr auto tick_every = std::chrono::milliseconds(50);
constexpr std::uint32_t header_bytes_max = 8'192;
constexpr std::size_t waiting_messages_max = 256;  // for one that does not read

// An address of IPv4 that IPv6 has taken in is one of IPv4.
asio::ip::address plain(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address;
}

std::string in_an_address(const asio::ip::address& address) {
  return address.is_v6() ? fmt::format("[{}]", address.to_string()) : address.to_string();
}

// What a Peer needs of who keeps it.
struct PeerKeeper {
  std::function<void(ConnectionId)> joined;
  std::function<void(ConnectionId, std::string_view)> received;
  std::function<void(ConnectionId)> closed;
  const Site* site = nullptr;
  std::size_t peers = 0;  // that are alive
};

class Peer : public std::enable_shared_from_this<Peer> {
 public:
  Peer(tcp::socket socket, ConnectionId id, PeerKeeper& keeper)
      : id_(id), keeper_(keeper), stream_(std::move(socket)), deadline_(stream_.get_executor()) {
    ++keeper_.peers;
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { --keeper_.peers; }

  void start() {
    parser_.header_limit(header_bytes_max);
    parser_.body_limit(0);
    stream_.expires_after(request_within);
    http::async_read(
        stream_, buffer_, parser_,
        [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
          if (!error) {
            self->on_request();
          } else if (error.category() == error_code(http::error::end_of_stream).category() &&
                     error != http::error::end_of_stream) {
            self->respond({.status = 400,
                           .body = "This is no request that a browser sends.",
                           .policy = "default-src 'none'"});
          }
        });
  }

  /// Only of one that has joined.
  void send(std::string text) {
    if (waiting_.size() >= waiting_messages_max) {
      drop("This page does not read what it is told.");
      return;
    }
    waiting_.push_back(std::move(text));
    if (waiting_.size() == 1) {
      write();
    }
  }

  /// Says why, and ends; nothing that it says any more is heard.
  void drop(std::string_view reason) {
    if (!socket_ || std::exchange(ends_, true)) {
      return;
    }
    // The reason of a close frame has at most 123 bytes.
    constexpr std::size_t reason_bytes_max = 123;
    const websocket::close_reason why(
        websocket::close_code::policy_error,
        beast::string_view(reason.data(), std::min(reason.size(), reason_bytes_max)));
    socket_->async_close(
        why, [self = shared_from_this()](error_code /*error*/) { self->deadline_.cancel(); });
    // One that neither reads nor answers.
    deadline_.expires_after(close_within);
    deadline_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) {
        beast::get_lowest_layer(*self->socket_).socket().close(error);
      }
    });
    keeper_.closed(id_);
  }

 private:
  Entrance entrance() const {
    error_code error;
    const tcp::endpoint here = stream_.socket().local_endpoint(error);
    const asio::ip::address address = plain(here.address());
    return {
        .address = in_an_address(address), .port = here.port(), .loopback = address.is_loopback()};
  }

  void on_request() {
    const auto& request = parser_.get();
    const auto header = [&request](http::field field) {
      const beast::string_view value = request[field];
      return std::string(value.data(), value.size());
    };
    const Asked asked{.reads = request.method() == http::verb::get,
                      .target = std::string(request.target()),
                      .host = header(http::field::host),
                      .origin = header(http::field::origin),
                      .upgrade = websocket::is_upgrade(request)};
    const Answer answer = answer_to(asked, entrance(), *keeper_.site);
    if (answer.socket) {
      accept();
    } else {
      respond(answer);
    }
  }

  void respond(const Answer& answer) {
    response_.result(answer.status);
    response_.version(11);
    response_.keep_alive(false);
    response_.set(http::field::content_type,
                  answer.page ? "text/html; charset=utf-8" : "text/plain; charset=utf-8");
    response_.set("Content-Security-Policy", answer.policy);
    response_.set(http::field::cache_control, "no-store");
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set("Referrer-Policy", "no-referrer");
    response_.set("Cross-Origin-Opener-Policy", "same-origin");
    response_.set("Cross-Origin-Resource-Policy", "same-origin");
    response_.body() = {answer.body.data(), answer.body.size()};
    response_.prepare_payload();
    stream_.expires_after(page_within);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                        if (!error) {
                          self->stream_.socket().shutdown(tcp::socket::shutdown_send, error);
                        }
                      });
  }

  void accept() {
    stream_.expires_never();  // the WebSocket has its own
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    buffer_.clear();
    socket_.emplace(std::move(stream_));
    socket_->set_option(websocket::stream_base::timeout{close_within, silent_max, true});
    socket_->read_message_max(message_bytes_max);
    socket_->async_accept(parser_.get(), [self = shared_from_this()](error_code error) {
      if (!error) {
        self->keeper_.joined(self->id_);
        self->read();
      }
    });
  }

  void read() {
    socket_->async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t bytes) {
      self->on_read(error, bytes);
    });
  }

  void on_read(error_code error, std::size_t bytes) {
    if (error) {
      if (!std::exchange(ends_, true)) {
        keeper_.closed(id_);
      }
      return;
    }
    if (ends_) {
      return;
    }
    const std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(bytes);
    keeper_.received(id_, text);
    if (!ends_) {
      read();
    }
  }

  void write() {
    socket_->async_write(asio::buffer(waiting_.front()),
                         [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                           if (error) {
                             return;  // reading ends, too
                           }
                           self->waiting_.pop_front();
                           if (!self->waiting_.empty() && !self->ends_) {
                             self->write();
                           }
                         });
  }

  ConnectionId id_;
  PeerKeeper& keeper_;
  beast::tcp_stream stream_;
  asio::steady_timer deadline_;
  beast::flat_buffer buffer_{header_bytes_max + message_bytes_max};
  http::request_parser<http::string_body> parser_;
  http::response<http::span_body<const char>> response_;  // of the site's text, never of a copy
  std::optional<websocket::stream<beast::tcp_stream>> socket_;
  std::deque<std::string> waiting_;  // the first is being written
  bool ends_ = false;
};

}  // namespace

class Server::Hub {
 public:
  explicit Hub(ServerSettings settings)
      : settings_(std::move(settings)),
        acceptor_(listen()),
        here_(acceptor_.local_endpoint()),
        room_(
            fmt::format("{}/", phone_addresses().front()), [this] { return device_(); },
            settings_.limits) {
    keeper_.site = &settings_.site;
    keeper_.joined = [this](ConnectionId id) {
      room_.opened(id, now());
      in_room_[id] = new_.at(id).lock();
    };
    keeper_.received = [this](ConnectionId id, std::string_view text) {
      apply(room_.received(id, text, now()));
    };
    keeper_.closed = [this](ConnectionId id) {
      in_room_.erase(id);
      room_.closed(id, now());
    };
    accept();
    tick();
  }
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  // What is under way ends in the context, which ends before those that it speaks to.
  ~Hub() = default;

  [[nodiscard]] std::uint16_t port() const { return here_.port(); }
  [[nodiscard]] const Room& room() const { return room_; }
  [[nodiscard]] asio::ip::address address() const { return here_.address(); }

  [[nodiscard]] std::vector<std::string> phone_addresses() const {
    std::vector<std::string> hosts{in_an_address(address())};
    if (address().is_unspecified()) {
      if (std::vector<std::string> known = network_addresses(); !known.empty()) {
        hosts = std::move(known);
      } else {
        hosts = {"127.0.0.1"};
      }
    }
    for (std::string& host : hosts) {
      host = fmt::format("http://{}:{}", host, port());
    }
    return hosts;
  }

  [[nodiscard]] std::string projector_address() const {
    const std::string host = address().is_unspecified() ? "127.0.0.1" : in_an_address(address());
    return fmt::format("http://{}:{}/projector#present={}", host, port(), room_.secret());
  }

  void run(const std::function<bool()>& stop) {
    while (!stop()) {
      context_.run_for(tick_every);
    }
    acceptor_.close();
    for (const auto& [id, peer] : std::exchange(in_room_, {})) {
      peer->drop("The room has ended.");
    }
    constexpr auto farewell = std::chrono::milliseconds(300);
    context_.run_for(farewell);
  }

 private:
  tcp::acceptor listen() {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(settings_.address, error);
    if (error) {
      throw HostError(fmt::format(
          "'{}' is no address: it is written in numbers, such as 127.0.0.1 or 192.168.1.7",
          settings_.address));
    }
    tcp::acceptor acceptor(context_);
    acceptor.open(address.is_v6() ? tcp::v6() : tcp::v4(), error);
    if (!error) {
      acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
      acceptor.bind({address, settings_.port}, error);
    }
    if (!error) {
      acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      throw HostError(why_not(error));
    }
    return acceptor;
  }

  [[nodiscard]] std::string why_not(error_code error) const {
    if (error == asio::error::address_in_use) {
      return fmt::format("port {} of {} is in use; `--port 0` takes one that is free",
                         settings_.port, settings_.address);
    }
    if (error == boost::system::errc::address_not_available) {
      std::string own = "127.0.0.1";
      for (const std::string& known : network_addresses()) {
        own += fmt::format(", {}", known);
      }
      return fmt::format("{} is no address of this machine, which has {}", settings_.address, own);
    }
    if (error == asio::error::access_denied) {
      return fmt::format("port {} is not for everybody; those from 1024 on are", settings_.port);
    }
    return fmt::format("nobody can be let in at {}, port {}: {}", settings_.address, settings_.port,
                       error.message());
  }

  // Since the room was opened.
  [[nodiscard]] Instant now() const {
    return std::chrono::duration_cast<Instant>(std::chrono::steady_clock::now() - begun_);
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) {
        return;
      }
      if (!error) {
        welcome(std::move(socket));
        accept();
        return;
      }
      // No descriptor is left, for example: some will end.
      pause_.expires_after(tick_every);
      pause_.async_wait([this](error_code stopped) {
        if (!stopped && acceptor_.is_open()) {
          accept();
        }
      });
    });
  }

  // Of one too many the socket is closed at once.
  void welcome(tcp::socket socket) {
    if (keeper_.peers >= settings_.connections_max) {
      return;
    }
    const ConnectionId id = next_++;
    const auto peer = std::make_shared<Peer>(std::move(socket), id, keeper_);
    std::erase_if(new_, [](const auto& entry) { return entry.second.expired(); });
    new_[id] = peer;
    peer->start();
  }

  void tick() {
    apply(room_.tick(now()));
    timer_.expires_after(tick_every);
    timer_.async_wait([this](error_code error) {
      if (!error) {
        tick();
      }
    });
  }

  void apply(const Effects& effects) {
    for (const Effects::Sent& sent : effects.sent) {
      if (const auto found = in_room_.find(sent.to); found != in_room_.end()) {
        const std::shared_ptr<Peer> peer = found->second;
        peer->send(sent.text);
      }
    }
    for (const Effects::Dropped& dropped : effects.dropped) {
      if (const auto found = in_room_.find(dropped.connection); found != in_room_.end()) {
        const std::shared_ptr<Peer> peer = found->second;
        peer->drop(dropped.reason);
      }
    }
  }

  ServerSettings settings_;
  std::random_device device_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  PeerKeeper keeper_;  // outlives the context, in which the last peers end
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  tcp::endpoint here_;
  asio::steady_timer timer_{context_};
  asio::steady_timer pause_{context_};
  Room room_;
  ConnectionId next_ = 1;
  std::map<ConnectionId, std::weak_ptr<Peer>> new_;        // all that are alive
  std::map<ConnectionId, std::shared_ptr<Peer>> in_room_;  // … and talk with the room
};

Server::Server(ServerSettings settings) : hub_(std::make_unique<Hub>(std::move(settings))) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return hub_->port(); }
std::vector<std::string> Server::phone_addresses() const { return hub_->phone_addresses(); }
std::string Server::projector_address() const { return hub_->projector_address(); }
bool Server::loopback() const { return hub_->address().is_loopback(); }
const Room& Server::room() const { return hub_->room(); }
void Server::run(const std::function<bool()>& stop) { hub_->run(stop); }

}  // namespace racelab::host
