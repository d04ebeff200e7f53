// A spec file of PostgreSQL's isolation tester, as data: sessions, their steps, and in which orders the steps are sent.
// (The format: src/test/isolation/README in PostgreSQL's source.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace racelab {

struct IsolationSpec {
  /// What stands between braces: one or several statements, sent as one message.
  struct Block {
    std::string sql;         // as it is printed: no blanks around it but line feeds
    std::size_t offset = 0;  // in the file
    std::size_t number = 0;  // among the blocks of the file
  };
  struct Step {
    std::string name;
    std::size_t session = 0;
    Block block;
  };
  struct Session {
    std::string name;
    std::optional<Block> setup;
    std::optional<Block> teardown;
    std::vector<std::size_t> steps;  // in their order
  };
  /// When a step may be reported as completed: not before this.
  struct Blocker {
    enum class Kind : std::uint8_t {
      once,     // (*): it has been reported as waiting
      step,     // another step has been reported as completed
      notices,  // another step's session has sent so many notices
    };
    Kind kind = Kind::once;
    std::size_t step = 0;
    std::uint32_t notices = 0;
  };
  struct Sent {
    std::size_t step = 0;
    std::vector<Blocker> blockers;
  };
  using Permutation = std::vector<Sent>;

  std::string file;
  std::string text;           // the whole file
  std::vector<Block> setups;  // of the database
  std::optional<Block> teardown;
  std::vector<Session> sessions;
  std::vector<Step> steps;                // of all sessions, in the file's order
  std::vector<Permutation> permutations;  // that the file lists; none: all there are
  std::size_t blocks = 0;
};

/// Calls `visit` with every block of a spec.
template <class Visit>
void each_block(const IsolationSpec& spec, Visit visit) {
  const auto perhaps = [&visit](const std::optional<IsolationSpec::Block>& block) {
    if (block) {
      visit(*block);
    }
  };
  for (const IsolationSpec::Block& block : spec.setups) {
    visit(block);
  }
  perhaps(spec.teardown);
  for (const IsolationSpec::Session& session : spec.sessions) {
    perhaps(session.setup);
    for (const std::size_t step : session.steps) {
      visit(spec.steps[step].block);
    }
    perhaps(session.teardown);
  }
}

}  // namespace racelab
