// REFERENCES: looked at when the statement's rows are all written.
#include <algorithm>

#include "sim/store/execution.h"
#include "sim/store/key.h"

namespace racelab::sql {

namespace {

std::string list_of(const Table& table, const std::vector<std::uint16_t>& columns) {
  std::string names;
  for (const std::uint16_t column : columns) {
    names += (names.empty() ? "" : ", ") + table.columns[column].name;
  }
  return names;
}

}  // namespace

void Execution::finish_writes() {
  finishing_ = true;
  for (std::size_t i = 0; i < written_.size() && running();
       ++i) {  // rows that cascades write join the queue
    const Written it = written_[i];
    if (it.before) {
      check_referring(it.table, *it.before, it.after.get());
    }
    if (it.after && running()) {
      check_references(it.table, *it.after, it.before.get());
    }
  }
}

void Execution::check_references(std::uint16_t number, const Values& row, const Values* before) {
  for (const Reference& reference : table(number).references) {
    const Values wanted = part(row, reference.columns);
    if (any_null(wanted) ||
        (before != nullptr && same_key(part(*before, reference.columns), wanted))) {
      continue;
    }
    if (database_.recorder_ != nullptr) {
      database_.recorder_->looked_for_key(session_, reference.table, reference.to, wanted);
    }
    std::optional<Version> parent;
    const bool latest = session().isolation == Isolation::read_committed;
    const auto happened =
        [&](const Mark& mark) {  // else the snapshot decides which parents there are
          return mark.session == session_ ||
                 (mark.committed() && (latest || mark.commit <= sight_.snapshot));
        };
    if (const Unit* unit = recall()) {  // the one that was waited for
      const Version* version = database_.relations_[reference.table].find(unit->version);
      parent = version != nullptr ? std::optional(*version) : std::nullopt;
    } else {
      for (const Version& version : database_.relations_[reference.table].versions) {
        const bool there = happened(version.created);
        const bool gone = happened(version.ended);
        if (there && !gone && same_key(part(*version.values, reference.to), wanted)) {
          parent = version;
        }
      }
      remember({Unit::Kind::nothing, parent ? parent->id : 0});
    }
    const auto still = [&](const Values& now) { return same_key(part(now, reference.to), wanted); };
    const bool found =
        parent && lock(reference.table, *parent, LockMode::key_share, IfLocked::wait, still).kind ==
                      Unit::Kind::locked;
    if (running() && !found) {
      fail(state::foreign_key_violation, "insert or update on table \"" + table(number).name +
                                             "\" violates foreign key constraint \"" +
                                             reference.name + '"');
    }
    if (!running()) {
      return;
    }
  }
}

// A row that refers to a key of another is looked at as it stands now, whatever the snapshot; one that somebody deletes may be gone
// in the end.
void Execution::check_referring(std::uint16_t number, const Values& before, const Values* after) {
  for (std::uint16_t child = 0; child < database_.schema_->table_count(); ++child) {
    for (const Reference& reference : table(child).references) {
      const Values key = part(before, reference.to);
      if (reference.table != number || any_null(key) ||
          (after != nullptr && same_key(part(*after, reference.to), key))) {
        continue;
      }
      if (database_.recorder_ != nullptr) {
        database_.recorder_->looked_for_key(session_, child, reference.columns, key);
      }
      const OnChange action = after != nullptr ? reference.on_update : reference.on_delete;
      if (action == OnChange::no_action && taken_over(reference, key)) {
        continue;
      }
      const auto refers = [&](const Values& row) {
        return same_key(part(row, reference.columns), key);
      };
      while (const std::optional<Version> row = referring(child, refers)) {
        if (action == OnChange::cascades || action == OnChange::sets_null) {
          cascade(child, reference, *row, action == OnChange::cascades ? after : nullptr,
                  action == OnChange::cascades && after == nullptr);
        } else {
          const Locked locked = lock(child, *row, LockMode::key_share, IfLocked::wait, refers);
          if (running() && locked.kind == Unit::Kind::locked) {
            fail(state::foreign_key_violation,
                 "update or delete on table \"" + table(number).name +
                     "\" violates foreign key constraint \"" + reference.name + "\" on table \"" +
                     table(child).name + "\": key (" + list_of(table(number), reference.to) +
                     ") is still referenced");
          }
        }
        if (!running()) {
          return;
        }
      }
      if (!running()) {
        return;
      }
    }
  }
}

// A row whose parent's key is gone goes with it, or refers to the parent's new key, or to nothing. (Two arguments that say so: the
// parent as it is now, nullptr: to nothing; and whether the row goes.)
void Execution::cascade(std::uint16_t child, const Reference& reference, const Version& row,
                        const Values* parent, bool goes) {
  if (session().isolation != Isolation::read_committed && row.created.committed() &&
      row.created.commit > sight_.snapshot && at_ == session().units.size()) {
    fail(state::serialization_failure, "could not serialize access due to concurrent update");
    return;
  }
  const Values key = part(*row.values, reference.columns);
  const auto refers = [&](const Values& now) {
    return same_key(part(now, reference.columns), key);
  };
  if (goes) {
    const Locked locked = lock(child, row, LockMode::update, IfLocked::wait, refers);
    if (running() && locked.kind == Unit::Kind::locked) {
      write(child, &*locked.version, nullptr, false);
    }
    return;
  }
  std::vector<Assignment> set;
  for (std::size_t i = 0; i < reference.columns.size(); ++i) {
    Assignment& one = set.emplace_back();
    one.column = reference.columns[i];
    one.expression.constant = parent != nullptr ? (*parent)[reference.to[i]] : Value::null();
  }
  Scope beside;
  beside.rows = {nullptr};
  change({child, set, refers, std::move(beside)}, row);
}

// Whether another row has the key now: only this transaction can have written it, since the old row was in everyone else's way.
bool Execution::taken_over(const Reference& reference, const Values& key) const {
  const std::vector<Version>& versions = database_.relations_[reference.table].versions;
  return std::any_of(versions.begin(), versions.end(), [&](const Version& version) {
    return version.created.session == session_ && !version.ended.any() &&
           same_key(part(*version.values, reference.to), key);
  });
}

// The next row that refers; the one that was waited for comes again.
std::optional<Version> Execution::referring(std::uint16_t child, const Fits& refers) {
  const Relation& relation = database_.relations_[child];
  if (const Unit* unit = recall()) {
    const Version* version = relation.find(unit->version);
    return version != nullptr ? std::optional(*version) : std::nullopt;
  }
  std::optional<Version> found;
  for (const Version& version : relation.versions) {
    const bool there = version.created.committed() || version.created.session == session_;
    const bool gone = version.ended.committed() || version.ended.session == session_;
    if (refers(*version.values) && relies_on_deletion(version)) {
      return std::nullopt;
    }
    if (!found && there && !gone && refers(*version.values)) {
      found = version;
    }
  }
  remember({Unit::Kind::nothing, found ? found->id : 0});
  return found;
}

}  // namespace racelab::sql
