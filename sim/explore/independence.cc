// Closed sets of clients, by following who meets whom from each of them.
#include "sim/explore/independence.h"

#include <bit>

namespace racelab {

namespace {

constexpr std::uint64_t everything = ~std::uint64_t{0};

constexpr std::uint64_t bit(std::uint32_t place) { return std::uint64_t{1} << place; }

}  // namespace

Touches touches_of(const Statement& statement, std::uint32_t client) {
  Touches touches;
  if (statement.verb == Verb::begin) {
    touches.snapshot = statement.isolation == Isolation::repeatable_read;
    return touches;
  }
  if (statement.verb == Verb::scan) {
    touches.reads = everything;
  }
  const bool looks = statement.verb == Verb::select && statement.locking == Locking::none;
  for (const RowKey key : statement.keys) {
    const bool is_row = key.table() == Table::rows;
    if (is_row && key.number() < 64) {
      (looks ? touches.reads : touches.writes) |= bit(key.number());
    } else if (is_row || key.client() != client) {
      touches.writes = everything;
    }
  }
  return touches;
}

std::uint64_t enough_clients(std::span<const Meetings> clients) {
  std::uint64_t best = 0;
  std::uint32_t fewest = UINT32_MAX;
  for (std::uint32_t first = 0; first < clients.size(); ++first) {
    std::uint64_t closed = bit(first);
    const bool no_fewer = best != 0 && (best & ~(clients[first].meets | closed)) == 0;
    if (clients[first].alternatives == 0 || no_fewer) {
      continue;
    }
    std::uint32_t alternatives = 0;
    for (std::uint64_t rest = closed; rest != 0 && alternatives < fewest;) {
      const auto client = static_cast<std::uint32_t>(std::countr_zero(rest));
      alternatives += clients[client].alternatives;
      const std::uint64_t more = clients[client].meets & ~closed;
      closed |= more;
      rest = (rest & (rest - 1)) | more;
    }
    if (alternatives < fewest) {
      fewest = alternatives;
      best = closed;
    }
  }
  return best;
}

}  // namespace racelab
