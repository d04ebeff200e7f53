// All links first, then the shortest circle through them, breadth first from every application.
#include "sim/report/contradiction.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace racelab {

namespace {

class Links {
 public:
  explicit Links(const RunResult& result) : result_(result) {
    for (std::uint32_t row = 0; row < result.history.rows.size(); ++row) {
      add_row(row);
    }
  }

  [[nodiscard]] std::vector<Dependency> shortest_circle() const {
    std::vector<Dependency> best;
    for (ApplicationId start = 0; start < result_.history.applications.size(); ++start) {
      std::vector<Dependency> circle = circle_from(start);
      if (!circle.empty() && (best.empty() || circle.size() < best.size())) {
        best = std::move(circle);
      }
    }
    return best;
  }

 private:
  struct Reading {
    ApplicationId reader;
    const TraceEvent* event;
  };

  void add_row(std::uint32_t row) {
    std::vector<const HistoryVersion*> versions;
    for (const HistoryVersion& version : result_.history.versions) {
      if (version.row == row) {
        versions.push_back(&version);
      }
    }
    std::sort(versions.begin(), versions.end(),
              [](const auto* a, const auto* b) { return a->number < b->number; });
    for (std::size_t i = 0; i < versions.size(); ++i) {
      const HistoryVersion& version = *versions[i];
      const HistoryVersion* next = i + 1 < versions.size() ? versions[i + 1] : nullptr;
      if (next != nullptr) {
        link(Dependency::Kind::write_write, version, version.application, writing(version),
             next->application, writing(*next));
      }
      for (const Reading& reading : readings(version)) {
        link(Dependency::Kind::write_read, version, version.application, writing(version),
             reading.reader, reading.event);
        if (next != nullptr) {
          link(Dependency::Kind::read_write, version, reading.reader, reading.event,
               next->application, writing(*next));
        }
      }
    }
  }

  void link(Dependency::Kind kind, const HistoryVersion& version, ApplicationId before,
            const TraceEvent* first, ApplicationId after, const TraceEvent* second) {
    if (before == no_application || after == no_application || before == after ||
        first == nullptr || second == nullptr) {
      return;
    }
    links_.push_back({kind, before, after, first, second, version.row, version.value});
  }

  [[nodiscard]] const TraceEvent* writing(const HistoryVersion& version) const {
    for (const TraceEvent& event : result_.trace) {
      if (event.kind == TraceKind::statement && event.written == version.id) {
        return &event;
      }
    }
    return nullptr;
  }

  // Who of those that committed something read a version: by a SELECT, or by an UPDATE that works from it.
  [[nodiscard]] std::vector<Reading> readings(const HistoryVersion& version) const {
    std::vector<Reading> all;
    for (ApplicationId i = 0; i < result_.history.applications.size(); ++i) {
      const TraceEvent* event = reading(version, result_.history.applications[i].execution_id);
      if (event != nullptr) {
        all.push_back({i, event});
      }
    }
    return all;
  }
  [[nodiscard]] const TraceEvent* reading(const HistoryVersion& version,
                                          ExecutionId execution) const {
    for (const TraceEvent& event : result_.trace) {
      if (event.kind != TraceKind::statement || event.execution != execution) {
        continue;
      }
      for (std::uint32_t i = 0; event.verb == Verb::select && i < event.row_count; ++i) {
        const TraceRow& row = result_.trace_rows[event.first_row + i];
        if (row.found && row.version == version.id && row.key == RowKey::row(version.row)) {
          return &event;
        }
      }
      if (event.verb == Verb::update_add && event.written != no_version &&
          parent(event.written) == version.id) {
        return &event;
      }
    }
    return nullptr;
  }
  [[nodiscard]] VersionId parent(VersionId id) const {
    for (const HistoryVersion& version : result_.history.versions) {
      if (version.id == id) {
        return version.computed_from;
      }
    }
    return no_version;
  }

  [[nodiscard]] std::vector<Dependency> circle_from(ApplicationId start) const {
    std::vector<const Dependency*> reached_by(result_.history.applications.size(), nullptr);
    std::vector<ApplicationId> queue{start};
    for (std::size_t at = 0; at < queue.size(); ++at) {
      for (const Dependency& link : links_) {
        if (link.before != queue[at] || reached_by[link.after] != nullptr) {
          continue;
        }
        reached_by[link.after] = &link;
        if (link.after == start) {
          return path_back(reached_by, start);
        }
        queue.push_back(link.after);
      }
    }
    return {};
  }
  static std::vector<Dependency> path_back(const std::vector<const Dependency*>& reached_by,
                                           ApplicationId start) {
    std::vector<Dependency> circle;
    ApplicationId at = start;
    while (circle.empty() || at != start) {
      circle.push_back(*reached_by[at]);
      at = reached_by[at]->before;
    }
    std::reverse(circle.begin(), circle.end());
    return circle;
  }

  const RunResult& result_;
  std::vector<Dependency> links_;
};

}  // namespace

std::vector<Dependency> contradiction(const RunResult& result) {
  return Links(result).shortest_circle();
}

std::string dependency_text(const Dependency& dependency, const std::string& before,
                            const std::string& after, const std::string& row) {
  switch (dependency.kind) {
    case Dependency::Kind::write_write:
      return fmt::format("{} overwrote the {} = {} that {} wrote", after, row, dependency.value,
                         before);
    case Dependency::Kind::write_read:
      return fmt::format("{} read the {} = {} that {} wrote", after, row, dependency.value, before);
    case Dependency::Kind::read_write:
      break;
  }
  return fmt::format("{} read {} = {} and did not see {}'s write", before, row, dependency.value,
                     after);
}

std::string_view kind_name(Dependency::Kind kind) {
  return kind == Dependency::Kind::write_write  ? "write-write"
         : kind == Dependency::Kind::write_read ? "write-read"
                                                : "read-write";
}

}  // namespace racelab
