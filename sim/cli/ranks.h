// The processes that mpirun starts as one command: each does a part, and the first of them gathers what all have found and speaks
// for them. Without Boost.MPI, or without mpirun, a command is the one process that it is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racelab {

/// Which process of a command this is, from 0, and of how many.
struct Rank {
  std::uint64_t index = 0;
  std::uint64_t of = 1;
  /// mpirun has started it, and reads what it writes: Open MPI through a terminal of its own making.
  bool by_mpirun = false;

  [[nodiscard]] bool speaks_for_all() const { return index == 0; }
};

/// As mpirun says in the environment: it is known before anything can go wrong, and a mistake needs no MPI to be told. Whoever leaves
/// with another code than 0 ends the others.
Rank rank_of_this_process();

/// The texts of all processes, by rank, for the first of them; nothing for the others. All must come here.
std::vector<std::string> gather(const std::string& text);

}  // namespace racelab
