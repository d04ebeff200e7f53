// One order as a sequence diagram: clients, the rows they fight over, every message between them, every fault where it
// strikes, the chance of a violation beside each step.
//
// First as data, which knows nothing of columns; then for a terminal, or as a mermaid sequenceDiagram.
#pragma once

#include <string>
#include <vector>

#include "sim/report/page.h"
#include "sim/report/report.h"

namespace racelab {

/// Who is who among the deliveries of a run: "A" for the first of an operation, "A'" for the next; "A2" for a client's second
/// operation when the clients have several.
class DeliveryNames {
 public:
  explicit DeliveryNames(const ExperimentRun& report);

  /// 0 for an operation's first delivery, and so on.
  [[nodiscard]] std::size_t place(const TraceEvent& event) const;
  [[nodiscard]] std::string name(const TraceEvent& event) const;

 private:
  struct Delivery {
    OperationName operation;
    std::uint16_t attempt;
    std::uint8_t copy;
  };
  const Settings& settings_;
  std::vector<Delivery> deliveries_;  // in the order in which they were sent
};

Sequence sequence_of(const OrderReport& report);

/// At most 80 columns.
std::string sequence_text(const Sequence& sequence, const TextStyle& style);

/// The lines of a mermaid sequenceDiagram, without its first.
std::string sequence_mermaid(const Sequence& sequence);

/// A text that mermaid takes as it is.
std::string mermaid_escaped(std::string_view text);

/// "50 %", "0.1 %"; never rounded to certainty: ">99.9 %".
std::string chance_text(double chance);

}  // namespace racelab
