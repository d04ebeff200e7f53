// At which step of an order a dependency came about: what a recorder hears, with the number of the step.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/check/dependencies.h"

namespace racelab {

/// The steps at which two operations touched what one of them had to come before the other for; 0: not known.
struct EdgeSteps {
  std::size_t before = 0;  // counted from 1
  std::size_t after = 0;
};

/// Tells another recorder everything, and keeps when the transactions that were committed did what.
class OrderNotes final : public sql::Recorder {
 public:
  /// `dependencies` must outlive this.
  OrderNotes(Dependencies& dependencies,
             std::function<Dependencies::Execution(sql::SessionId)> execution_of)
      : dependencies_(dependencies), execution_of_(std::move(execution_of)) {}

  void at_step(std::size_t step) { step_ = step; }

  void read(sql::SessionId session, std::uint16_t table, const sql::Version& version) override;
  void looked_for(sql::SessionId session, std::uint16_t table, const sql::Sight& sight,
                  const sql::Predicate& predicate) override;
  void wrote(sql::SessionId session, std::uint16_t table, const sql::Version* before,
             const sql::Version* after) override;
  void ended(sql::SessionId session, std::uint64_t commit) override;

  [[nodiscard]] EdgeSteps steps_of(const DependencyEdge& edge) const;

 private:
  enum class Kind : std::uint8_t { read, looked, wrote };
  struct Note {
    Kind kind = Kind::read;
    std::size_t step = 0;
    std::size_t operation = 0;
    std::uint16_t table = 0;
    sql::RowId row = 0;  // 0: a look for whatever rows
  };

  void add(sql::SessionId session, Kind kind, std::uint16_t table, sql::RowId row);
  /// The first such note at a step or after it, or the last before it; nullptr: there is none.
  [[nodiscard]] const Note* first(const Note& like) const;
  [[nodiscard]] const Note* last_before(const Note& like) const;

  Dependencies& dependencies_;
  std::function<Dependencies::Execution(sql::SessionId)> execution_of_;
  std::size_t step_ = 0;
  std::vector<std::pair<sql::SessionId, Note>> open_;
  std::vector<Note> committed_;
};

}  // namespace racelab
