// Where the pages lie, and how data gets into one.
#include "sim/cli/page_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "sim/cli/input_file.h"
#include "sim/cli/usage_error.h"

namespace racelab {

namespace {

namespace fs = std::filesystem;

bool is_terminal(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  const bool terminal = isatty(file) == 1;
  close(file);
  return terminal;
}

}  // namespace

std::string folder_of_pages(const std::string& given, const std::vector<const char*>& files) {
  if (!given.empty()) {
    return given;
  }
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path installed = own.parent_path() / "share/racelab/page";
  for (const fs::path& folder :
       {own, own.parent_path() / "page", installed, fs::path("build/page")}) {
    bool all = true;
    for (const char* file : files) {
      all = all && fs::exists(folder / file, error);
    }
    if (all) {
      return folder.string();
    }
  }
  throw UsageError("the page is not built yet: `./dev page` builds it, in build/page");
}

std::string read_page(const std::string& folder, const std::string& file) {
  constexpr std::uint64_t bytes_max = 10'000'000;
  const std::string path = (fs::path(folder) / file).string();
  std::error_code error;
  if (!fs::exists(path, error)) {
    throw UsageError(fmt::format("there is no '{}': `./dev page` builds it", path));
  }
  return read_file(path, "a page", bytes_max);
}

std::string page_to_fill(const Arguments& arguments, const char* file, std::string_view why) {
  if (arguments.output.empty()) {
    throw UsageError(fmt::format("{} writes a page for a browser: it needs --output FILE", why));
  }
  if (is_terminal(arguments.output)) {
    throw UsageError(fmt::format("{} writes a page for a browser, and '{}' is a terminal", why,
                                 arguments.output));
  }
  return read_page(folder_of_pages("", {file}), file);
}

std::string filled_page(const std::string& page, const std::string& json) {
  constexpr std::string_view place = R"(<script type="application/json" id="given">)";
  const std::size_t at = page.find(place);
  if (at == std::string::npos) {
    throw UsageError(
        "the built page has no place for data, so another version made it: `./dev page` builds it "
        "anew");
  }
  std::string filled = page.substr(0, at + place.size());
  for (const char c : json) {
    if (c == '<') {  // only within strings can it stand
      filled += "\\u003c";
    } else {
      filled += c;
    }
  }
  return filled.append(page, at + place.size());
}

}  // namespace racelab
