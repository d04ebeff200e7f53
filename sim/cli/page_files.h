// The pages that `./dev page` builds, as the native binary finds them: to serve them (`host`), or to put a result into one
// (`--format html`, `step --page`). Whoever never builds them misses nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/arguments.h"

namespace racelab {

/// The folder that has these pages: the one that was given, or beside the program, or where `./dev page` puts them. Throws
/// UsageError: they are not built yet.
std::string folder_of_pages(const std::string& given, const std::vector<const char*>& files);

/// The text of a page in a folder. Throws UsageError.
std::string read_page(const std::string& folder, const std::string& file);

/// The page that a result is put into: what --output names can be checked before any work. Throws UsageError: it is not built,
/// there is no --output, or that is a terminal. `why`: the flag that asks for it.
std::string page_to_fill(const Arguments& arguments, const char* file, std::string_view why);

/// A page with data in the element that waits for it. Nothing of the data can end that element, or be read as anything but data.
/// Throws UsageError when the page has no such element, and so is none of racelab's, or of another version.
std::string filled_page(const std::string& page, const std::string& json);

}  // namespace racelab
