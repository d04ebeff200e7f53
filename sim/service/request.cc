// The two changes that fixed amounts make (they are pure: same rows seen, same rows written), and what a failed call answers.
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

Reply answer_of(const FailedCallSettings& failed_call) {
  constexpr Reply::Kind kinds[] = {Reply::Kind::error, Reply::Kind::unavailable,
                                   Reply::Kind::throttled, Reply::Kind::busy};
  return {kinds[static_cast<std::size_t>(failed_call.kind)], failed_call.retry_after};
}

}  // namespace racelab
