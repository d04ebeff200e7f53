// Rows that differ in more than names are told apart first: what is left to be tried is small.
#include "sim/explore/same_outcome.h"

#include <algorithm>

namespace racelab {

namespace {

using sql::Value;
using sql::Values;

// Rows that are looked at before it is given up: only where many rows differ in nothing but names.
constexpr std::uint64_t looks_max = 1'000'000;

bool is_time(const Value& value) { return value.type == sql::Type::timestamptz; }

// What of a row must be the same, whatever things are called.
std::vector<std::uint64_t> apart_from_names(const Values& row, std::int64_t clock_tolerance) {
  std::vector<std::uint64_t> words;
  for (const Value& value : row) {
    const bool is_name = !value.is_null && value.generator != 0;
    if (is_name || (!value.is_null && is_time(value) && clock_tolerance > 0)) {
      words.push_back(UINT64_MAX - value.generator);
    } else {
      sql::describe(value, words);
    }
  }
  return words;
}

std::vector<std::vector<std::uint64_t>> apart_from_names(const std::vector<Values>& rows,
                                                         std::int64_t clock_tolerance) {
  std::vector<std::vector<std::uint64_t>> all;
  all.reserve(rows.size());
  for (const Values& row : rows) {
    all.push_back(apart_from_names(row, clock_tolerance));
  }
  std::sort(all.begin(), all.end());
  return all;
}

// Looks for a partner of each row, one after the other, and goes back where there is none.
class Matching {
 public:
  Matching(const std::vector<std::vector<Values>>& execution,
           const std::vector<std::vector<Values>>& sequence, Renaming& renaming)
      : execution_(execution), sequence_(sequence), renaming_(renaming) {
    for (std::size_t table = 0; table < execution.size(); ++table) {
      used_.emplace_back(sequence[table].size());
      for (std::size_t row = 0; row < execution[table].size(); ++row) {
        places_.push_back({.table = table, .row = row});
      }
    }
  }

  bool run() {
    std::size_t at = 0;
    while (at < places_.size()) {
      if (find_partner(places_[at])) {
        ++at;
        if (at < places_.size()) {
          places_[at].tried = 0;
        }
      } else if (at == 0 || looks_ > looks_max) {
        return false;
      } else {
        go_back_to(places_[--at]);
      }
    }
    return true;
  }

 private:
  struct Place {
    std::size_t table = 0;
    std::size_t row = 0;
    std::size_t tried = 0;    // so many of the other rows
    std::size_t partner = 0;  // that was found
    std::size_t pairs = 0;    // of names, before that
  };

  // The one in the same place is tried first: mostly it is that.
  [[nodiscard]] std::size_t candidate(const Place& place) const {
    return (place.row + place.tried) % sequence_[place.table].size();
  }

  bool find_partner(Place& place) {
    const std::vector<Values>& others = sequence_[place.table];
    place.pairs = renaming_.pairs();
    for (; place.tried < others.size() && ++looks_ <= looks_max; ++place.tried) {
      const std::size_t other = candidate(place);
      if (used_[place.table][other]) {
        continue;
      }
      if (renaming_.match(execution_[place.table][place.row], others[other])) {
        used_[place.table][other] = true;
        place.partner = other;
        return true;
      }
      renaming_.undo(place.pairs);
    }
    return false;
  }

  void go_back_to(Place& place) {
    const std::vector<Values>& others = sequence_[place.table];
    renaming_.undo(place.pairs);
    used_[place.table][place.partner] = false;
    // Another row that is the same word for word leads to the same.
    do {
      ++place.tried;
    } while (place.tried < others.size() && others[candidate(place)] == others[place.partner]);
  }

  const std::vector<std::vector<Values>>& execution_;
  const std::vector<std::vector<Values>>& sequence_;
  Renaming& renaming_;
  std::vector<Place> places_;
  std::vector<std::vector<bool>> used_;  // by table and row of the sequence
  std::uint64_t looks_ = 0;
};

}  // namespace

bool Renaming::match(const Value& in_execution, const Value& in_sequence) {
  if (in_execution.is_null || in_sequence.is_null || in_execution.generator == 0 ||
      in_execution.generator != in_sequence.generator) {
    if (clock_tolerance_ > 0 && is_time(in_execution) && is_time(in_sequence) &&
        !in_execution.is_null && !in_sequence.is_null) {
      const std::int64_t apart = in_execution.number - in_sequence.number;
      return apart <= clock_tolerance_ && -apart <= clock_tolerance_;
    }
    return in_execution == in_sequence;
  }
  const auto forth = to_sequence_.find(name_of(in_execution));
  const auto back = to_execution_.find(name_of(in_sequence));
  if (forth != to_sequence_.end() || back != to_execution_.end()) {
    return forth != to_sequence_.end() && back != to_execution_.end() &&
           forth->second == in_sequence && back->second == in_execution;
  }
  to_sequence_.emplace(name_of(in_execution), in_sequence);
  to_execution_.emplace(name_of(in_sequence), in_execution);
  learned_.emplace_back(in_execution, in_sequence);
  return true;
}

bool Renaming::match(const Values& in_execution, const Values& in_sequence) {
  return std::equal(in_execution.begin(), in_execution.end(), in_sequence.begin(),
                    in_sequence.end(),
                    [this](const Value& a, const Value& b) { return match(a, b); });
}

void Renaming::undo(std::size_t pairs) {
  while (learned_.size() > pairs) {
    to_sequence_.erase(name_of(learned_.back().first));
    to_execution_.erase(name_of(learned_.back().second));
    learned_.pop_back();
  }
}

void Renaming::describe(std::vector<std::uint64_t>& words) const {
  words.push_back(learned_.size());
  for (const auto& [in_execution, in_sequence] : learned_) {
    sql::describe(in_execution, words);
    sql::describe(in_sequence, words);
  }
}

Value Renaming::in_sequence(const Value& value) const {
  const auto found = value.generator == 0 ? to_sequence_.end() : to_sequence_.find(name_of(value));
  if (found == to_sequence_.end()) {
    return value;
  }
  Value renamed = found->second;
  renamed.type = value.type;
  return renamed;
}

bool same_contents(const std::vector<std::vector<Values>>& execution,
                   const std::vector<std::vector<Values>>& sequence, Renaming renaming) {
  for (std::size_t table = 0; table < execution.size(); ++table) {
    if (execution[table].size() != sequence[table].size() ||
        apart_from_names(execution[table], renaming.clock_tolerance()) !=
            apart_from_names(sequence[table], renaming.clock_tolerance())) {
      return false;
    }
  }
  return Matching(execution, sequence, renaming).run();
}

bool same_reply(const ScriptReply& in_execution, const ScriptReply& in_sequence,
                const Script& script, Renaming& renaming) {
  if (in_execution.status != in_sequence.status ||
      !renaming.match(in_execution.values, in_sequence.values)) {
    return false;
  }
  for (std::size_t i = 0; i < in_execution.rows.size(); ++i) {
    const bool ordered = std::any_of(
        script.instructions.begin(), script.instructions.end(),
        [i](const Instruction& it) { return it.rows && *it.rows == i && it.rows_ordered; });
    const std::vector<std::vector<Values>> rows{in_execution.rows[i]};
    const std::vector<std::vector<Values>> others{in_sequence.rows[i]};
    if (rows.front().size() != others.front().size()) {
      return false;
    }
    if (!ordered) {
      if (!Matching(rows, others, renaming).run()) {
        return false;
      }
      continue;
    }
    for (std::size_t row = 0; row < rows.front().size(); ++row) {
      if (!renaming.match(rows.front()[row], others.front()[row])) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace racelab
