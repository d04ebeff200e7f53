// Unique keys. A row is written first and enters its keys one by one, in the order in which they were created, as PostgreSQL enters
// them into its indexes: one that waits for its second key holds its first.
#include <algorithm>

#include "sim/store/execution.h"
#include "sim/store/key.h"

namespace racelab::sql {

// Who has a key of a row, `self` aside: in doubt while another transaction decides about it.
Execution::Taken Execution::look_up(std::uint16_t number, std::size_t index, const Values& row,
                                    std::optional<VersionId> self) {
  const UniqueKey& key = table(number).keys[index];
  const Values wanted = part(row, key.columns);
  if (database_.recorder_ != nullptr) {
    database_.recorder_->touched(session_, number, row);
  }
  Scope scope;
  scope.rows = {&row};
  if (any_null(wanted) || (key.where && !value(*key.where, scope).is_true())) {
    return {};
  }
  spend(database_.relations_[number].versions.size() / 16);
  for (const Version& other : database_.relations_[number].versions) {
    const bool entered = other.entered > index;
    if (other.id == self || !entered || !same_key(part(*other.values, key.columns), wanted)) {
      continue;
    }
    Scope there;
    there.rows = {other.values.get()};
    if (key.where && !value(*key.where, there).is_true()) {
      continue;
    }
    if (relies_on_deletion(other)) {
      return {};
    }
    if (other.ended.committed() || other.ended.session == session_) {
      continue;
    }
    const bool theirs = other.created.in_progress() && other.created.session != session_;
    return {other, &key, theirs || other.ended.in_progress()};
  }
  return {};
}

// The same, when it is not in doubt: until then it waits.
Execution::Taken Execution::taken(std::uint16_t number, std::size_t index, const Values& row,
                                  std::optional<VersionId> self) {
  Taken found = look_up(number, index, row, self);
  if (running() && found.in_doubt) {
    wait_for_key(number, found.by->id);
    return {};
  }
  return found;
}

bool Execution::is_arbiter(const Insert& insert, std::size_t index) {
  return insert.on_conflict != Insert::OnConflict::fail &&
         (!insert.conflict_key || *insert.conflict_key == index);
}

// Before an INSERT with ON CONFLICT writes anything, it looks for what is in the way.
Execution::Taken Execution::arbiter_taken(const Insert& insert, const Values& row) {
  for (std::size_t i = 0; i < table(insert.table).keys.size(); ++i) {
    if (is_arbiter(insert, i)) {
      Taken found = taken(insert.table, i, row, std::nullopt);
      if (found.by || !running()) {
        return found;
      }
    }
  }
  return {};
}

// A SERIALIZABLE transaction that looked for the key first is told that it was too late (40001), not that the key is there (23505).
bool Execution::would_close_circle(std::uint16_t number, const Values& row) {
  if (session().isolation != Isolation::serializable) {
    return false;
  }
  Serializable::Transaction transaction{sight_.snapshot, database_.commits_ + 1, session().reads};
  transaction.did.written.push_back({number, nullptr, std::make_shared<const Values>(row)});
  return !database_.serializable_.allows(transaction);
}

// Enters the keys that a version has not entered yet. False: the statement stops; or, of an INSERT with ON CONFLICT, somebody has
// taken an arbiter's key meanwhile, and the row is taken back, to be tried again.
bool Execution::enter_keys(std::uint16_t number, VersionId id, const Version* before,
                           const Insert* insert) {
  const std::vector<UniqueKey>& keys = table(number).keys;
  while (true) {
    Version& version = *database_.relations_[number].find(id);
    if (version.entered == keys.size()) {
      return true;
    }
    const std::size_t index = version.entered;
    const Row row = version.values;
    const bool tentative = insert != nullptr && is_arbiter(*insert, index);
    const Taken other =
        tentative ? look_up(number, index, *row, id) : taken(number, index, *row, id);
    if (!running()) {
      return false;
    }
    if (other.by && tentative) {
      take_back(number, id);
      return false;
    }
    if (other.by) {
      refuse_key(number, *other.by, *other.key, before == nullptr ? row.get() : nullptr);
      return false;
    }
    ++version.entered;
    if (version.entered == keys.size()) {
      tell_of(number, before, &version);
    }
  }
}

void Execution::refuse_key(std::uint16_t number, const Version& other, const UniqueKey& key,
                           const Values* inserted) {
  if (inserted != nullptr && would_close_circle(number, *inserted)) {
    fail(state::serialization_failure,
         "could not serialize access due to read/write dependencies among transactions");
    return;
  }
  relies_on(number, other);
  if (database_.recorder_ != nullptr) {
    database_.recorder_->read(session_, number, other);
  }
  fail(state::unique_violation,
       "duplicate key value violates unique constraint \"" + key.name + '"');
}

// The row that this statement has written last was never there.
void Execution::take_back(std::uint16_t number, VersionId id) {
  std::vector<Version>& versions = database_.relations_[number].versions;
  versions.erase(std::find_if(versions.begin(), versions.end(),
                              [id](const Version& version) { return version.id == id; }));
  session().units.pop_back();
  --at_;
  written_.pop_back();
}

// At SERIALIZABLE, a key that is taken was read.
void Execution::relies_on(std::uint16_t number, const Version& version) {
  if (session().isolation == Isolation::serializable) {
    Predicate predicate;
    predicate.table = number;
    predicate.exact = version.values;
    session().reads.predicates.push_back(std::move(predicate));
  }
}

// At SERIALIZABLE, what somebody deleted after the snapshot cannot be both there and not.
bool Execution::relies_on_deletion(const Version& version) {
  const bool does = session().isolation == Isolation::serializable && version.ended.committed() &&
                    sight_.shows(version);
  if (does) {
    fail(state::serialization_failure,
         "could not serialize access due to read/write dependencies among transactions");
  }
  return does;
}

}  // namespace racelab::sql
