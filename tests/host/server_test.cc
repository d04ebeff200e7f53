// The room over real sockets: what is served, who may talk with it, and that whatever one connection does is its own end only.
#include "sim/host/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/host/site.h"
#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/cli/shell.h"

namespace racelab::lab::server_test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto long_enough =
    std::chrono::seconds(20);  // nothing here takes long; a hang is no answer

const char* const phone_html =
    R"(<html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" )"
    R"(content="default-src 'none'"></head>phone</html>)";
const char* const projector_html =
    R"(<html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" )"
    R"(content="default-src 'none'; worker-src blob:"></head>projector</html>)";

// A server in a thread of its own, until its end.
class Hosted {
 public:
  explicit Hosted(host::RoomLimits limits = {}, std::size_t connections_max = 300)
      : server_(std::make_unique<host::Server>(
            host::ServerSettings{.port = 0,
                                 .site = {.phone = *host::page_of(phone_html),
                                          .projector = *host::page_of(projector_html)},
                                 .limits = limits,
                                 .connections_max = connections_max})),
        port_(server_->port()),
        secret_(server_->room().secret()),
        code_(server_->room().code()),
        thread_([this] { server_->run([this] { return stop_.load(); }); }) {}
  ~Hosted() { end(); }
  Hosted(const Hosted&) = delete;
  Hosted& operator=(const Hosted&) = delete;

  void end() {
    stop_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
    server_.reset();  // as at the end of the process
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& secret() const { return secret_; }
  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  std::unique_ptr<host::Server> server_;
  std::uint16_t port_;
  std::string secret_;
  std::string code_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;  // the last to begin
};

tcp::endpoint at(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

// What is answered to bytes, until the server ends the connection or there is nothing more for a while.
std::string answer_to_bytes(std::uint16_t port, const std::string& bytes) {
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect(at(port));
  error_code error;
  asio::write(socket, asio::buffer(bytes), error);
  std::string answer;
  asio::async_read(socket, asio::dynamic_buffer(answer), asio::transfer_all(),
                   [](error_code, std::size_t) {});
  context.run_for(long_enough);
  return answer;
}

std::string get(std::uint16_t port, const std::string& target, const std::string& host = "") {
  return answer_to_bytes(port,
                         fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", target,
                                     host.empty() ? fmt::format("127.0.0.1:{}", port) : host));
}

std::string first_line(const std::string& answer) { return answer.substr(0, answer.find('\r')); }

// A page that talks with the room.
class PageClient {
 public:
  explicit PageClient(std::uint16_t port, std::string origin = "")
      : socket_(std::make_unique<websocket::stream<tcp::socket>>(context_)) {
    socket_->next_layer().connect(at(port));
    const std::string host = fmt::format("127.0.0.1:{}", port);
    if (origin.empty()) {
      origin = fmt::format("http://{}", host);
    }
    socket_->set_option(websocket::stream_base::decorator(
        [origin](websocket::request_type& request) { request.set(http::field::origin, origin); }));
    websocket::response_type response;
    socket_->handshake(response, host, "/ws", refused_);
    status_ = response.result_int();
  }

  [[nodiscard]] unsigned status() const { return status_; }
  bool say(const std::string& text) {
    error_code error;
    socket_->write(asio::buffer(text), error);
    return !error;
  }
  void join(const std::string& code, const std::string& name) {
    say(fmt::format(R"({{"type":"join","code":"{}","name":"{}"}})", code, name));
  }
  void present(const std::string& secret) {
    say(fmt::format(R"({{"type":"present","secret":"{}"}})", secret));
  }

  // The next message; nothing: the server has ended the connection, or says nothing any more.
  std::optional<json::object> next() {
    buffer_.clear();
    std::optional<error_code> result;
    socket_->async_read(buffer_, [&result](error_code error, std::size_t) { result = error; });
    context_.restart();
    while (!result && context_.run_one_for(long_enough) > 0) {
    }
    if (!result || *result) {
      ended_ = result.value_or(asio::error::timed_out);
      return std::nullopt;
    }
    return json::parse(beast::buffers_to_string(buffer_.data())).get_object();
  }
  // The next of a type for which something holds.
  template <class Holds>
  json::object until(const std::string& type, const Holds& holds) {
    while (std::optional<json::object> message = next()) {
      if (message->at("type").as_string() == type && holds(*message)) {
        return *message;
      }
    }
    ADD_FAILURE() << "no " << type << " came: " << reason();
    return {};
  }
  json::object until(const std::string& type) {
    return until(type, [](const json::object&) { return true; });
  }
  // Why the server has ended the connection, after everything that it said.
  std::string end() {
    while (next()) {
    }
    return reason();
  }
  [[nodiscard]] std::string reason() const {
    // A frame that says why came before the connection went, whichever way that went.
    const websocket::close_reason& why = socket_->reason();
    if (why.code == websocket::close_code::none) {
      return ended_.message();
    }
    return why.reason.empty() ? fmt::format("code {}", why.code) : std::string(why.reason.c_str());
  }

 private:
  asio::io_context context_;
  std::unique_ptr<websocket::stream<tcp::socket>> socket_;
  beast::flat_buffer buffer_;
  error_code refused_;
  error_code ended_;
  unsigned status_ = 0;
};

std::string stage(int round, std::uint64_t handled, bool ended) {
  return fmt::format(
      R"({{"type":"stage","round":{},"handled":{},"title":"two-writers","ended":{},"result":"",)"
      R"("clients":[{{"statement":"SELECT n","can":{}}},{{"statement":"SELECT n","can":{}}}],)"
      R"("question":"What will n be?","choices":["1","2"],"answer":null}})",
      round, handled, ended, !ended, !ended);
}

bool has_seat(const json::object& you) { return you.at("seat").is_object(); }

std::string letter(const json::object& you) {
  return std::string(you.at("seat").at("letter").get_string());
}

// ---- what is served

TEST(Server, serves_two_pages_with_their_policy_as_a_header) {
  const Hosted hosted;
  const std::string host = fmt::format("127.0.0.1:{}", hosted.port());
  const std::string phone = get(hosted.port(), "/");
  EXPECT_EQ(first_line(phone), "HTTP/1.1 200 OK");
  EXPECT_NE(phone.find(fmt::format("\r\nContent-Security-Policy: default-src 'none'; connect-src "
                                   "ws://{}; frame-ancestors 'none'\r\n",
                                   host)),
            std::string::npos)
      << phone;
  EXPECT_TRUE(phone.ends_with("\r\n\r\n<html><head><meta charset=\"utf-8\"></head>phone</html>"))
      << phone;
  const std::string projector = get(hosted.port(), "/projector?x=1");
  EXPECT_TRUE(projector.ends_with("projector</html>"));
  EXPECT_NE(projector.find("worker-src blob:; connect-src ws://"), std::string::npos);
  EXPECT_NE(projector.find("\r\nX-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_EQ(phone.find(hosted.code()) + projector.find(hosted.code()), 2 * std::string::npos);
  EXPECT_EQ(first_line(get(hosted.port(), "/", fmt::format("localhost:{}", hosted.port()))),
            "HTTP/1.1 200 OK");
}

TEST(Server, serves_nothing_else) {
  const Hosted hosted;
  for (const char* target : {"/favicon.ico", "/qr.svg", "/../etc/passwd", "/%2e%2e/etc/passwd",
                             "//etc/passwd", "/projector/", "/racelab.html", "*"}) {
    EXPECT_EQ(first_line(get(hosted.port(), target)), "HTTP/1.1 404 Not Found") << target;
  }
  EXPECT_EQ(first_line(get(hosted.port(), "/ws")), "HTTP/1.1 426 Upgrade Required");
  const std::string host = fmt::format("127.0.0.1:{}", hosted.port());
  EXPECT_EQ(first_line(answer_to_bytes(hosted.port(),
                                       fmt::format("POST / HTTP/1.1\r\nHost: {}\r\n\r\n", host))),
            "HTTP/1.1 405 Method Not Allowed");
}

TEST(Server, answers_no_other_name_than_its_address) {
  const Hosted hosted;
  for (const std::string& name :
       {fmt::format("evil.example:{}", hosted.port()), std::string("127.0.0.1"),
        std::string("127.0.0.1:1"), fmt::format("127.0.0.1:{}.evil.example", hosted.port())}) {
    EXPECT_EQ(first_line(get(hosted.port(), "/", name)), "HTTP/1.1 421 Misdirected Request")
        << name;
  }
  EXPECT_EQ(first_line(answer_to_bytes(hosted.port(), "GET / HTTP/1.0\r\n\r\n")),
            "HTTP/1.1 421 Misdirected Request");
}

TEST(Server, ends_what_is_no_request) {
  const Hosted hosted;
  EXPECT_EQ(first_line(answer_to_bytes(hosted.port(), "hello\r\n\r\n")),
            "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(first_line(answer_to_bytes(hosted.port(), fmt::format("GET / HTTP/1.1\r\nX: {}\r\n\r\n",
                                                                  std::string(20'000, 'x')))),
            "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(first_line(get(hosted.port(), "/")), "HTTP/1.1 200 OK");
}

TEST(Server, lets_no_page_of_another_site_talk) {
  const Hosted hosted;
  for (const char* origin : {"http://evil.example", "null", "http://127.0.0.1:1"}) {
    EXPECT_EQ(PageClient(hosted.port(), origin).status(), 403U) << origin;
  }
  EXPECT_EQ(PageClient(hosted.port()).status(), 101U);
}

// ---- the room

TEST(Server, passes_a_press_to_the_projector_and_the_turn_on_when_the_order_ends) {
  const Hosted hosted;
  PageClient projector(hosted.port());
  projector.present(hosted.secret());
  EXPECT_EQ(projector.until("door").at("code").as_string(), hosted.code());
  projector.say(stage(1, 0, false));
  PageClient ada(hosted.port());
  ada.join(hosted.code(), "Ada");
  json::object seat = ada.until("you", has_seat);
  EXPECT_EQ(letter(seat), "A");
  PageClient bob(hosted.port());
  bob.join(hosted.code(), "Bob");
  EXPECT_EQ(letter(bob.until("you", has_seat)), "B");
  PageClient cy(hosted.port());
  cy.join(hosted.code(), "Cy");
  EXPECT_EQ(cy.until("you").at("line").as_int64(), 1);

  ada.say(fmt::format(R"({{"type":"press","turn":{}}})",
                      seat.at("seat").at("turn").to_number<std::uint64_t>()));
  const json::object press = projector.until("press");
  EXPECT_EQ(press.at("client").as_int64(), 0);
  EXPECT_EQ(press.at("name"), "Ada");
  projector.say(stage(1, 1, true));
  EXPECT_EQ(letter(cy.until("you", has_seat)), "A");
  EXPECT_EQ(letter(bob.until("you",
                             [](const json::object& you) {
                               return !has_seat(you) || you.at("ended").as_bool();
                             })),
            "B");
  EXPECT_EQ(ada.until("you", [](const json::object& you) { return !has_seat(you); })
                .at("line")
                .as_int64(),
            1);
}

TEST(Server, drops_a_bad_message_a_long_one_and_a_flood_with_a_reason) {
  const Hosted hosted;
  PageClient ada(hosted.port());
  ada.join(hosted.code(), "Ada");
  ada.until("you");

  PageClient bad(hosted.port());
  bad.say("hello");
  EXPECT_EQ(bad.end(), "The message is not a JSON object.");
  PageClient wrong(hosted.port());
  for (int guess = 0; guess < 5; ++guess) {
    wrong.join("000", "Eve");
  }
  EXPECT_EQ(wrong.end(), "Too many wrong codes.");
  PageClient intruder(hosted.port());
  intruder.present(std::string(32, '0'));
  EXPECT_EQ(intruder.end(),
            "That is not the secret of this room: open the address that the terminal shows.");
  PageClient oversized(hosted.port());
  oversized.say(std::string(5'000, ' '));
  EXPECT_EQ(oversized.end(), "code 1009");  // message too big, as RFC 6455 has it
  PageClient flood(hosted.port());
  flood.join(hosted.code(), "Flo");
  for (int message = 0; message < 1'000; ++message) {
    if (!flood.say(R"({"type":"vote","round":1,"choice":0})")) {
      break;
    }
  }
  const std::string reason = flood.end();
  // What it says while it is being dropped may reset the connection before it reads why.
  EXPECT_TRUE(reason == "Too many messages at once." || reason == "Connection reset by peer")
      << reason;

  PageClient bob(hosted.port());
  bob.join(hosted.code(), "Bob");
  EXPECT_EQ(bob.until("you").at("line").as_int64(), 2);  // behind Ada
}

TEST(Server, has_thirty_phones_who_play_to_the_end_of_thirty_orders) {
  const Hosted hosted;
  PageClient projector(hosted.port());
  projector.present(hosted.secret());
  projector.until("door");
  projector.say(stage(1, 0, false));
  std::vector<std::unique_ptr<PageClient>> phones;
  for (int i = 0; i < 30; ++i) {
    phones.push_back(std::make_unique<PageClient>(hosted.port()));
    phones.back()->join(hosted.code(), fmt::format("P{}", i));
    phones.back()->until("joined");
  }
  // Round r is pressed once by each of P(2r - 2) and P(2r - 1), then the line moves on: 15 rounds, and everybody had a turn.
  std::uint64_t handled = 0;
  for (int round = 1; round <= 15; ++round) {
    for (int client = 0; client < 2; ++client) {
      const int who = (2 * (round - 1)) + client;
      const json::object you =
          phones[static_cast<std::size_t>(who)]->until("you", [](const json::object& told) {
            return has_seat(told) && told.at("seat").at("can").as_bool();
          });
      phones[static_cast<std::size_t>(who)]->say(fmt::format(
          R"({{"type":"press","turn":{}}})", you.at("seat").at("turn").to_number<std::uint64_t>()));
      const json::object press = projector.until("press");
      EXPECT_EQ(press.at("name").as_string(), fmt::format("P{}", who));
      EXPECT_EQ(press.at("client").as_int64(), client);
      handled = press.at("number").to_number<std::uint64_t>();
      projector.say(stage(round, handled, false));
    }
    projector.say(stage(round, handled, true));
    projector.say(stage(round + 1, handled, false));
  }
  EXPECT_EQ(handled, 30U);
}

TEST(Server, closes_what_is_one_connection_too_many) {
  const Hosted hosted({}, 2);
  PageClient ada(hosted.port());
  ada.join(hosted.code(), "Ada");
  ada.until("you");
  const PageClient second(hosted.port());
  EXPECT_EQ(get(hosted.port(), "/"), "");
  ada.say(R"({"type":"vote","round":0,"choice":0})");
  PageClient third(hosted.port());
  EXPECT_NE(third.status(), 101U);
}

TEST(Server, says_why_it_ends) {
  Hosted hosted;
  PageClient ada(hosted.port());
  ada.join(hosted.code(), "Ada");
  ada.until("you");
  hosted.end();
  EXPECT_EQ(ada.end(), "The room has ended.");
}

TEST(Server, says_why_it_cannot_begin) {
  const Hosted hosted;
  const auto problem = [](const std::string& address, std::uint16_t port) -> std::string {
    try {
      host::Server server({.address = address, .port = port, .site = {}});
    } catch (const host::HostError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(problem("127.0.0.1", hosted.port()),
            fmt::format("port {} of 127.0.0.1 is in use; `--port 0` takes one that is free",
                        hosted.port()));
  EXPECT_TRUE(problem("198.51.100.77", 0)
                  .starts_with("198.51.100.77 is no address of this machine, which has 127.0.0.1"))
      << problem("198.51.100.77", 0);
  EXPECT_EQ(problem("my-laptop", 0),
            "'my-laptop' is no address: it is written in numbers, such as 127.0.0.1 or "
            "192.168.1.7");
  EXPECT_EQ(problem("127.0.0.1", 0), "");
}

// ---- the command

TEST(HostCommand, needs_pages_that_are_ours) {
  const TestFolder folder;
  const CommandResult nothing = racelab_of(fmt::format("host --page {}", folder.path()));
  EXPECT_EQ(code(nothing), 2);
  EXPECT_EQ(nothing.errors, fmt::format("racelab: there is no '{}': `./dev page` builds it\n",
                                        folder.path("phone.html")));
  folder.write("phone.html", "<html>another</html>");
  EXPECT_EQ(racelab_of(fmt::format("host --page {}", folder.path())).errors,
            fmt::format("racelab: '{}' is no page of racelab's: `./dev page` builds it\n",
                        folder.path("phone.html")));
}

TEST(HostCommand, refuses_what_it_does_not_take) {
  EXPECT_EQ(racelab_of("host two-writers").errors,
            "racelab: `racelab host` takes options only: what is 'two-writers'?\n");
  EXPECT_EQ(racelab_of("host --port 70000").errors,
            "racelab: port must be a whole number from 0 to 65535, not '70000'\n");
  EXPECT_EQ(racelab_of("host --press-within 0").errors,
            "racelab: press-within must be a whole number from 1 to 3600, not '0'\n");
  EXPECT_EQ(racelab_of("host --adress 1").errors,
            "racelab: there is no option '--adress'; did you mean '--address'?\n");
}

// The room is opened, a phone's page is fetched, Ctrl-C ends it: exit code 0.
TEST(HostCommand, prints_where_to_go_and_ends_with_an_interrupt) {
  const TestFolder folder;
  folder.write("phone.html", phone_html);
  folder.write("racelab.html", projector_html);
  const Process process = shell(
      fmt::format("$R host --port 0 --page {0} > {0}/out & pid=$!; "
                  "for i in $(seq 200); do grep -q 'join code' {0}/out && break; sleep 0.1; done; "
                  "kill -INT $pid; wait $pid; echo exit $?; cat {0}/out",
                  folder.path()));
  EXPECT_TRUE(
      process.output.starts_with("exit 0\nThe room is open. Ctrl-C ends it.\n\n"
                                 "projector  http://127.0.0.1:"))
      << process.output;
  EXPECT_NE(process.output.find("/projector#present="), std::string::npos);
  EXPECT_NE(process.output.find("\nphones     http://127.0.0.1:"), std::string::npos);
  EXPECT_NE(process.output.find("\njoin code  "), std::string::npos);
  EXPECT_TRUE(process.output.ends_with("\nThe room has ended.\n")) << process.output;
}

}  // namespace
}  // namespace racelab::lab::server_test
