// What was rolled back is forgotten: no dependency comes of it.
#include "sim/explore/order_notes.h"

#include <algorithm>

namespace racelab {

void OrderNotes::read(sql::SessionId session, std::uint16_t table, const sql::Version& version) {
  add(session, Kind::read, table, version.row);
  dependencies_.read(session, table, version);
}

void OrderNotes::looked_for(sql::SessionId session, std::uint16_t table, const sql::Sight& sight,
                            const sql::Predicate& predicate) {
  add(session, Kind::looked, table, 0);
  dependencies_.looked_for(session, table, sight, predicate);
}

void OrderNotes::wrote(sql::SessionId session, std::uint16_t table, const sql::Version* before,
                       const sql::Version* after) {
  add(session, Kind::wrote, table,
      before != nullptr  ? before->row
      : after != nullptr ? after->row
                         : 0);
  dependencies_.wrote(session, table, before, after);
}

void OrderNotes::ended(sql::SessionId session, std::uint64_t commit) {
  for (const auto& [other, note] : open_) {
    if (other == session && commit != 0) {
      committed_.push_back(note);
    }
  }
  std::erase_if(open_, [session](const auto& it) { return it.first == session; });
  dependencies_.ended(session, commit);
}

void OrderNotes::add(sql::SessionId session, Kind kind, std::uint16_t table, sql::RowId row) {
  open_.emplace_back(session, Note{kind, step_, execution_of_(session).operation, table, row});
}

const OrderNotes::Note* OrderNotes::first(const Note& like) const {
  const Note* best = nullptr;
  for (const Note& note : committed_) {
    if (note.kind == like.kind && note.operation == like.operation && note.table == like.table &&
        note.row == like.row && note.step >= like.step &&
        (best == nullptr || note.step < best->step)) {
      best = &note;
    }
  }
  return best;
}

const OrderNotes::Note* OrderNotes::last_before(const Note& like) const {
  const Note* best = nullptr;
  for (const Note& note : committed_) {
    if (note.kind == like.kind && note.operation == like.operation && note.table == like.table &&
        note.row == like.row && note.step <= like.step &&
        (best == nullptr || note.step > best->step)) {
      best = &note;
    }
  }
  return best;
}

EdgeSteps OrderNotes::steps_of(const DependencyEdge& edge) const {
  using EdgeKind = DependencyEdge::Kind;
  if (edge.kind == EdgeKind::real_time) {
    return {};
  }
  const bool before_wrote = edge.kind == EdgeKind::overwrites || edge.kind == EdgeKind::reads;
  const bool looked = edge.kind == EdgeKind::looked_before;
  Note before{before_wrote ? Kind::wrote
              : looked     ? Kind::looked
                           : Kind::read,
              0, edge.before, edge.table, looked ? 0 : edge.id};
  Note after{edge.kind == EdgeKind::reads ? Kind::read : Kind::wrote, 0, edge.after, edge.table,
             edge.id};
  const Note* earlier = first(before);
  if (earlier == nullptr) {
    return {};
  }
  after.step = earlier->step;
  const Note* later = first(after);
  if (later == nullptr && !before_wrote) {
    later = last_before(after);  // it had been written, and not been committed
  }
  if (later == nullptr) {
    return {};
  }
  if (!before_wrote) {
    return {earlier->step, later->step};
  }
  before.step = later->step;  // of several writes it is the last that was met
  return {last_before(before)->step, later->step};
}

}  // namespace racelab
