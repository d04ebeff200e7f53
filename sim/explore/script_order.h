// One order of endpoints in SQL: walked by its word, drawn with all that a report tells of it.
//
// A word has a letter for each step, as those of schedule.h, and besides:
//   Ax    the server ends A's statement in a deadlock          ~     time passes
//   Aw2   where the server is free, the second of the ways (w12: the first, then the second)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/check/dependencies.h"
#include "sim/explore/graph.h"
#include "sim/explore/one_at_a_time.h"
#include "sim/explore/real_server.h"
#include "sim/explore/script_model.h"
#include "sim/explore/walker.h"

namespace racelab {

using ScriptGraph = GraphOf<ScriptModel>;
using ScriptMove = MoveOf<ScriptModel>;
using ScriptWalker = WalkerOf<ScriptModel>;

/// The move that a step would be, as the model stands.
ScriptMove move_of(const ScriptModel& model, const ScriptStep& step);

std::string word_of(const ScriptMove& move);
std::string word_of(const std::vector<ScriptMove>& moves);

/// "ABr~" into "A", "Br", "~".
std::vector<std::string> letters_of_word(const std::string& word);

/// An order, step by step, for whoever draws it.
struct ScriptOrder {
  struct Taken {
    ScriptMove move;
    std::vector<ScriptModel::Happened> happened;
    double chance = 0;  // of a violation from there on
  };
  std::vector<std::uint32_t> issued;  // operations of each client
  std::uint32_t clients = 0;          // that issue something
  std::uint32_t operations = 0;
  std::uint32_t faults = 0;
  std::uint32_t switches = 0;
  bool chances_known = false;
  double chance = 0;  // at the start
  std::vector<Taken> steps;
  ScriptOutcome outcome;
  Circle circle;  // of what depended on what, by steps; no name: there is none
  std::vector<std::size_t> done_twice;  // operations of which several executions were committed

  [[nodiscard]] std::string word() const;
  [[nodiscard]] std::vector<ScriptMove> moves() const;
};

/// How many operations each client issues when all of them do.
std::vector<std::uint32_t> all_issued(const ScriptSetup& setup);

/// The moves run from the start, and told. With a graph that was begun there, and has labels, the chances are known.
ScriptOrder drawn_order(const ScriptSetup& setup, OneAtATime& rule,
                        const std::vector<std::uint32_t>& issued,
                        const std::vector<ScriptMove>& moves, const ScriptGraph* graph = nullptr);

/// The same on a server, without chances and without what depended on what.
ScriptOrder drawn_order_on(const ScriptSetup& setup, OneAtATime& rule, RealServer& server,
                           const std::vector<ScriptMove>& moves);

/// The same, with its chances where the graph stays within the limits.
ScriptOrder drawn_with_chances(const ScriptSetup& setup, OneAtATime& rule,
                               const std::vector<std::uint32_t>& issued,
                               const std::vector<ScriptMove>& moves, const Limits& limits);

/// A word, followed from the start.
struct FollowedScript {
  std::vector<ScriptMove> moves;
  bool ended = false;   // nothing can happen after the word
  std::string problem;  // a sentence: at which letter, and what could come there
};
/// What a word leaves unfinished stays so, or runs to its end: client by client, without faults.
enum class Behind : std::uint8_t { nothing, the_rest };
FollowedScript follow(const ScriptSetup& setup, OneAtATime& rule,
                      const std::vector<std::uint32_t>& issued, const std::string& word,
                      Behind behind);

}  // namespace racelab
