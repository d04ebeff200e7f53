// What settings may not be together, though each is in range, and which of them are for nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/settings.h"

namespace racelab {

/// A problem, as a sentence without a full stop, and the options that it is about. No problem: both are empty.
struct Conflict {
  std::string problem;
  std::vector<std::string> keys;
};

/// The first problem with settings that are each in range but not together.
Conflict conflict_in(const Settings& settings);

/// Options that are not at their default, and that can change nothing because of another one; each the one key of its
/// conflict. Harmless, and so no problem with the settings as such: a scenario's variants, and its twin, may well switch
/// off what the scenario sets up. But whoever asks for just that should hear of it.
std::vector<Conflict> idle_in(const Settings& settings);

}  // namespace racelab
