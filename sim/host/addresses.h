// Under which addresses others on the network reach this machine.
#pragma once

#include <string>
#include <vector>

namespace racelab::host {

/// Of IPv4, those of interfaces that are up, without loopback, in the system's order.
std::vector<std::string> network_addresses();

}  // namespace racelab::host
