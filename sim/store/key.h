// The part of a row that a key is made of.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/sql/value.h"

namespace racelab::sql {

/// The values of some columns, in the order of the columns.
Values part(const Values& row, const std::vector<std::uint16_t>& columns);

/// A key with a NULL in it is like no other, and refers to nothing.
bool any_null(const Values& values);

/// Whether two keys are equal; never with a NULL in one of them.
bool same_key(const Values& a, const Values& b);

}  // namespace racelab::sql
