// Orders as words that can be read, typed and sent: a letter for each step, A for the first client.
//
//   A     A's oldest live attempt issues its next statement          A2    its second live attempt does
//   Aq    its request is lost                 Ad    … delivered twice
//   Ac    its handler crashes before it       Ab    its session is lost before it    Aa    … after it
//   Ar    the reply is lost (r3: the first and the second of the replies that the step sends)
//   As    its client waits no longer; the statement is still to come
//   Aw2   where several wait for a row that has changed, the second of them has it (w12: the first, then the second)
//   Ax    the store ends it, one of a circle that waits for itself
//   At    its wait for a lock ends            Ae    the store notices that its session is dead
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/walker.h"
#include "sim/kernel/choice.h"

namespace racelab {

/// Clients that a letter can name.
constexpr std::uint32_t letters = 26;

/// A client's letter with the number of its handler and the faults that strike its step.
struct FaultyLetter {
  std::uint32_t client = 0;
  std::uint32_t ordinal = 0;
  Fault request_fault = Fault::none;
  Fault statement_fault = Fault::none;
  std::uint32_t replies_lost = 0;   // a bit each
  std::uint32_t replies_reset = 0;  // among these
};
std::string letter_with_faults(const FaultyLetter& letter);
/// Where the store is free; nothing, if each is the first.
std::string word_of_ways(const std::vector<std::uint8_t>& ways);

std::string word_of(const Move& move);
std::string word_of(const std::vector<Move>& moves);

/// Follows a word from where the model stands. The problem, when there is one, is a sentence: at which letter, and why.
struct Followed {
  std::vector<Move> moves;
  std::string problem;
  bool ended = false;  // nothing can happen after the word
};
Followed follow(Model& model, std::string_view word);

/// The same order for Replay.
Order order_of(const std::vector<Move>& moves);

}  // namespace racelab
