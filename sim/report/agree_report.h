// The store against a real server: a table of what was compared, and the first difference side by side.
#pragma once

#include <string>
#include <vector>

#include "sim/explore/agreement.h"
#include "sim/report/page.h"

namespace racelab {

/// One scenario, one way to write it, one isolation level.
struct AgreeCell {
  std::string scenario;
  std::string strategy;
  std::string isolation;
  std::string not_there;  // what the database has no equal of, in its own words; empty: it ran
  Agreement found;
  std::string command;  // that compares this cell again
};

struct AgreeReport {
  std::string on;  // "PostgreSQL 15.20"
  std::vector<std::string> notes;
  std::vector<AgreeCell> cells;
  std::uint64_t orders_max = 0;  // of a cell
  std::uint64_t seed = 0;
  std::string stopped_by;  // empty: nothing
  double seconds = 0;
};

/// What an agreement comes to.
enum class Agreed : std::uint8_t {
  yes,
  no,          // some order differs
  too_little,  // nothing differs, but less than nine in ten orders were taken, or it was stopped
};
Agreed agreed(const AgreeReport& report);

Page agree_page(const AgreeReport& report);
/// One object with the schema "racelab.agree/1".
std::string agree_json(const AgreeReport& report);

/// What was dropped of runs that were killed, by the names of their schemas.
Page clean_page(const std::vector<std::string>& dropped);
/// One object with the schema "racelab.clean/1".
std::string clean_json(const std::vector<std::string>& dropped);

}  // namespace racelab
