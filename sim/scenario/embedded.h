// The scenarios and lessons that are built in: the files of scenarios/, word for word. Their text is compiled into the binary, so that
// racelab runs from anywhere.
#pragma once

#include <span>
#include <string_view>

namespace racelab {

struct EmbeddedScenario {
  std::string_view name;  // the file's, without .ini
  std::string_view text;
};

/// Sorted by name. Defined in a file that the build writes.
std::span<const EmbeddedScenario> embedded_scenarios();

/// The presets of clients: files of scenarios/clients/. In no order.
std::span<const EmbeddedScenario> embedded_clients();

/// A file of a scenario that is a folder.
struct EmbeddedFile {
  std::string_view scenario;  // the folder's name
  std::string_view file;      // "setup.sql"
  std::string_view text;
};

/// Sorted by scenario, then by file.
std::span<const EmbeddedFile> embedded_files();

/// A lesson: a file of scenarios/lessons/.
struct EmbeddedLesson {
  std::string_view file;  // "01-two-cashiers.md"
  std::string_view text;
};

/// Sorted by file.
std::span<const EmbeddedLesson> embedded_lessons();

}  // namespace racelab
