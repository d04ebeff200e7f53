// One connection to MariaDB, on its client's non-blocking calls: a statement goes out, and its answer is taken when it is there.
#pragma once

#include <mysql.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/drivers/event_loop.h"

namespace racelab::drivers {

using MariaText = std::optional<std::string>;  // nothing: NULL

/// What a statement answered.
struct MariaAnswer {
  unsigned error = 0;  // 1213
  std::string message;
  std::uint64_t affected = 0;  // rows that were found, changed or not
  std::vector<std::vector<MariaText>> rows;
};

class MariaLine {
 public:
  /// Connects by a unix socket, as root, with quotes and || as in PostgreSQL. `database`: empty: none. Throws DriverError.
  MariaLine(boost::asio::io_context& context, const std::string& socket,
            const std::string& database);
  ~MariaLine();
  MariaLine(const MariaLine&) = delete;
  MariaLine& operator=(const MariaLine&) = delete;

  /// As KILL wants it.
  [[nodiscard]] unsigned long thread() const { return mysql_thread_id(handle_.get()); }
  /// As it stands after the last answer. (An error's answer does not tell: then the server is asked.)
  [[nodiscard]] bool in_transaction() const { return in_transaction_; }

  /// Sends a statement, and waits for nothing.
  void send(const std::string& sql);
  /// Whether it waits for an answer.
  [[nodiscard]] bool busy() const { return stage_ != Stage::idle; }
  /// The answer, if it is there after so long. Throws DriverError when the connection is gone.
  std::optional<MariaAnswer> receive(Micros patience);
  /// Waits as long as it takes.
  MariaAnswer receive();
  /// Sends a statement that nobody refuses, and waits for its rows. Throws DriverError.
  std::vector<std::vector<MariaText>> run(const std::string& sql);

 private:
  enum class Stage : std::uint8_t { idle, sending, storing };
  struct Close {
    void operator()(MYSQL* handle) const { mysql_close(handle); }
  };

  bool step(Micros patience);
  void take();
  void note_error();

  boost::asio::io_context& context_;
  std::unique_ptr<MYSQL, Close> handle_;
  std::unique_ptr<WatchedSocket> socket_;
  Stage stage_ = Stage::idle;
  std::string sql_;  // while it is sent
  int awaits_ = 0;   // what the client wants to happen first: bits of MYSQL_WAIT_…; 0: nothing
  int failed_ = 0;   // of the query
  MYSQL_RES* stored_ = nullptr;
  MariaAnswer answer_;
  bool in_transaction_ = false;
};

}  // namespace racelab::drivers
