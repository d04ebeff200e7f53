// Which steps can meet, so that their order may matter, and which clients may therefore go first by themselves.
//
// Two steps of different clients meet when they have to do with the same thing and at least one changes it, or locks it. If
// the next steps of some clients can meet nothing that the others may ever do, the others' steps can be put off until one of
// those clients has moved: every order then has a twin that ends alike and begins with one of their steps. Such sets of steps
// are known as weakly stubborn (Valmari) or persistent (Godefroid). docs/reduction.md has the rules and why they are right.
#pragma once

#include <cstdint>
#include <span>

#include "sim/store/statement.h"

namespace racelab {

/// Rows that statements look at, and those that they change or lock: a bit for each.
struct Touches {
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  bool snapshot = false;  // its transaction keeps what it saw when it began

  Touches& operator|=(const Touches& other) {
    reads |= other.reads;
    writes |= other.writes;
    snapshot = snapshot || other.snapshot;
    return *this;
  }
  [[nodiscard]] bool meet(const Touches& other) const {
    return ((writes & (other.reads | other.writes)) | (reads & other.writes)) != 0;
  }
  friend bool operator==(const Touches&, const Touches&) = default;
};

/// Of one statement by some client's handler. Its own idempotency keys are nobody else's business; a row that has no bit, or
/// another client's key, stands for everything.
Touches touches_of(const Statement& statement, std::uint32_t client);

/// What is known of one client at some point.
struct Meetings {
  std::uint64_t meets = 0;  // a bit for each client that may come to do what its next steps meet
  std::uint32_t alternatives = 0;  // that it has now
};

/// Clients whose alternatives are enough here, a bit each: no step of anybody else will ever meet their next ones. Of several such
/// sets one with the fewest alternatives; with none but all, all that have any. At most 64 clients.
std::uint64_t enough_clients(std::span<const Meetings> clients);

}  // namespace racelab
