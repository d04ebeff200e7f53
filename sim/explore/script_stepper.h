// One execution of endpoints in SQL, taken step by step by whoever asks: what stands now, what is possible next, and where that
// leads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/script_order.h"
#include "sim/explore/step_walk.h"

namespace racelab {

/// Everything between two steps that a scheduler may want to know, as data.
struct ScriptStanding {
  /// A live handler, a dead one whose session is still open, or a request under way.
  struct Handler {
    ScriptWho who;
    std::uint32_t ordinal = 0;  // as in MoveOf
    bool dead = false;
    bool slow = false;
    bool waits = false;
    std::vector<ScriptWho> blockers = {};  // waits: for whom
    std::string statement =
        {};  // that it sends next or waits with; empty: none, only its reply is left
    std::uint32_t line = 0;  // its line in the script; 0: none
  };
  /// Rows of a table, and what is not committed of it.
  struct Table {
    std::string name;
    std::vector<sql::Values> rows;  // committed
    bool as_at_the_start = false;
    struct Change {
      ScriptWho who;
      sql::Row before;  // nothing: the row is new
      sql::Row after;   // nothing: it is deleted
    };
    std::vector<Change> changes;
  };
  /// Something that is locked, or waited for.
  struct Lock {
    std::string what;  // "item (1, 1)", "advisory lock 7"
    std::vector<ScriptWho> holders;
    std::vector<ScriptWho> waiters;
    bool open = false;  // whoever of them comes first goes on
  };
  /// A step that is possible; where the store is free, who goes on in it.
  struct Next {
    ScriptMove move;
    std::vector<ScriptWho> go_on;
  };

  std::vector<Handler> handlers;  // by client, oldest first
  std::vector<Table> tables;
  std::vector<Lock> locks;
  std::vector<ScriptOperation> operations;
  std::vector<std::vector<ScriptModel::Happened>> happened;  // by step
  std::vector<Next> next;  // every step that is possible; none: the execution has ended
};

class ScriptStepper {
 public:
  /// Of a setup that can be explored, and must outlive this. Looks ahead through at most so many states. `issued`: operations of
  /// each client; empty: all.
  explicit ScriptStepper(const ScriptSetup& setup, std::uint64_t states_max = 200'000,
                         const std::vector<std::uint32_t>& issued = {});

  [[nodiscard]] const ScriptStanding& standing() const { return standing_; }
  [[nodiscard]] const std::vector<ScriptMove>& moves() const { return walk_.moves(); }
  [[nodiscard]] bool ended() const { return walk_.ended(); }
  /// As that of StepWalk.
  std::optional<ListedOrders<ScriptModel>> orders(std::size_t orders_max) {
    return walk_.orders(orders_max);
  }
  /// Of an execution that has ended.
  [[nodiscard]] ScriptOrder order();

  /// As those of StepWalk.
  bool take(std::string_view letter) { return looked(walk_.take(letter)); }
  bool undo() { return looked(walk_.undo()); }
  bool redo() { return looked(walk_.redo()); }
  using Place = StepWalk<ScriptModel>::Place;
  [[nodiscard]] Place place() const { return walk_.place(); }
  void go_to(const Place& place) {
    walk_.go_to(place);
    look();
  }
  const Outlook* outlook() { return walk_.outlook(); }

 private:
  bool looked(bool moved) {
    if (moved) {
      look();
    }
    return moved;
  }
  void look();
  void look_at_handlers(const ScriptModel& model);
  void look_at_tables(const ScriptModel& model);
  void look_ahead_one_step(ScriptModel& model);

  const ScriptSetup& setup_;
  std::vector<std::uint32_t> issued_;
  OneAtATime rule_;
  ScriptModel model_;
  StepWalk<ScriptModel> walk_;
  ScriptStanding standing_;
};

}  // namespace racelab
