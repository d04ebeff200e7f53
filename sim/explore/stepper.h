// One execution, taken step by step by whoever asks: what stands now, what is possible next, and where that leads. Every
// step can be undone, because the model keeps a copy of each point on the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/graph.h"
#include "sim/explore/schedule.h"
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

/// What may still come.
struct Outlook {
  static constexpr std::uint32_t never = UINT32_MAX;
  struct Way {
    double chance = 0;  // of a violation, when every next step is as likely as the others;
                        // exactly 1: doomed
    std::uint32_t steps = never;  // to the nearest end that violates
  };
  Way here;
  std::vector<Way> next;  // after each of Standing::next
};

class Stepper {
 public:
  /// The experiment must be one that can be explored (problem_with_exploring says so). Looks ahead through at most so many
  /// states.
  Stepper(const Settings& settings, const Fleet& fleet, std::uint64_t states_max = 500'000);

  [[nodiscard]] const Standing& standing() const { return standing_; }
  /// The steps that were taken and not undone.
  [[nodiscard]] const std::vector<Move>& moves() const { return walker_.moves(); }
  [[nodiscard]] bool ended() const { return standing_.next.empty(); }
  /// Expects that the execution has ended.
  [[nodiscard]] Outcome outcome() const { return model_.outcome(); }

  /// Takes the step that a letter with its marks names ("A", "A2", "A'", "Ar"). False: it is not possible here, or would be one
  /// execution too many to keep account of; nothing has changed.
  bool take(std::string_view letter);
  /// One step back; false at the start.
  bool undo();
  /// Takes the step that was undone last; false when there is none.
  bool redo();

  /// Where this stands, with what could be redone: to come back to.
  struct Place {
    std::vector<Move> way;
    std::size_t taken = 0;
  };
  [[nodiscard]] Place place() const { return {way_, moves().size()}; }
  void go_to(const Place& place);

  /// What may still come; nullptr when that is too large to know.
  const Outlook* outlook();

 private:
  void go(const Move& move);
  void look();
  void look_at_rows();

  Setup setup_;
  Model model_;
  Walker walker_;
  std::uint64_t states_max_;
  std::vector<Move> way_;  // the steps taken, then those that can be redone
  Standing standing_;
  std::optional<Outlook> outlook_;  // of this point, when it was asked for
  bool looked_ahead_ = false;
};

/// A letter with its marks as it stands in a word: "A'" is "A2", "A1" is "A".
std::string plain_letter(std::string_view letter);

}  // namespace racelab
