// Statements go out in a pipeline; answers are collected until the end of their message.
#include "sim/drivers/pg_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "sim/drivers/driver_error.h"

namespace racelab::drivers {

namespace {

// libpq's sentences end with a line feed, and may have several lines.
std::string first_line(const char* text) {
  const std::string_view all = text == nullptr ? "" : text;
  return std::string(all.substr(0, all.find('\n')));
}

sql::SqlState state_of(const PGresult* result) {
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return code != nullptr && std::strlen(code) == 5 ? sql::SqlState(code) : sql::SqlState("XX000");
}

std::uint64_t number_in(const char* text) {
  std::uint64_t number = 0;
  std::from_chars(text, text + std::strlen(text), number);
  return number;
}

PgAnswer answer_of(const PGresult* result) {
  PgAnswer answer;
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    answer.error = state_of(result);
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    answer.message = message == nullptr ? first_line(PQresultErrorMessage(result)) : message;
    return answer;
  }
  auto* it = const_cast<PGresult*>(result);  // PQcmdStatus and PQcmdTuples change nothing
  answer.tag = PQcmdStatus(it);
  answer.affected = number_in(PQcmdTuples(it));
  const int columns = PQnfields(result);
  for (int row = 0; row < PQntuples(result); ++row) {
    std::vector<PgText>& values = answer.rows.emplace_back();
    values.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        values.emplace_back();
      } else {
        values.emplace_back(PQgetvalue(result, row, column));
      }
    }
  }
  return answer;
}

[[noreturn]] void refuse(const PgAnswer& answer) {
  throw DriverError(fmt::format("PostgreSQL refuses what was sent: {} ({})", answer.message,
                                answer.error.code()));
}

using Result = std::unique_ptr<PGresult, decltype([](PGresult* it) { PQclear(it); })>;

// Later words win over earlier ones, and over what the address says.
PGconn* connected(const PgAddress& address) {
  constexpr const char* patience = "10";  // seconds, for each way to the server
  const std::array<const char*, 6> names{"connect_timeout",  "dbname",          "options",
                                         "application_name", "client_encoding", nullptr};
  const std::array<const char*, 6> values{
      patience, address.server.c_str(), address.options.c_str(), address.name.c_str(), "UTF8",
      nullptr};
  return PQconnectdbParams(names.data(), values.data(), 1);
}

}  // namespace

PgConnection::PgConnection(boost::asio::io_context& context, const PgAddress& address)
    : context_(context), if_lost_(address.if_lost), handle_(connected(address)) {
  if (PQstatus(handle_.get()) != CONNECTION_OK) {
    const std::string message = first_line(PQerrorMessage(handle_.get()));
    const bool of_password = message.find("password") != std::string::npos;
    throw DriverError(fmt::format(
        "no connection to PostgreSQL: {}{}", message,
        of_password ? "; passwords are read from ~/.pgpass, PGPASSWORD or a service file" : ""));
  }
  PQsetNoticeProcessor(
      handle_.get(), [](void*, const char*) {}, nullptr);
  PQsetnonblocking(handle_.get(), 1);
  socket_ = std::make_unique<WatchedSocket>(context, PQsocket(handle_.get()));
}

PgConnection::~PgConnection() = default;

void PgConnection::fail(const std::string& what) const {
  const std::string message = first_line(PQerrorMessage(handle_.get()));
  throw DriverError(fmt::format("PostgreSQL {}{}{}{}", what, message.empty() ? "" : ": ", message,
                                if_lost_.empty() ? "" : "; " + if_lost_));
}

void PgConnection::expect(int success, const char* what) const {
  if (success == 0) {
    fail(what);
  }
}

bool PgConnection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(handle_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

std::string PgConnection::parameter(const char* name) const {
  const char* value = PQparameterStatus(handle_.get(), name);
  return value == nullptr ? "" : value;
}

void PgConnection::pipeline() {
  if (!pipelined_) {
    expect(PQenterPipelineMode(handle_.get()), "takes no pipeline");
    pipelined_ = true;
  }
}

void PgConnection::queue_word(const std::string& sql) {
  pipeline();
  expect(PQsendQueryParams(handle_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0),
         "takes no statement");
  queued_.push_back({true, ""});
}

void PgConnection::queue(const std::string& sql, const std::vector<PgText>& parameters) {
  pipeline();
  auto known = prepared_.find(sql);
  std::string name;
  if (known == prepared_.end()) {
    name = "s" + std::to_string(names_++);
    expect(PQsendPrepare(handle_.get(), name.c_str(), sql.c_str(), 0, nullptr),
           "takes no statement");
    queued_.push_back({false, sql + '\0' + name});
  } else {
    name = known->second;
  }
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const PgText& it : parameters) {
    values.push_back(it ? it->c_str() : nullptr);
  }
  expect(PQsendQueryPrepared(handle_.get(), name.c_str(), static_cast<int>(values.size()),
                             values.data(), nullptr, nullptr, 0),
         "takes no statement");
  queued_.push_back({true, ""});
}

void PgConnection::queue_end() {
  pipeline();
  expect(PQpipelineSync(handle_.get()), "takes no message");
  ++ends_queued_;
}

void PgConnection::send() {
  queue_end();
  ends_awaited_ = std::exchange(ends_queued_, 0);
  at_ = 0;
  answers_.clear();
  failed_ = false;
  while (PQflush(handle_.get()) == 1) {
    wait(Micros(1'000));
    PQconsumeInput(handle_.get());
  }
}

void PgConnection::take(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_PIPELINE_SYNC) {
    if (--ends_awaited_ == 0) {
      queued_.clear();
    } else if (failed_) {
      refuse(answers_.back());
    } else {
      answers_.clear();
    }
    return;
  }
  if (status == PGRES_PIPELINE_ABORTED || failed_) {
    return;  // what comes after an error
  }
  const Queued& queued = queued_[at_];
  PgAnswer answer = answer_of(result);
  if (answer.error.failed() || queued.is_statement) {
    failed_ = answer.error.failed();
    answers_.push_back(std::move(answer));
  } else {
    const std::size_t zero = queued.name.find('\0');
    prepared_.emplace(queued.name.substr(0, zero), queued.name.substr(zero + 1));
  }
}

bool PgConnection::collect() {
  if (PQconsumeInput(handle_.get()) == 0) {
    fail("has gone away");
  }
  while (ends_awaited_ > 0 && PQisBusy(handle_.get()) == 0) {
    const Result result(PQgetResult(handle_.get()));
    if (result) {
      if (PQstatus(handle_.get()) == CONNECTION_BAD) {
        fail("has gone away");
      }
      take(result.get());
    } else {
      ++at_;  // the end of one statement's answers
    }
  }
  return ends_awaited_ == 0;
}

void PgConnection::wait(Micros patience) { (void)socket_->readable_within(context_, patience); }

std::optional<PgAnswer> PgConnection::receive(Micros patience) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + patience;
  while (!collect()) {  // what came may be a part of it
    const auto left = std::chrono::duration_cast<Micros>(until - Clock::now());
    if (left <= Micros(0)) {
      return std::nullopt;
    }
    wait(left);
  }
  return std::move(answers_.back());
}

PgAnswer PgConnection::receive() {
  constexpr Micros a_second(1'000'000);
  std::optional<PgAnswer> answer;
  while (!(answer = receive(a_second))) {
  }
  return *std::move(answer);
}

std::vector<PgAnswer> PgConnection::receive_each() {
  constexpr Micros a_second(1'000'000);
  while (!collect()) {
    wait(a_second);
  }
  if (failed_) {
    refuse(answers_.back());
  }
  return std::move(answers_);
}

std::vector<PgAnswer> PgConnection::run(const std::string& statements) {
  if (pipelined_) {
    expect(PQexitPipelineMode(handle_.get()), "does not leave its pipeline");
    pipelined_ = false;
  }
  expect(PQsendQuery(handle_.get(), statements.c_str()), "takes no statement");
  std::vector<PgAnswer> answers;
  while (PQflush(handle_.get()) == 1) {
    wait(Micros(1'000));
  }
  while (true) {
    while (PQisBusy(handle_.get()) != 0) {
      wait(Micros(1'000'000));
      if (PQconsumeInput(handle_.get()) == 0) {
        fail("has gone away");
      }
    }
    const Result result(PQgetResult(handle_.get()));
    if (!result) {
      break;
    }
    answers.push_back(answer_of(result.get()));
  }
  for (const PgAnswer& answer : answers) {
    if (answer.error.failed()) {
      refuse(answer);
    }
  }
  return answers;
}

}  // namespace racelab::drivers
