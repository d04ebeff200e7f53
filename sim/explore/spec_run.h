// One permutation of an isolation spec, sent step by step as PostgreSQL's isolation tester does: a step is sent when the one before it
// is done or waits, and its own session has answered; markers hold back what is reported, and nothing else.
#pragma once

#include <string>
#include <vector>

#include "sim/explore/spec_server.h"

namespace racelab {

struct SpecEvent {
  enum class Kind : std::uint8_t {
    setup,      // a setup or teardown answered a table
    notice,     // of a session
    done,       // a step, at once
    waiting,    // a step
    completed,  // a step that was waiting
    stopped,    // the permutation cannot go on; the last event
  };
  Kind kind = Kind::done;
  std::size_t step = 0;     // done, waiting, completed
  std::size_t session = 0;  // notice
  SpecAnswer answer;        // setup, done, completed
  std::string line;         // notice, stopped: a sentence
};

struct SpecRun {
  IsolationSpec::Permutation permutation;
  enum class End : std::uint8_t {
    whole,
    impossible,  // a step should be sent while its session waits, and nothing lets it go on
    failed,      // a setup
  };
  End end = End::whole;
  std::vector<SpecEvent> events;
  SpecServer::Contents contents;  // before the spec's teardown; empty: it did not come to its end

  /// Of each session: what its steps answered, step by step.
  [[nodiscard]] std::vector<std::vector<SpecAnswer>> answers(const IsolationSpec& spec) const;
};

SpecRun run_spec(const IsolationSpec& spec, const IsolationSpec::Permutation& permutation,
                 SpecServer& server);

}  // namespace racelab
