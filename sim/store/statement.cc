// One factory per form of statement, so that no field is set by hand elsewhere.
#include "sim/store/statement.h"

namespace racelab {

Statement Statement::begin(Isolation isolation) {
  Statement statement;
  statement.verb = Verb::begin;
  statement.isolation = isolation;
  return statement;
}

Statement Statement::select(const RowKeys& keys, Locking locking) {
  Statement statement;
  statement.verb = Verb::select;
  statement.keys = keys;
  statement.locking = locking;
  return statement;
}

Statement Statement::scan(const Where& where) {
  Statement statement;
  statement.verb = Verb::scan;
  statement.where = where;
  return statement;
}

Statement Statement::update(const Write& write, const Where& where) {
  Statement statement;
  statement.verb = Verb::update_set;
  statement.keys.push_back(write.key);
  statement.value = write.value;
  statement.computed_from = write.computed_from;
  statement.where = where;
  return statement;
}

Statement Statement::update(const InPlace& change) {
  Statement statement;
  statement.verb = Verb::update_add;
  statement.keys.push_back(change.key);
  statement.value = change.amount;
  statement.where = change.where;
  return statement;
}

Statement Statement::insert(RowKey key, std::int64_t value, std::int64_t note) {
  Statement statement;
  statement.verb = Verb::insert;
  statement.keys.push_back(key);
  statement.value = value;
  statement.note = note;
  return statement;
}

Statement Statement::insert_if_absent(RowKey key, std::int64_t value, std::int64_t note) {
  Statement statement = insert(key, value, note);
  statement.on_conflict_do_nothing = true;
  return statement;
}

Statement Statement::ending(Verb verb) {
  Statement statement;
  statement.verb = verb;
  return statement;
}

}  // namespace racelab
