// Dependencies between executions, from what a recorder was told; circles of them, and their names.
#include "sim/check/dependencies.h"

#include <algorithm>

namespace racelab {

Dependencies::Transaction& Dependencies::open(sql::SessionId session) {
  for (auto& [other, transaction] : open_) {
    if (other == session) {
      return transaction;
    }
  }
  const Execution execution = execution_of_(session);
  open_.emplace_back(session, Transaction{execution.operation, execution.number, 0, {}, {}, {}});
  return open_.back().second;
}

void Dependencies::read(sql::SessionId session, std::uint16_t table, const sql::Version& version) {
  open(session).reads.push_back({table, version});
}

void Dependencies::looked_for(sql::SessionId session, std::uint16_t /*table*/,
                              const sql::Sight& sight, const sql::Predicate& predicate) {
  open(session).looks.push_back({sight, predicate});
}

void Dependencies::wrote(sql::SessionId session, std::uint16_t table, const sql::Version* before,
                         const sql::Version* after) {
  open(session).writes.push_back({table, before != nullptr ? *before : sql::Version{},
                                  after != nullptr ? *after : sql::Version{}});
}

void Dependencies::ended(sql::SessionId session, std::uint64_t commit) {
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [session](const auto& it) { return it.first == session; });
  if (found == open_.end()) {
    return;
  }
  if (commit != 0) {
    found->second.commit = commit;
    committed_.push_back(std::move(found->second));
  }
  open_.erase(found);
}

std::vector<DependencyEdge> Dependencies::all() const {
  std::vector<DependencyEdge> found;
  const auto add = [&found](DependencyEdge::Kind kind, const Transaction& before,
                            const Transaction& after, std::uint16_t table,
                            const sql::Version& about) {
    const bool there = std::any_of(found.begin(), found.end(), [&](const DependencyEdge& it) {
      return it.kind == kind && it.before == before.operation && it.after == after.operation &&
             it.table == table && it.id == about.row;
    });
    if (before.operation != after.operation && !there) {
      found.push_back({kind, before.operation, after.operation, table, about.values, about.row});
    }
  };
  for (const Transaction& a : committed_) {
    for (const Transaction& b : committed_) {
      if (&a == &b) {
        continue;
      }
      for (const Write& write : b.writes) {
        for (const Write& earlier : a.writes) {
          if (write.before.id != 0 && write.before.id == earlier.after.id) {
            add(DependencyEdge::Kind::overwrites, a, b, write.table, write.before);
          }
        }
        for (const Read& read : a.reads) {
          if (write.before.id != 0 && write.before.id == read.version.id) {
            add(DependencyEdge::Kind::read_before, a, b, write.table, read.version);
          }
        }
        for (const Look& look : a.looks) {
          if (look.predicate.table != write.table || b.commit <= look.sight.snapshot) {
            continue;
          }
          if ((write.after.id != 0 && look.predicate.meets(write.after.values)) ||
              (write.before.id != 0 && look.predicate.meets(write.before.values))) {
            add(DependencyEdge::Kind::looked_before, a, b, write.table,
                write.after.id != 0 ? write.after : write.before);
          }
        }
      }
      for (const Read& read : b.reads) {
        for (const Write& write : a.writes) {
          if (write.after.id != 0 && write.after.id == read.version.id) {
            add(DependencyEdge::Kind::reads, a, b, read.table, read.version);
          }
        }
      }
    }
  }
  return found;
}

std::size_t Dependencies::times_done(std::size_t operation) const {
  std::vector<std::size_t> executions;
  for (const Transaction& it : committed_) {
    if (it.operation == operation && !it.writes.empty() &&
        std::find(executions.begin(), executions.end(), it.execution) == executions.end()) {
      executions.push_back(it.execution);
    }
  }
  return executions.size();
}

namespace {

std::string name_of(const std::vector<DependencyEdge>& circle) {
  const auto count = [&circle](DependencyEdge::Kind kind) {
    return std::count_if(circle.begin(), circle.end(),
                         [kind](const DependencyEdge& it) { return it.kind == kind; });
  };
  const auto items = count(DependencyEdge::Kind::read_before);
  const auto looks = count(DependencyEdge::Kind::looked_before);
  if (count(DependencyEdge::Kind::real_time) > 0) {
    return "stale read";
  }
  if (items + looks == 0) {
    return count(DependencyEdge::Kind::reads) == 0 ? "dirty write" : "circular reads";
  }
  if (items + looks == 1) {
    for (const DependencyEdge& read : circle) {
      for (const DependencyEdge& write : circle) {
        if (read.kind == DependencyEdge::Kind::read_before &&
            write.kind == DependencyEdge::Kind::overwrites && read.table == write.table &&
            read.id == write.id) {
          return "lost update";
        }
      }
    }
    return "read skew";
  }
  return looks > 0 ? "phantom" : "write skew";
}

}  // namespace

Circle Dependencies::shortest_circle(const std::vector<DependencyEdge>& dependencies) {
  Circle best;
  std::vector<DependencyEdge> path;
  // Rows before conditions: a row says more than what was looked for.
  std::vector<DependencyEdge> sorted = dependencies;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const DependencyEdge& a, const DependencyEdge& b) {
                     const auto rank = [](DependencyEdge::Kind kind) {
                       switch (kind) {
                         case DependencyEdge::Kind::overwrites:
                           return 0;
                         case DependencyEdge::Kind::read_before:
                           return 1;
                         case DependencyEdge::Kind::reads:
                           return 2;
                         case DependencyEdge::Kind::looked_before:
                           return 3;
                         case DependencyEdge::Kind::real_time:
                           return 4;
                       }
                       return 5;
                     };
                     return rank(a.kind) < rank(b.kind);
                   });
  const auto is_better = [&](const std::vector<DependencyEdge>& circle) {
    if (best.dependencies.empty() || circle.size() != best.dependencies.size()) {
      return best.dependencies.empty() || circle.size() < best.dependencies.size();
    }
    const std::string name = name_of(circle);
    return name == "lost update" && best.name != name;
  };
  const std::function<void(std::size_t, std::size_t)> walk = [&](std::size_t start,
                                                                 std::size_t at) {
    if (path.size() > 6) {
      return;
    }
    for (const DependencyEdge& next : sorted) {
      if (next.before != at) {
        continue;
      }
      path.push_back(next);
      if (next.after == start) {
        if (is_better(path)) {
          best = {name_of(path), path};
        }
      } else if (next.after > start &&
                 std::none_of(path.begin(), path.end() - 1, [&next](const DependencyEdge& it) {
                   return it.after == next.after;
                 })) {
        walk(start, next.after);
      }
      path.pop_back();
    }
  };
  std::size_t most = 0;
  for (const DependencyEdge& it : sorted) {
    most = std::max({most, it.before, it.after});
  }
  for (std::size_t start = 0; start <= most && !sorted.empty(); ++start) {
    walk(start, start);
  }
  return best;
}

}  // namespace racelab
