// Keys are compared as `=` compares them, column by column.
#include "sim/store/key.h"

#include <algorithm>

namespace racelab::sql {

Values part(const Values& row, const std::vector<std::uint16_t>& columns) {
  Values values;
  for (const std::uint16_t column : columns) {
    values.push_back(row[column]);
  }
  return values;
}

bool any_null(const Values& values) {
  return std::any_of(values.begin(), values.end(), [](const Value& it) { return it.is_null; });
}

bool same_key(const Values& a, const Values& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Value& x, const Value& y) {
    return !x.is_null && !y.is_null && compare(x, y) == 0;
  });
}

}  // namespace racelab::sql
