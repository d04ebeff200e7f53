// What is said of an isolation spec.
#pragma once

#include <string>

#include "sim/explore/spec_explore.h"
#include "sim/report/page.h"
#include "sim/scenario/verdict.h"

namespace racelab {

struct SpecReport {
  const IsolationSpec* spec = nullptr;
  std::string on;    // whose sessions they were: SpecServer::name()
  std::string note;  // of the server; empty: nothing
  SpecExploration exploration;
  std::string stopped_by;  // "interrupt", "seconds-max"; empty: nothing did
  std::string again;       // the command that shows it in the tester's format

  [[nodiscard]] Verdict verdict() const;
  /// Whether there is a rule to judge by: each session is one transaction.
  [[nodiscard]] bool judged() const { return exploration.why_not_judged.empty(); }
};

/// "r1 w1 c1".
std::string permutation_text(const IsolationSpec& spec,
                             const IsolationSpec::Permutation& permutation);

/// The verdict, what was run, how it ends, what could not be run and why.
Page spec_page(const SpecReport& report);

/// The same as JSON, in one object with the schema "racelab.spec/1".
std::string spec_json(const SpecReport& report);

/// In the format of PostgreSQL's isolation tester: what it begins with, and one permutation.
std::string isolation_head(const IsolationSpec& spec);
std::string isolation_run_text(const IsolationSpec& spec, const SpecRun& run,
                               const std::string& why_not);
/// A table as libpq's PQprint aligns it, with its last empty line.
std::string aligned_table(const SpecAnswer::Table& table);

}  // namespace racelab
