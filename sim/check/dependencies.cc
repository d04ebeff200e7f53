// Dependencies between executions, from what a recorder was told; circles of them, and their names.
#include "sim/check/dependencies.h"

#include <algorithm>
#include <set>
#include <tuple>

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
  open(session).reads.push_back({table, version, moment()});
}

void Dependencies::looked_for(sql::SessionId session, std::uint16_t /*table*/,
                              const sql::Sight& sight, const sql::Predicate& predicate) {
  open(session).looks.push_back({sight, predicate, moment()});
}

void Dependencies::wrote(sql::SessionId session, std::uint16_t table, const sql::Version* before,
                         const sql::Version* after) {
  open(session).writes.push_back({table, before != nullptr ? *before : sql::Version{},
                                  after != nullptr ? *after : sql::Version{}, moment()});
}

void Dependencies::ended(sql::SessionId session, std::uint64_t commit) {
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [session](const auto& it) { return it.first == session; });
  if (found == open_.end()) {
    return;
  }
  Transaction& transaction = found->second;
  transaction.commit = commit;
  if (commit == 0) {
    transaction.writes.clear();  // what it read may have become an answer all the same
  }
  // The reads of a try that came to nothing matter to nobody once there is another.
  std::erase_if(ended_, [&transaction](const Transaction& it) {
    return it.commit == 0 && it.operation == transaction.operation &&
           it.execution == transaction.execution;
  });
  ended_.push_back(std::move(transaction));
  open_.erase(found);
}

std::vector<DependencyEdge> Dependencies::all() const {
  std::vector<DependencyEdge> found;
  std::set<std::tuple<DependencyEdge::Kind, std::size_t, std::size_t, std::uint16_t, sql::RowId>>
      there;
  struct Ends {  // whose they are, and when
    const Transaction& transaction;
    std::uint64_t at = 0;
  };
  const auto add = [&found, &there](DependencyEdge::Kind kind, const Ends& before,
                                    const Ends& after, std::uint16_t table,
                                    const sql::Version& about) {
    const std::size_t first = before.transaction.operation;
    const std::size_t second = after.transaction.operation;
    if (first != second && there.emplace(kind, first, second, table, about.row).second) {
      found.push_back({kind, first, second, table, about.values, about.row, before.at, after.at});
    }
  };
  for (const Transaction& a : ended_) {
    for (const Transaction& b : ended_) {
      if (&a == &b) {
        continue;
      }
      for (const Write& write : b.writes) {
        for (const Write& earlier : a.writes) {
          if (write.before.id != 0 && write.before.id == earlier.after.id) {
            add(DependencyEdge::Kind::overwrites, {a, earlier.at}, {b, write.at}, write.table,
                write.before);
          }
        }
        for (const Read& read : a.reads) {
          if (write.before.id != 0 && write.before.id == read.version.id) {
            add(DependencyEdge::Kind::read_before, {a, read.at}, {b, write.at}, write.table,
                read.version);
          }
        }
        for (const Look& look : a.looks) {
          if (look.predicate.table != write.table || b.commit <= look.sight.snapshot) {
            continue;
          }
          if ((write.after.id != 0 && look.predicate.meets(write.after.values)) ||
              (write.before.id != 0 && look.predicate.meets(write.before.values))) {
            add(DependencyEdge::Kind::looked_before, {a, look.at}, {b, write.at}, write.table,
                write.after.id != 0 ? write.after : write.before);
          }
        }
      }
      for (const Read& read : b.reads) {
        for (const Write& write : a.writes) {
          if (write.after.id != 0 && write.after.id == read.version.id) {
            add(DependencyEdge::Kind::reads, {a, write.at}, {b, read.at}, read.table, read.version);
          }
        }
      }
    }
  }
  return found;
}

std::vector<std::size_t> Dependencies::done_twice(std::size_t operations) const {
  std::vector<std::set<std::size_t>> executions(operations);
  for (const Transaction& it : ended_) {
    if (!it.writes.empty()) {
      executions[it.operation].insert(it.execution);
    }
  }
  std::vector<std::size_t> twice;
  for (std::size_t i = 0; i < operations; ++i) {
    if (executions[i].size() > 1) {
      twice.push_back(i);
    }
  }
  return twice;
}

void add_real_time(const std::vector<ScriptOperation>& operations,
                   std::vector<DependencyEdge>& dependencies) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    for (std::size_t earlier = 0; earlier < operations.size(); ++earlier) {
      if (operations[earlier].stands_before(operations[i])) {
        DependencyEdge time;
        time.kind = DependencyEdge::Kind::real_time;
        time.before = earlier;
        time.after = i;
        dependencies.push_back(time);
      }
    }
  }
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

// Rows before conditions: a row says more than what was looked for.
int rank_of(DependencyEdge::Kind kind) {
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
}

// Edges that are looked at before a name is no longer worth it: only of hundreds of operations.
constexpr std::uint64_t circle_looks_max = 3'000'000;

}  // namespace

Circle Dependencies::shortest_circle(const std::vector<DependencyEdge>& dependencies) {
  Circle best;
  std::vector<DependencyEdge> path;
  std::vector<DependencyEdge> sorted = dependencies;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const DependencyEdge& a, const DependencyEdge& b) {
                     return rank_of(a.kind) < rank_of(b.kind);
                   });
  std::size_t operations = 0;
  for (const DependencyEdge& it : sorted) {
    operations = std::max({operations, it.before + 1, it.after + 1});
  }
  std::vector<std::vector<const DependencyEdge*>> from(operations);
  for (const DependencyEdge& it : sorted) {
    from[it.before].push_back(&it);
  }
  // Circles of a length, each from its first operation; of those the first, but a lost update before all others.
  std::uint64_t looks = 0;
  const std::function<void(std::size_t, std::size_t, std::size_t)> walk =
      [&](std::size_t start, std::size_t at, std::size_t length) {
        for (const DependencyEdge* next : from[at]) {
          if (++looks > circle_looks_max || best.name == "lost update") {
            return;
          }
          const bool closes = path.size() + 1 == length;
          if (closes ? next->after != start : next->after <= start) {
            continue;
          }
          const bool been = std::any_of(path.begin(), path.end(), [next](const DependencyEdge& it) {
            return it.before == next->after;
          });
          if (!closes && been) {
            continue;
          }
          path.push_back(*next);
          if (!closes) {
            walk(start, next->after, length);
          } else if (best.dependencies.empty() || name_of(path) == "lost update") {
            best = {name_of(path), path};
          }
          path.pop_back();
        }
      };
  for (std::size_t length = 2; length <= 7 && best.dependencies.empty(); ++length) {
    for (std::size_t start = 0; start < operations; ++start) {
      walk(start, start, length);
    }
  }
  return best;
}

}  // namespace racelab
