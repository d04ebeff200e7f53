// One execution of strategies in C++, taken step by step by whoever asks: what stands now, what is possible next, and where that
// leads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/schedule.h"
#include "sim/explore/step_walk.h"
#include "sim/scenario/registry.h"
#include "sim/scenario/settings.h"

namespace racelab {

/// Everything between two steps that a scheduler may want to know, as data.
struct Standing {
  /// A live handler, or a request under way: Model::View with the place that a letter names.
  struct Handler : Model::View {
    std::uint32_t ordinal = 0;           // as in Move
    std::optional<std::size_t> blocker;  // waits: into `handlers`
  };
  struct Row {
    RowKey key;
    std::optional<std::int64_t> committed;  // its value; nothing: there is no such row yet
    std::uint32_t version = 0;
    std::optional<std::int64_t> in_flight;  // what the holder of the lock has written
    std::optional<std::size_t> holder;      // into `handlers`, as are the waiting ones
    std::vector<std::size_t> queue;         // first come, first served
  };
  /// An operation's client: what it was told; nothing: not yet.
  using Told = std::optional<racelab::Told>;

  std::vector<Handler> handlers;        // client by client, oldest first
  std::vector<Row> rows;                // those that are there, or that somebody holds or waits for
  std::vector<std::vector<Told>> told;  // by client and operation
  std::vector<Move> next;  // every step that is possible; none: the execution has ended
};

class Stepper {
 public:
  /// The experiment must be one that can be explored (problem_with_exploring says so). Looks ahead through at most so many
  /// states. `issued`: operations of each client; empty: all.
  Stepper(const Settings& settings, const Fleet& fleet, std::uint64_t states_max = 500'000,
          const std::vector<std::uint32_t>& issued = {});

  [[nodiscard]] const Standing& standing() const { return standing_; }
  /// The steps that were taken and not undone.
  [[nodiscard]] const std::vector<Move>& moves() const { return walk_.moves(); }
  [[nodiscard]] bool ended() const { return walk_.ended(); }
  /// Expects that the execution has ended.
  [[nodiscard]] Outcome outcome() const { return model_.outcome(); }

  /// As those of StepWalk.
  bool take(std::string_view letter) { return looked(walk_.take(letter)); }
  bool undo() { return looked(walk_.undo()); }
  bool redo() { return looked(walk_.redo()); }
  using Place = StepWalk<Model>::Place;
  [[nodiscard]] Place place() const { return walk_.place(); }
  void go_to(const Place& place) {
    walk_.go_to(place);
    look();
  }
  const Outlook* outlook() { return walk_.outlook(); }
  std::optional<ListedOrders<Model>> orders(std::size_t orders_max) {
    return walk_.orders(orders_max);
  }

 private:
  bool looked(bool moved) {
    if (moved) {
      look();
    }
    return moved;
  }
  void look();
  void look_at_rows();

  Setup setup_;
  Model model_;
  StepWalk<Model> walk_;
  Standing standing_;
};

}  // namespace racelab
