// Two executions of one order, in whatever world: side by side, and what became of its letters and faults in the second.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/explore/same_order.h"
#include "sim/report/page.h"
#include "sim/report/words.h"
#include "sim/scenario/registry.h"

namespace racelab {

/// What stands beside each other: of every step of the order, and of what ran here, its words; whose the order's steps are.
struct BothOrders {
  std::string left;   // the order's strategy
  std::string right;  // this one
  std::vector<std::string> left_cells;
  std::vector<std::string> left_tasks;  // "A", "A'"
  std::vector<std::string> right_cells;
};

/// Both, letter by letter.
template <class World>
SideBySide side_by_side(const BothOrders& both, const SameOrderOf<World>& same) {
  SideBySide drawn{both.left, both.right, {}};
  std::size_t next = 0;  // of the letters
  const auto left_alone_until = [&](std::size_t letter) {
    for (; next < letter; ++next) {
      const auto is_in = [&next](const std::vector<std::size_t>& places) {
        return std::find(places.begin(), places.end(), next) != places.end();
      };
      const std::string& task = both.left_tasks[next];
      drawn.rows.push_back({std::to_string(next + 1), both.left_cells[next],
                            is_in(same.held)      ? task + "  held: it is blocked"
                            : is_in(same.dropped) ? task + "  dropped: it is done"
                                                  : "",
                            true});
    }
  };
  for (std::size_t i = 0; i < both.right_cells.size(); ++i) {
    const std::optional<std::size_t> letter = same.letters[i];
    if (letter && *letter >= next) {
      left_alone_until(*letter);
      drawn.rows.push_back({std::to_string(next + 1), both.left_cells[next], both.right_cells[i],
                            both.left_cells[next] != both.right_cells[i]});
      ++next;
    } else {
      // A held letter that can run now, or what is left after the word.
      drawn.rows.push_back({"", letter ? fmt::format("({}, held until now)", *letter + 1) : "",
                            both.right_cells[i], true});
    }
  }
  left_alone_until(both.left_cells.size());
  return drawn;
}

/// What became of the letters and faults, sentence by sentence; empty when all is as it was. `tasks`: whose each letter was.
template <class World>
std::vector<std::string> changes_text(const SameOrderOf<World>& same,
                                      const std::vector<std::string>& tasks) {
  std::vector<std::string> sentences;
  const auto letters_text = [&tasks](const std::vector<std::size_t>& places) {
    std::string text;
    for (const std::size_t place : places) {
      text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", place + 1, tasks[place]);
    }
    return text;
  };
  if (!same.held.empty()) {
    sentences.push_back("held until it could run: " + letters_text(same.held));
  }
  if (!same.dropped.empty()) {
    sentences.push_back("dropped, nothing being left to run: " + letters_text(same.dropped));
  }
  const auto after = std::count_if(same.letters.begin(), same.letters.end(),
                                   [](const auto& letter) { return !letter; });
  if (after > 0) {
    sentences.push_back(fmt::format("{} after the word, in letter order",
                                    counted(static_cast<std::uint64_t>(after), "step")));
  }
  for (const auto& fault : same.faults) {
    const std::string what =
        fmt::format("the {} of step {}",
                    fault_descriptions()[static_cast<std::size_t>(kind_of(fault.fault))].name,
                    fault.letter + 1);
    if (fault.dropped()) {
      sentences.push_back(what + " found no place and was dropped");
    } else if (fault.moved()) {
      sentences.push_back(fmt::format("{} moved to its attempt's {} statement", what,
                                      ordinal(*fault.statement_here + 1)));
    }
  }
  return sentences;
}

}  // namespace racelab
