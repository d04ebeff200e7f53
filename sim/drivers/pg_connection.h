// One connection to PostgreSQL, on libpq's pipeline: several statements go out in one message, and their answers are taken when they
// are there.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/drivers/event_loop.h"
#include "sim/sql/sqlstate.h"

namespace racelab::drivers {

using PgText = std::optional<std::string>;  // nothing: NULL

/// What a statement answered.
struct PgAnswer {
  sql::SqlState error;
  std::string message;
  std::string tag;  // "UPDATE 1"
  std::uint64_t affected = 0;
  std::vector<std::vector<PgText>> rows;
};

/// Where a server is, and how its sessions are set up.
struct PgAddress {
  std::string server;  // as libpq takes it: a URL, or words
  std::string
      options;  // -c name=value …: they win over what the server, the database and the user say
  std::string name;     // application_name
  std::string if_lost;  // what a sentence adds when the connection is lost; empty: nothing
};

class PgConnection {
 public:
  /// Connects. Throws DriverError.
  PgConnection(boost::asio::io_context& context, const PgAddress& address);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  /// Of the server's process that serves this connection.
  [[nodiscard]] int process() const { return PQbackendPID(handle_.get()); }
  /// As it stands after the last answer.
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::string parameter(const char* name) const;

  /// Queues a statement that is only a word, or a setting; what it answers is looked at only if it fails.
  void queue_word(const std::string& sql);
  /// Queues a statement with parameters $1, $2, …; it is parsed by the server once.
  void queue(const std::string& sql, const std::vector<PgText>& parameters);
  /// What is queued so far is committed before what follows begins, and does not fail.
  void queue_end();
  /// Sends what is queued. The answer is that of the last statement, or of the first one that fails.
  void send();
  /// Whether it waits for an answer.
  [[nodiscard]] bool busy() const { return ends_awaited_ > 0; }
  /// The answer, if it is there after so long. Throws DriverError when the connection is gone.
  std::optional<PgAnswer> receive(Micros patience);
  /// Waits as long as it takes.
  PgAnswer receive();
  /// The answer of each statement that was queued since the last end. Throws DriverError also when one fails.
  std::vector<PgAnswer> receive_each();

  /// Several statements without parameters, in one message, outside the pipeline: the answers of all. Throws DriverError when one fails.
  std::vector<PgAnswer> run(const std::string& statements);

 private:
  struct Queued {
    bool is_statement = false;  // not the server's reading of one (Parse)
    std::string name;           // of a prepared statement, once that has succeeded
  };
  struct Finish {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };

  /// Takes what has come; whether the whole answer is there.
  bool collect();
  void take(const PGresult* result);
  void pipeline();
  void wait(Micros patience);
  [[noreturn]] void fail(const std::string& what) const;
  void expect(int success, const char* what) const;

  boost::asio::io_context& context_;
  std::string if_lost_;
  std::unique_ptr<PGconn, Finish> handle_;
  std::unique_ptr<WatchedSocket> socket_;
  bool pipelined_ = false;
  std::map<std::string, std::string, std::less<>> prepared_;  // by text: its name
  std::uint32_t names_ = 0;
  std::vector<Queued> queued_;
  std::size_t ends_queued_ = 0;
  std::size_t ends_awaited_ = 0;
  std::size_t at_ = 0;             // in queued_
  std::vector<PgAnswer> answers_;  // since the last end
  bool failed_ = false;            // the last of them
};

}  // namespace racelab::drivers
