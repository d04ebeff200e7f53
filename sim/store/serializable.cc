// Dependencies between SERIALIZABLE transactions, and who may be committed.
#include "sim/store/serializable.h"

#include <algorithm>

namespace racelab::sql {

namespace {

// A condition about one row asks for nothing else.
class OfOneRow final : public Evaluation {
 public:
  using Evaluation::Evaluation;

 protected:
  std::vector<Values> rows_of(const Select& /*select*/, const Scope& /*scope*/) override {
    return {};
  }
  Value call(const Expression& expression, const Values& /*arguments*/) override {
    return Value::null(expression.type);
  }
};

bool depends(const Serializable::Transaction& before, const Serializable::Transaction& after) {
  if (before.commit <= after.snapshot) {
    return true;
  }
  if (after.commit <= before.snapshot) {
    return false;
  }
  for (const Predicate& predicate : before.did.predicates) {
    for (const WrittenRow& row : after.did.written) {
      if (row.table == predicate.table && ((row.before && predicate.meets(row.before)) ||
                                           (row.after && predicate.meets(row.after)))) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

bool Predicate::meets(const Row& row) const {
  if (exact) {
    return *row == *exact;
  }
  OfOneRow evaluation(parameters);
  Scope scope;
  scope.rows = {row.get()};
  if (order != nullptr) {
    Values place;
    for (const Ordering& by : *order) {
      place.push_back(evaluation.value(by.expression, scope));
    }
    if (comes_before(last, place, *order)) {
      return false;
    }
  }
  const bool met = condition == nullptr || evaluation.value(*condition, scope).is_true();
  return met || !evaluation.running();  // an error: as if it were met
}

bool Serializable::allows(const Transaction& transaction) const {
  // Whoever depends on the transaction, directly or not: nobody may also come before it.
  std::vector<bool> reached(committed_.size());
  std::vector<const Transaction*> open{&transaction};
  while (!open.empty()) {
    const Transaction* from = open.back();
    open.pop_back();
    for (std::size_t i = 0; i < committed_.size(); ++i) {
      if (!reached[i] && &committed_[i] != from && depends(*from, committed_[i])) {
        if (depends(committed_[i], transaction)) {
          return false;
        }
        reached[i] = true;
        open.push_back(&committed_[i]);
      }
    }
  }
  return true;
}

void Serializable::forget(std::uint64_t oldest_snapshot) {
  if (oldest_snapshot == UINT64_MAX) {
    committed_.clear();
    return;
  }
  // Whoever was concurrent with one that is kept is kept, too.
  std::uint64_t oldest = oldest_snapshot;
  for (bool again = true; again;) {
    again = false;
    for (const Transaction& it : committed_) {
      if (it.commit > oldest && it.snapshot < oldest) {
        oldest = it.snapshot;
        again = true;
      }
    }
  }
  committed_.erase(std::remove_if(committed_.begin(), committed_.end(),
                                  [oldest](const Transaction& it) { return it.commit <= oldest; }),
                   committed_.end());
}

void describe(const TransactionReads& did, std::vector<std::uint64_t>& words) {
  words.push_back((std::uint64_t{did.predicates.size()} << 32U) | did.written.size());
  for (const Predicate& predicate : did.predicates) {
    words.push_back((reinterpret_cast<std::uintptr_t>(predicate.condition) << 4U) ^
                    predicate.table);
    describe(predicate.parameters, words);
    describe(predicate.last, words);
    if (predicate.exact) {
      describe(*predicate.exact, words);
    }
  }
  for (const WrittenRow& row : did.written) {
    words.push_back((std::uint64_t{row.table} << 2U) | (row.before ? 2U : 0U) |
                    (row.after ? 1U : 0U));
    for (const Row& values : {row.before, row.after}) {
      if (values) {
        describe(*values, words);
      }
    }
  }
}

void Serializable::describe(const std::vector<std::uint64_t>& snapshots,
                            std::vector<std::uint64_t>& words) const {
  // Of two that are kept: who was committed before the other's snapshot; and the same of those still open.
  words.push_back(committed_.size());
  for (const Transaction& it : committed_) {
    sql::describe(it.did, words);
    std::uint64_t before = 0;
    std::uint64_t bit = 1;
    for (const Transaction& other : committed_) {
      before |= other.commit <= it.snapshot ? bit : 0;
      bit <<= 1U;
    }
    for (const std::uint64_t snapshot : snapshots) {
      before |= it.commit <= snapshot ? bit : 0;
      bit <<= 1U;
    }
    words.push_back(before);
  }
}

}  // namespace racelab::sql
