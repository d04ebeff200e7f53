// racelab's clock on a server: functions in a schema that is looked through before the server's own, and the words of SQL that
// mean the same spelled as calls of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace racelab::drivers {

/// Statements that make them, and gen_random_uuid() that counts, in a schema.
std::string clock_functions(const std::string& schema);

/// Sets what now() shows in a session: $1, its transaction's start, in microseconds since 1970.
constexpr const char* set_started = "select set_config('racelab.started', $1, false)";
/// Sets what clock_timestamp() shows from now on, in every session.
std::string set_moment(const std::string& schema, std::int64_t micros);

/// CURRENT_TIMESTAMP as now(), which can be replaced.
std::string clock_words(const std::string& sql);

/// Whether the text may ask for the time.
bool names_clock(std::string_view sql);

}  // namespace racelab::drivers
