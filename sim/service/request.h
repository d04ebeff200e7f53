// What a client asks for, and what it hears: operations, changes, requests, replies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sim/kernel/time.h"
#include "sim/service/handler_settings.h"
#include "sim/store/statement.h"

namespace racelab {

/// Names an operation: the client's n-th, both from 0.
struct OperationName {
  std::uint32_t client = 0;
  std::uint32_t operation = 0;
  friend constexpr auto operator<=>(const OperationName&, const OperationName&) = default;
};

/// An operation's effect as data: the rows it reads, and a pure function from the rows seen to the rows written, or a
/// refusal. Where the store can express it as one statement, `in_place` says so.
struct Change {
  /// The new values of the rows, in their order; nothing: refused, as the rows are.
  using Function = std::optional<Writes> (*)(const Change& change, const Rows& seen);

  RowKeys rows;                                  // read and written, in key order
  std::array<std::int64_t, max_rows> amounts{};  // what it adds to each of them
  Function function = nullptr;
  std::optional<InPlace> in_place;

  [[nodiscard]] std::optional<Writes> apply(const Rows& seen) const {
    return function(*this, seen);
  }
};

/// The change that adds each amount to its row, whatever stands there.
std::optional<Writes> add_amounts(const Change& change, const Rows& seen);

/// The same, but refused when a row would fall below zero.
std::optional<Writes> add_amounts_unless_negative(const Change& change, const Rows& seen);

/// What a caller hears of its call. All but `ok` and `reset` promise that this call has done nothing. After `refused` (the answer is
/// no) it does not help to ask again; after the others it may.
struct Reply {
  enum class Kind : std::uint8_t {
    ok,
    conflict,     // somebody else was at it
    refused,      // the answer is no
    unavailable,  // 503: no room for it, or out of order
    error,        // 500
    throttled,    // 429
    busy,         // 409: the same is being done
    unreachable,  // no connection came about
    reset,        // the connection broke: it may have been done
  };
  Kind kind = Kind::ok;
  Duration
      retry_after{};  // what the service asks its caller to wait before it asks again; 0: it says nothing

  static constexpr Reply ok() { return {Kind::ok}; }
  static constexpr Reply conflict() { return {Kind::conflict}; }
  static constexpr Reply refused() { return {Kind::refused}; }
  static constexpr Reply unavailable() { return {Kind::unavailable}; }
  static constexpr Reply unreachable() { return {Kind::unreachable}; }
  static constexpr Reply reset() { return {Kind::reset}; }
  /// Whether a service has said it: it is no trouble with the connection.
  [[nodiscard]] constexpr bool said_by_service() const { return kind < Kind::unreachable; }
  /// Whether it leaves open what this call has done.
  [[nodiscard]] constexpr bool leaves_doubt() const { return kind == Kind::reset; }
  friend constexpr bool operator==(Reply, Reply) = default;
};

/// What the fault fail-call answers.
Reply answer_of(const FailedCallSettings& failed_call);

/// One call for an operation, as a strategy sees it.
struct Request {
  OperationName operation;
  std::uint16_t attempt = 1;     // which of the client's calls for this operation
  RowKey key;                    // the idempotency key that the client sent
  std::int64_t fingerprint = 0;  // of what is asked; the same key with another one is a mistake
  Change change;
  Instant answer_by = end_of_time;  // when its caller gives up on this call
  bool untouched = true;            // until a try of this delivery has committed something
};

}  // namespace racelab
