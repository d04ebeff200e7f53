// What the rest of an execution can depend on, as words: numbers that only count (versions, rows, commits) become places, and what
// nobody can see any more is left out.
#include <algorithm>

#include "sim/store/relational.h"

namespace racelab::sql {

void Database::vacuum() {
  locks_.drop_unused();
  std::vector<std::uint64_t> kept;
  std::vector<VersionId> recalled;  // by statements that wait
  std::uint64_t oldest = UINT64_MAX;
  for (const Session& session : sessions_) {
    for (const Unit& unit : session.units) {
      recalled.push_back(unit.version);
    }
    if (session.connected && session.keeps_snapshot()) {
      kept.push_back(session.snapshot);
      if (session.isolation == Isolation::serializable) {
        oldest = std::min(oldest, session.snapshot);
      }
    }
  }
  serializable_.forget(oldest);
  for (Relation& relation : relations_) {
    relation.versions.erase(
        std::remove_if(
            relation.versions.begin(), relation.versions.end(),
            [&](const Version& version) {
              return version.ended.committed() &&
                     std::find(recalled.begin(), recalled.end(), version.id) == recalled.end() &&
                     std::none_of(kept.begin(), kept.end(), [&](std::uint64_t shown) {
                       return version.created.commit <= shown && shown < version.ended.commit;
                     });
            }),
        relation.versions.end());
  }
}

void Database::describe(std::vector<std::uint64_t>& words) const {
  std::vector<std::uint64_t> kept;
  for (const Session& session : sessions_) {
    if (session.connected && session.keeps_snapshot()) {
      kept.push_back(session.snapshot);
    }
  }
  const auto place = [&](std::uint64_t commit) {  // how many snapshots do not show it
    return static_cast<std::uint64_t>(std::count_if(
        kept.begin(), kept.end(), [commit](std::uint64_t shown) { return shown < commit; }));
  };
  const auto add_mark = [&](const Mark& mark) {
    if (mark.in_progress()) {
      const bool earlier = mark.command < sessions_[mark.session].command;
      words.push_back((std::uint64_t{mark.session} << 32U) |
                      (static_cast<std::uint64_t>(mark.level) << 8U) | (earlier ? 3U : 2U));
    } else {
      words.push_back(mark.committed() ? (place(mark.commit) << 8U) | 1U : 0U);
    }
  };
  std::vector<RowId> rows;  // by the place of their first version
  const auto row_place = [&rows](RowId row) {
    const auto found = std::find(rows.begin(), rows.end(), row);
    if (found == rows.end()) {
      rows.push_back(row);
      return static_cast<std::uint64_t>(rows.size() - 1);
    }
    return static_cast<std::uint64_t>(found - rows.begin());
  };
  for (std::size_t number = 0; number < relations_.size(); ++number) {
    const Relation& relation = relations_[number];
    const Table& table = schema_->tables[number];
    words.push_back(relation.versions.size());
    for (const Version& version : relation.versions) {
      const std::size_t keys = table.keys.size();
      const std::uint64_t missing = version.entered < keys ? keys - version.entered : 0U;
      const bool new_key = version.created.in_progress() && version.new_key;
      words.push_back((row_place(version.row) << 24U) | (place(version.key_since) << 16U) |
                      (missing << 2U) | (new_key ? 2U : 0U) | (version.replaced ? 1U : 0U));
      sql::describe(*version.values, words);
      add_mark(version.created);
      add_mark(version.ended);
    }
  }
  words.insert(words.end(), sequences_.begin(), sequences_.end());
  std::vector<std::vector<std::uint64_t>> locks;  // the order in which they were taken is nothing
  for (const RowLock& lock : locks_.all()) {
    if (lock.holds.empty() && lock.queue.empty()) {
      continue;
    }
    std::vector<std::uint64_t> it{lock.table, row_place(lock.row), lock.open ? 1U : 0U};
    for (const RowLock::Hold& hold : lock.holds) {
      it.push_back((std::uint64_t{hold.session} << 32U) |
                   (static_cast<std::uint64_t>(hold.level) << 8U) |
                   static_cast<std::uint64_t>(hold.mode));
    }
    std::sort(it.begin() + 3, it.end());
    it.push_back(UINT64_MAX);
    for (const RowLock::Waiter& waiter : lock.queue) {
      it.push_back((std::uint64_t{waiter.session} << 8U) | static_cast<std::uint64_t>(waiter.mode));
    }
    if (lock.open) {
      std::sort(std::find(it.begin(), it.end(), UINT64_MAX), it.end());
    }
    locks.push_back(std::move(it));
  }
  std::sort(locks.begin(), locks.end());
  words.push_back(locks.size());
  for (const auto& lock : locks) {
    words.insert(words.end(), lock.begin(), lock.end());
  }
  for (const AdvisoryLock& lock : advisory_) {
    words.push_back(static_cast<std::uint64_t>(lock.number));
    words.push_back((std::uint64_t{lock.holder} << 32U) | (std::uint64_t{lock.times} << 12U) |
                    (static_cast<std::uint64_t>(lock.level) << 1U) | (lock.of_session ? 1U : 0U));
  }
  words.push_back(UINT64_MAX);
  words.insert(words.end(), advisory_queue_.begin(), advisory_queue_.end());
  words.push_back(UINT64_MAX);
  for (const Session& session : sessions_) {
    words.push_back(session.connected ? place(session.snapshot) + 1 : 0);
    if (!session.connected) {
      continue;
    }
    describe_session(session, words);
    for (const Unit& unit : session.units) {
      words.push_back(static_cast<std::uint64_t>(unit.kind));
      std::uint64_t at = 0;  // of the version, among all
      for (const Relation& relation : relations_) {
        for (const Version& version : relation.versions) {
          at += version.id < unit.version ? 1 : 0;
        }
      }
      words.push_back(at);
      sql::describe(unit.value, words);
    }
  }
  serializable_.describe(kept, words);
  words.push_back(static_cast<std::uint64_t>(clock_));
}

void Database::describe_session(const Session& session, std::vector<std::uint64_t>& words) const {
  words.push_back((session.open ? 1U : 0U) | (session.failed ? 2U : 0U) |
                  (session.keeps_snapshot() ? 4U : 0U) | (session.snapshot != 0 ? 8U : 0U) |
                  (static_cast<std::uint64_t>(session.isolation) << 4U) |
                  (static_cast<std::uint64_t>(session.wait.kind) << 8U) |
                  (static_cast<std::uint64_t>(session.wait.mode) << 16U) |
                  (session.wait.seen != 0 ? 1U << 24U : 0U) |
                  (std::uint64_t{session.savepoints.size()} << 32U));
  words.push_back(static_cast<std::uint64_t>(session.started));
  for (const std::string& savepoint : session.savepoints) {
    sql::describe(Value::of(Type::text, savepoint), words);
  }
  words.insert(words.end(), session.drawn.begin(), session.drawn.end());
  sql::describe(session.reads, words);
  if (session.statement != nullptr) {
    sql::describe(session.parameters, words);
    words.push_back(session.result.waited ? 1 : 0);
    words.push_back(session.result.found_locked.size());
    for (const FoundLocked& found : session.result.found_locked) {
      sql::describe(found.key, words);
    }
  }
}

}  // namespace racelab::sql
