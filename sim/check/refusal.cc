// What a circle is called when one of its reads is a refusal.
#include "sim/check/refusal.h"

#include <algorithm>

namespace racelab {

bool is_refusal(const DependencyEdge& edge, const std::vector<ScriptOperation>& operations) {
  return edge.kind == DependencyEdge::Kind::reads && edge.after < operations.size() &&
         operations[edge.after].reply.error == sql::state::unique_violation;
}

void name_refusals(const std::vector<ScriptOperation>& operations, Circle& circle) {
  const bool refused = std::any_of(
      circle.dependencies.begin(), circle.dependencies.end(),
      [&operations](const DependencyEdge& edge) { return is_refusal(edge, operations); });
  if (refused && circle.name == "read skew") {
    circle.name = "false refusal";
  }
}

}  // namespace racelab
