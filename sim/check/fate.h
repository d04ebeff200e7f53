// What a client was told of one operation, against what became of it: the one place where anomalies are defined.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "sim/service/trace.h"

namespace racelab {

/// What is wrong with one operation.
enum class Anomaly : std::uint8_t { lost_update, duplicate, false_success, false_failure };
constexpr std::size_t anomaly_kinds = 4;

/// What an operation's applications came to on one row.
struct RowFate {
  std::uint32_t row = 0;
  std::uint32_t applied = 0;
  std::uint32_t surviving = 0;
};

struct OperationFate {
  /// How many applications survive; of several rows, the count furthest from 1: 0 if any row has 0, else the largest.
  std::uint32_t surviving = 0;
  /// The first row that shows the anomaly; nothing: it does not occur.
  std::array<std::optional<std::uint32_t>, anomaly_kinds> anomalies{};
};

/// `rows`: every row of the operation's change, and every other row that it wrote.
inline OperationFate fate_of(Told told, std::span<const RowFate> rows) {
  OperationFate fate;
  bool some_row_lost = false;
  for (const RowFate& row : rows) {
    some_row_lost = some_row_lost || row.surviving == 0;
    fate.surviving = std::max(fate.surviving, row.surviving);
    const auto shows = [&fate, &row](Anomaly anomaly) {
      auto& first = fate.anomalies[static_cast<std::size_t>(anomaly)];
      first = first.value_or(row.row);
    };
    if (told == Told::ok && row.surviving == 0) {
      shows(row.applied == 0 ? Anomaly::false_success : Anomaly::lost_update);
    }
    if (row.surviving >= 2) {
      shows(Anomaly::duplicate);
    }
    if (told == Told::failed && row.surviving >= 1) {
      shows(Anomaly::false_failure);
    }
  }
  if (some_row_lost) {
    fate.surviving = 0;
  }
  return fate;
}

}  // namespace racelab
