// What a client asks for, and what it hears: operations, changes, requests, replies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

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

/// A service's answer. All but `ok` promise that this call has done nothing; after `conflict` (somebody else was at it) and
/// `unavailable` (the service has no room for it, or has failed) it may help to ask again.
struct Reply {
  enum class Kind : std::uint8_t { ok, conflict, refused, unavailable };
  Kind kind = Kind::ok;

  static constexpr Reply ok() { return {Kind::ok}; }
  static constexpr Reply conflict() { return {Kind::conflict}; }
  static constexpr Reply refused() { return {Kind::refused}; }
  static constexpr Reply unavailable() { return {Kind::unavailable}; }
  friend constexpr bool operator==(Reply, Reply) = default;
};

/// One call for an operation, as a strategy sees it.
struct Request {
  OperationName operation;
  std::uint16_t attempt = 1;     // which of the client's calls for this operation
  RowKey key;                    // the idempotency key that the client sent
  std::int64_t fingerprint = 0;  // of what is asked; the same key with another one is a mistake
  Change change;
  bool untouched = true;  // until a try of this delivery has committed something
};

}  // namespace racelab
