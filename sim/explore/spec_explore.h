// Every permutation of an isolation spec, or those that it lists, and how they end.
//
// Where each session is one transaction, an ending is right if the sessions that met no error, one after another in some order, end with
// the same contents and give the same answers: what SERIALIZABLE promises, asked of any level.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/spec_run.h"

namespace racelab {

/// Executions that end alike.
struct SpecOutcome {
  SpecServer::Contents contents;
  std::vector<std::string> errors;  // by session: SQLSTATEs, a blank between them
  std::optional<bool> right;        // nothing: it is not judged
  std::uint64_t orders = 0;
  IsolationSpec::Permutation example;  // the first of them
};

struct SpecNotRun {
  std::string why;
  std::uint64_t permutations = 0;
};

struct SpecExploration {
  std::uint64_t permutations = 0;  // that were looked at
  bool complete = true;            // all of them were
  std::uint64_t ran = 0;           // permutations that came to their end
  std::uint64_t orders = 0;        // executions that did: a permutation may go several ways
  std::uint64_t orders_wrong = 0;
  std::uint64_t impossible = 0;
  IsolationSpec::Permutation impossible_example;
  std::string impossible_why;
  std::vector<SpecNotRun> not_run;    // most first
  std::vector<SpecOutcome> outcomes;  // most first
  std::string why_not_judged;         // empty: they are
};

struct SpecExploreOptions {
  std::uint64_t permutations_max = 20'000;
  bool every_way = true;  // not only the first, where the server is free
  /// Why a permutation cannot be run at all; empty: it can.
  std::function<std::string(const IsolationSpec::Permutation&)> why_not;
  /// By session: whether it is one transaction.
  std::vector<bool> one_transaction;
  /// Called with every execution, and with why_not of those that were none.
  std::function<void(const SpecRun&, const std::string& why_not)> visit;
  /// Asked before every permutation, with how many there were; false: stop.
  std::function<bool(std::uint64_t done)> go_on;
};

/// Calls `visit` with every interleaving of the sessions' steps, until it answers false.
void each_permutation(const IsolationSpec& spec,
                      const std::function<bool(const IsolationSpec::Permutation&)>& visit);

SpecExploration explore_spec(const IsolationSpec& spec, SpecServer& server,
                             const SpecExploreOptions& options);

}  // namespace racelab
