// Read off versions and queues; nothing is kept for it.
#include "sim/store/open_work.h"

#include <algorithm>

#include "sim/store/relational.h"

namespace racelab::sql {

namespace {

// What open transactions have made of the rows of one table.
void add_changes(const Relation& relation, std::uint16_t table, OpenWork& work) {
  std::vector<std::pair<RowId, std::size_t>> places;  // rows that are going: into work.changes
  for (const Version& version : relation.versions) {
    if (version.created.committed() && version.ended.in_progress()) {
      places.emplace_back(version.row, work.changes.size());
      work.changes.push_back({version.ended.session, table, version.values, nullptr});
    } else if (version.created.in_progress() && !version.ended.any()) {
      const auto known = std::find_if(places.begin(), places.end(), [&version](const auto& it) {
        return it.first == version.row;
      });
      if (known != places.end()) {
        work.changes[known->second].after = version.values;
      } else {
        work.changes.push_back({version.created.session, table, nullptr, version.values});
      }
    }
  }
}

}  // namespace

OpenWork Database::open_work() const {
  OpenWork work;
  for (std::uint16_t table = 0; table < schema_->table_count(); ++table) {
    add_changes(relations_[table], table, work);
  }
  for (const RowLock& lock : locks_.all()) {
    if (lock.holds.empty() && lock.queue.empty()) {
      continue;
    }
    OpenWork::Lock made{lock.table, nullptr, {}, {}, lock.open};
    for (const Version& version : relations_[lock.table].versions) {
      if (version.row == lock.row && version.created.committed() && !version.ended.committed()) {
        made.row = version.values;
      }
    }
    for (const RowLock::Hold& hold : lock.holds) {
      if (std::find(made.holders.begin(), made.holders.end(), hold.session) == made.holders.end()) {
        made.holders.push_back(hold.session);
      }
    }
    for (const RowLock::Waiter& waiter : lock.queue) {
      made.waiters.push_back(waiter.session);
    }
    work.locks.push_back(std::move(made));
  }
  const auto advisory = [&work](std::int64_t number) -> OpenWork::Advisory& {
    const auto known =
        std::find_if(work.advisory.begin(), work.advisory.end(),
                     [number](const OpenWork::Advisory& it) { return it.number == number; });
    return known != work.advisory.end()
               ? *known
               : work.advisory.emplace_back(OpenWork::Advisory{number, {}, {}});
  };
  for (const AdvisoryLock& lock : advisory_) {
    advisory(lock.number).holders.push_back(lock.holder);
  }
  for (const SessionId session : advisory_queue_) {
    advisory(sessions_[session].wait.number).waiters.push_back(session);
  }
  return work;
}

}  // namespace racelab::sql
