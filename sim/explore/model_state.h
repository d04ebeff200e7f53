// What a Model keeps in its arena. Only model.cc, model_name.cc and model_view.cc look at it.
#pragma once

#include "sim/explore/model.h"

namespace racelab {

// A live handler, as far as its process does not know it.
struct Model::Live {
  std::uint8_t client = 0;
  std::uint8_t operation = 0;  // of that client
  std::uint8_t execution = 0;
  std::uint8_t seen_count = 0;
  std::uint16_t attempt = 1;
  std::uint8_t copy = 0;
  SessionId session = no_session;
  bool stands = false;               // this try has committed something
  std::uint64_t rows_written = 0;    // by the open transaction
  bool wrote_wrong = false;          // one of them: not what it was computed from plus the amount
  const Statement* asked = nullptr;  // and not answered
  static constexpr std::size_t seen_max = 16;
  std::array<VersionId, seen_max> seen{};  // rows that this try has been shown
};

// Which applications a version contains: its own, and those of the versions that it was computed from.
struct Model::Contents {
  std::array<std::uint64_t, 2> executions{};  // a bit each
  std::uint64_t once = 0;                     // a bit for each operation: one application at least
  std::uint64_t twice = 0;                    // two at least
  std::int64_t excess = 0;  // what executions added again that it contained before

  [[nodiscard]] std::uint32_t count(std::uint32_t operation) const {
    return static_cast<std::uint32_t>(((once >> operation) & 1U) + ((twice >> operation) & 1U));
  }
  [[nodiscard]] bool has(std::uint32_t execution) const {
    return ((executions[execution / 64] >> (execution % 64)) & 1U) != 0;
  }
  void add(std::uint32_t execution, std::uint32_t operation) {
    if (!has(execution)) {
      executions[execution / 64] |= std::uint64_t{1} << (execution % 64);
      const std::uint64_t bit = std::uint64_t{1} << operation;
      twice |= once & bit;
      once |= bit;
    }
  }
};

struct Model::State {
  State(Arena& arena, Arena& answers)
      : store(arena, answers),
        local(ArenaAllocator<const LocalState*>(arena)),
        live(ArenaAllocator<Live>(arena)),
        contents(ArenaAllocator<Contents>(arena)),
        applied(ArenaAllocator<std::uint64_t>(arena)) {}

  Store store;
  ArenaVector<const LocalState*> local;  // by client
  ArenaVector<Live> live;                // by client; of each in the order they started
  ArenaVector<Contents> contents;        // by version
  ArenaVector<std::uint64_t>
      applied;  // by row: a bit for each operation that was ever applied to it
  std::array<std::uint64_t, 3> settled{};  // by Told: a bit for each operation, like LocalState's
  std::uint32_t executions = 0;
  bool overflowed = false;
  bool wrong =
      false;  // somebody has committed a value that is not what it was computed from plus the amount
  std::uint32_t struck_in_all = 0;
  std::array<std::uint16_t, fault_kinds> struck{};
};

}  // namespace racelab
