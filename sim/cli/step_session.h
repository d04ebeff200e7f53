// The conversation of `step`, whatever is stepped through. A line is done whole or not at all, so that a slip of the finger changes
// nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/cli.h"
#include "sim/report/page.h"
#include "sim/report/text_layout.h"

namespace racelab {

/// An execution that can be stepped through, with the pages that show it.
class SteppedWorld {
 public:
  virtual ~SteppedWorld() = default;

  /// Takes the step of a letter with its marks; false: it is not possible, and nothing has changed.
  virtual bool take(const std::string& letter) = 0;
  virtual bool undo() = 0;
  virtual bool redo() = 0;
  /// Remembers where it stands; goes back there.
  virtual void mark() = 0;
  virtual void back_to_mark() = 0;

  /// Whether a character begins a letter: A to Z, or more.
  [[nodiscard]] virtual bool begins_letter(char c) const { return c >= 'A' && c <= 'Z'; }
  [[nodiscard]] virtual std::size_t clients() const = 0;
  /// Whether it has ended, and with a violation.
  [[nodiscard]] virtual bool violated() const = 0;

  [[nodiscard]] virtual Page greeting() = 0;
  [[nodiscard]] virtual Page screen() = 0;
  [[nodiscard]] virtual Page odds() = 0;
  [[nodiscard]] virtual Page hint() = 0;
  /// Why a letter cannot be played: a sentence without a full stop.
  [[nodiscard]] virtual std::string refusal(const std::string& letter) = 0;
  /// Everything that can be typed.
  [[nodiscard]] virtual std::string help() const = 0;
  /// Where it stands, as JSON; with at most so many of the orders that begin so, none when 0.
  [[nodiscard]] virtual std::string json(std::size_t orders_max) = 0;
};

/// "ABr" is "A" and "Br".
std::vector<std::string> letters_of(const SteppedWorld& world, const std::string& word);

/// Goes to where a word leads from the start. False: a letter of it is not possible there, and nothing has changed; `refusal` says
/// why.
bool go_to(SteppedWorld& world, const std::string& word, std::string& refusal);

/// The world that `racelab step` steps through, given what follows its name, after the steps of its --order. Throws UsageError or
/// parse::Problem.
std::unique_ptr<SteppedWorld> open_world(const std::vector<std::string>& rest);

/// Greets, then answers line by line until there is none any more, or somebody quits.
CommandResult converse(SteppedWorld& world, const TextStyle& style,
                       const Conversation& conversation);

}  // namespace racelab
