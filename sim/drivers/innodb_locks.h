// Who waits for whom in InnoDB, read from SHOW ENGINE INNODB STATUS.
//
// The tables of information_schema are no use for that: they are copied at most every tenth of a second, and asking more often than
// that puts the next copy off.
#pragma once

#include <map>
#include <string_view>
#include <vector>

namespace racelab::drivers {

/// Connections that wait for a lock, and those whose locks are in the way (of the record that is waited for; without any, those that
/// wait for it, too), by their thread ids.
std::map<unsigned long, std::vector<unsigned long>> innodb_waits(std::string_view status);

}  // namespace racelab::drivers
