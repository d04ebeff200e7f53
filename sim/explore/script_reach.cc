// Compares what was looked for with what was written, row by row.
#include "sim/explore/script_reach.h"

#include <algorithm>
#include <bit>

#include "sim/explore/script_model.h"
#include "sim/store/key.h"

namespace racelab {

namespace {

bool any_drawn(const sql::Values& values) {
  return std::any_of(values.begin(), values.end(),
                     [](const sql::Value& value) { return value.generator != 0; });
}

// Whether two rows stand in each other's way: they share a unique key, or are the same in a table that has none. A number that was
// drawn is nobody else's, whatever it is where each draws alone.
bool share_a_key(const sql::Table& table, const sql::Values& a, const sql::Values& b) {
  return (a == b && !any_drawn(a)) ||
         std::any_of(table.keys.begin(), table.keys.end(), [&](const sql::UniqueKey& key) {
           const sql::Values mine = sql::part(a, key.columns);
           return sql::same_key(mine, sql::part(b, key.columns)) && !any_drawn(mine);
         });
}

}  // namespace

void ScriptReach::add_look(const sql::Predicate& predicate) {
  std::vector<std::uint64_t> words{predicate.table,
                                   std::bit_cast<std::uintptr_t>(predicate.condition)};
  sql::describe(predicate.parameters, words);
  if (known_.insert(std::move(words)).second) {
    looks_.push_back(predicate);
  }
}

void ScriptReach::add_row(std::uint16_t table, const sql::Values& row) {
  std::vector<std::uint64_t> words{UINT64_MAX, table};  // no condition's words begin so
  sql::describe(row, words);
  if (known_.insert(std::move(words)).second) {
    rows_.push_back({table, std::make_shared<const sql::Values>(row)});
  }
}

void ScriptReach::add_key(std::uint16_t table, const std::vector<std::uint16_t>& columns,
                          const sql::Values& key) {
  std::vector<std::uint64_t> words{UINT64_MAX - 1, table};
  words.insert(words.end(), columns.begin(), columns.end());
  sql::describe(key, words);
  if (known_.insert(std::move(words)).second) {
    keys_.push_back({table, columns, key});
  }
}

bool ScriptReach::is_about_a_row_of(const ScriptReach& other) const {
  return std::any_of(other.rows_.begin(), other.rows_.end(), [this](const TouchedRow& it) {
    return std::any_of(looks_.begin(), looks_.end(),
                       [&it](const sql::Predicate& look) {
                         return it.table == look.table && look.meets(it.row);
                       }) ||
           std::any_of(keys_.begin(), keys_.end(), [&it](const KeyLook& look) {
             return it.table == look.table &&
                    sql::same_key(sql::part(*it.row, look.columns), look.key);
           });
  });
}

bool ScriptReach::meets(const ScriptReach& other, const sql::Schema& schema,
                        const std::set<std::int64_t>& unread) const {
  const bool use = std::any_of(uses_.begin(), uses_.end(), [&](const auto& it) {
    const bool shows = it.first != sql::Recorder::Used::generator || unread.count(it.second) == 0;
    return shows && other.uses_.count(it) > 0;
  });
  if (use || is_about_a_row_of(other) || other.is_about_a_row_of(*this)) {
    return true;
  }
  return std::any_of(rows_.begin(), rows_.end(), [&](const TouchedRow& mine) {
    return std::any_of(other.rows_.begin(), other.rows_.end(), [&](const TouchedRow& theirs) {
      return mine.table == theirs.table &&
             share_a_key(schema.tables[mine.table], *mine.row, *theirs.row);
    });
  });
}

void ReachRecorder::looked_for(sql::SessionId session, std::uint16_t /*table*/,
                               const sql::Sight& /*sight*/, const sql::Predicate& predicate) {
  reach_[ScriptModel::client_of(session)].add_look(predicate);
}

void ReachRecorder::wrote(sql::SessionId session, std::uint16_t table, const sql::Version* before,
                          const sql::Version* after) {
  for (const sql::Version* version : {before, after}) {
    if (version != nullptr) {
      touched(session, table, *version->values);
    }
  }
}

void ReachRecorder::touched(sql::SessionId session, std::uint16_t table, const sql::Values& row) {
  reach_[ScriptModel::client_of(session)].add_row(table, row);
}

void ReachRecorder::looked_for_key(sql::SessionId session, std::uint16_t table,
                                   const std::vector<std::uint16_t>& columns,
                                   const sql::Values& key) {
  reach_[ScriptModel::client_of(session)].add_key(table, columns, key);
}

void ReachRecorder::used(sql::SessionId session, Used what, std::int64_t number) {
  reach_[ScriptModel::client_of(session)].add_use(what, number);
}

}  // namespace racelab
