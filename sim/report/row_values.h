// The rows' values as events go by: committed, or in flight; and the harm that an event does to them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/report.h"

namespace racelab {

class RowValues {
 public:
  /// As at the start. The report must outlive this.
  explicit RowValues(const ExperimentRun& report);

  void follow(const TraceEvent& event);

  /// Of each row its name, and its value, in brackets while not committed; nothing when there are too many rows to show.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::vector<std::string> cells() const;

  /// "n = 1", "(n = 1)" while not committed.
  [[nodiscard]] std::string equation(std::size_t row) const;
  [[nodiscard]] std::size_t rows() const { return committed_.size(); }

 private:
  struct InFlight {
    ExecutionId execution;
    std::int64_t value;
  };
  void settle(ExecutionId execution, bool commit);

  const ExperimentRun& report_;
  std::vector<std::int64_t> committed_;
  std::vector<std::optional<InFlight>> in_flight_;
  std::map<ExecutionId, bool> open_;
};

/// The harm that a written version does: whose update it overwrites, whose it does once more; empty when it does none.
std::string harm_of(const TraceEvent& event, const ExperimentRun& report);

}  // namespace racelab
