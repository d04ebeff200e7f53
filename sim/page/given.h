// What was put into the page besides what is built in: the files of a user's endpoints, and what the parser said of them.
#pragma once

#include <map>
#include <string>

namespace racelab::page {

/// By path, as commands name them.
std::map<std::string, std::string>& given_files();

/// By text: its tree as JSON.
std::map<std::string, std::string>& given_trees();

}  // namespace racelab::page
