// The two changes that fixed amounts make. They are pure: same rows seen, same rows written.
#include "sim/service/request.h"

#include <algorithm>

namespace racelab {

std::optional<Writes> add_amounts(const Change& change, const Rows& seen) {
  Writes writes;
  for (const SeenRow& row : seen) {
    const auto place = std::find(change.rows.begin(), change.rows.end(), row.key);
    const auto index = static_cast<std::size_t>(place - change.rows.begin());
    writes.push_back(
        {.key = row.key, .value = row.value + change.amounts[index], .computed_from = row.version});
  }
  return writes;
}

std::optional<Writes> add_amounts_unless_negative(const Change& change, const Rows& seen) {
  std::optional<Writes> writes = add_amounts(change, seen);
  for (const Write& write : *writes) {
    if (write.value < 0) {
      return std::nullopt;
    }
  }
  return writes;
}

}  // namespace racelab
