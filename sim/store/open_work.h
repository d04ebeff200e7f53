// What sessions have done and hold while their transactions are open: for whoever looks at a database between two statements.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/store/relation.h"

namespace racelab::sql {

struct OpenWork {
  /// A change that is not committed.
  struct Change {
    SessionId session = nobody;
    std::uint16_t table = 0;
    Row before;  // nothing: the row is new
    Row after;   // nothing: it is deleted
  };
  /// A row that is locked, or waited for.
  struct Lock {
    std::uint16_t table = 0;
    Row row;  // as it was committed last; nothing: it is new
    std::vector<SessionId> holders;
    std::vector<SessionId> waiters;  // first come, first served
    bool open = false;               // … no longer: whoever of them comes first goes on
  };
  /// An advisory lock.
  struct Advisory {
    std::int64_t number = 0;
    std::vector<SessionId> holders;
    std::vector<SessionId> waiters;
  };
  std::vector<Change> changes;  // table by table
  std::vector<Lock> locks;
  std::vector<Advisory> advisory;
};

}  // namespace racelab::sql
