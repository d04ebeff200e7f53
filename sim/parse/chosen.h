// An endpoint with choices in it, and what is left of it when they are made.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace racelab::parse {

/// The text of an endpoint file for some values of its parameters: an \if that is decided by them is gone, with the branches that
/// are not taken, and so is one that asks for a variable that is set once, to a number. It does what the whole file does with
/// these parameters. Lines are indented anew, so no quoted text may go over several. Conditions are `:name` and `:name = 2` (also <>, !=, <,
/// >, <=, >=); others stay as they are.
std::string chosen(const std::string& endpoint, const std::map<std::string, std::int64_t>& values);

}  // namespace racelab::parse
