// A racelab that was built with Boost.MPI (RACELAB_MPI). MPI is begun only to gather: what runs until then has no use for it.
#include <boost/mpi/collectives.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <boost/serialization/string.hpp>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "sim/cli/ranks.h"

namespace racelab {

namespace {

std::optional<std::uint64_t> number_of(const char* variable) {
  const char* text = std::getenv(variable);
  std::uint64_t number = 0;
  if (text == nullptr) {
    return std::nullopt;
  }
  const std::string_view digits(text);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace

Rank rank_of_this_process() {
  // Open MPI's names, then those of MPICH and of Slurm's PMI.
  constexpr const char* names[][2] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                      {"PMI_RANK", "PMI_SIZE"}};
  for (const auto& [index_name, count_name] : names) {
    const auto index = number_of(index_name);
    const auto count = number_of(count_name);
    if (index && count && *index < *count) {
      return {*index, *count, true};
    }
  }
  return {};
}

std::vector<std::string> gather(const std::string& text) {
  if (!rank_of_this_process().by_mpirun) {
    return {text};
  }
  static const boost::mpi::environment environment;  // ends when the process does
  const boost::mpi::communicator world;
  std::vector<std::string> all;
  boost::mpi::gather(world, text, all, 0);
  return all;
}

}  // namespace racelab
