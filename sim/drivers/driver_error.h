// What a real database can do wrong: it is not there, it goes away, it answers what was not expected.
#pragma once

#include <stdexcept>

namespace racelab::drivers {

/// One sentence: what, where, what would be right.
class DriverError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A scenario asks for what the database has not: where, what, and the database's own words.
class NotInThisDatabase : public DriverError {
 public:
  using DriverError::DriverError;
};

}  // namespace racelab::drivers
