// Intervals as PostgreSQL keeps them: days apart from hours, minutes and seconds. They are compared as if a day had 24 hours.
#pragma once

#include <optional>

#include "sim/sql/value.h"

namespace racelab::sql {

/// Of so many days, and microseconds besides; nothing: out of range.
std::optional<Value> make_interval(std::int64_t days, std::int64_t micros);

/// The microseconds that are not in its days.
constexpr std::int64_t micros_besides_days(const Value& interval) {
  return interval.number - (interval.days * micros_per_day);
}

/// As psql prints it.
std::string interval_text(const Value& interval);

/// What lies between two points in time: whole days, and the rest.
std::optional<Value> interval_between(std::int64_t from, std::int64_t to);

/// Half a day and the like becomes hours; microseconds are rounded to the nearest. `by` is not 0.
std::optional<Value> divided(const Value& interval, std::int64_t by);

}  // namespace racelab::sql
