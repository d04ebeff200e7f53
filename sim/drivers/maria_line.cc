// Each call of the client either ends or names what it waits for; then it is continued.
#include "sim/drivers/maria_line.h"

#include <errmsg.h>
#include <fmt/format.h>

#include "sim/drivers/driver_error.h"

namespace racelab::drivers {

namespace {

constexpr const char* as_postgresql =
    "set sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,"
    "NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'";

}  // namespace

MariaLine::MariaLine(boost::asio::io_context& context, const std::string& socket,
                     const std::string& database)
    : context_(context), handle_(mysql_init(nullptr)) {
  mysql_options(handle_.get(), MYSQL_OPT_NONBLOCK, nullptr);
  mysql_options(handle_.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  // FOUND_ROWS: an UPDATE counts the rows that it finds, as PostgreSQL does, not those that become others.
  if (mysql_real_connect(handle_.get(), nullptr, "root", nullptr,
                         database.empty() ? nullptr : database.c_str(), 0, socket.c_str(),
                         CLIENT_FOUND_ROWS) == nullptr) {
    throw DriverError(fmt::format("no connection to MariaDB: {}", mysql_error(handle_.get())));
  }
  socket_ = std::make_unique<WatchedSocket>(context, mysql_get_socket(handle_.get()));
  run(as_postgresql);
}

MariaLine::~MariaLine() {
  if (stored_ != nullptr) {
    mysql_free_result(stored_);
  }
}

void MariaLine::send(const std::string& sql) {
  sql_ = sql;
  answer_ = {};
  stage_ = Stage::sending;
  awaits_ = mysql_real_query_start(&failed_, handle_.get(), sql_.c_str(), sql_.size());
}

void MariaLine::note_error() {
  answer_.error = mysql_errno(handle_.get());
  answer_.message = mysql_error(handle_.get());
  if (answer_.error >= CR_MIN_ERROR && answer_.error <= CR_MAX_ERROR) {
    throw DriverError(fmt::format("MariaDB has gone away: {}", answer_.message));
  }
}

// Whether the present call has ended.
bool MariaLine::step(Micros patience) {
  while (awaits_ != 0) {
    if (!socket_->readable_within(context_, patience)) {
      return false;
    }
    awaits_ = stage_ == Stage::sending
                  ? mysql_real_query_cont(&failed_, handle_.get(), MYSQL_WAIT_READ)
                  : mysql_store_result_cont(&stored_, handle_.get(), MYSQL_WAIT_READ);
  }
  return true;
}

void MariaLine::take() {
  if (stored_ == nullptr) {
    if (mysql_errno(handle_.get()) != 0) {
      note_error();
      return;
    }
    answer_.affected = mysql_affected_rows(handle_.get());
  } else {
    const unsigned columns = mysql_num_fields(stored_);
    while (MYSQL_ROW row = mysql_fetch_row(stored_)) {
      const unsigned long* lengths = mysql_fetch_lengths(stored_);
      std::vector<MariaText>& values = answer_.rows.emplace_back();
      for (unsigned column = 0; column < columns; ++column) {
        values.push_back(row[column] == nullptr
                             ? MariaText()
                             : MariaText(std::string(row[column], lengths[column])));
      }
    }
    mysql_free_result(stored_);
    stored_ = nullptr;
    answer_.affected = answer_.rows.size();
  }
  unsigned status = 0;
  mariadb_get_infov(handle_.get(), MARIADB_CONNECTION_SERVER_STATUS, &status);
  in_transaction_ = (status & SERVER_STATUS_IN_TRANS) != 0;
}

std::optional<MariaAnswer> MariaLine::receive(Micros patience) {
  if (stage_ == Stage::sending) {
    if (!step(patience)) {
      return std::nullopt;
    }
    if (failed_ != 0) {
      note_error();
    } else {
      stage_ = Stage::storing;
      awaits_ = mysql_store_result_start(&stored_, handle_.get());
    }
  }
  if (stage_ == Stage::storing) {
    if (!step(patience)) {
      return std::nullopt;
    }
    take();
  }
  stage_ = Stage::idle;
  MariaAnswer answer = std::move(answer_);
  if (answer.error != 0) {
    in_transaction_ = run("select @@in_transaction").front().front() == "1";
  }
  return answer;
}

MariaAnswer MariaLine::receive() {
  constexpr Micros a_second(1'000'000);
  std::optional<MariaAnswer> answer;
  while (!(answer = receive(a_second))) {
  }
  return *std::move(answer);
}

std::vector<std::vector<MariaText>> MariaLine::run(const std::string& sql) {
  send(sql);
  MariaAnswer answer = receive();
  if (answer.error != 0) {
    throw DriverError(
        fmt::format("MariaDB refuses what was sent: {} ({})", answer.message, answer.error));
  }
  return std::move(answer.rows);
}

}  // namespace racelab::drivers
