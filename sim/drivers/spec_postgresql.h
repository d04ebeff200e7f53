// A real PostgreSQL behind the sessions of an isolation spec: every block goes out as it stands, as one message.
#pragma once

#include <memory>
#include <string>

#include "sim/explore/spec_server.h"

namespace racelab::drivers {

/// `on`: "postgresql", a throw-away server of its own, where the sessions belong to a user that is no superuser: what the file says can
/// reach nothing but this server's tables. The spec must outlive it. `note`: what the user should know. Throws DriverError, as what is
/// done with it does.
std::unique_ptr<SpecServer> start_spec_server(const std::string& on, const IsolationSpec& spec,
                                              std::string& note);

}  // namespace racelab::drivers
